//! The XDV: each page points to the one before it, and the end to the last.

use quire_xdv::Index;

/// Where a page points to the one before it.
const POINTER: std::ops::Range<usize> = 41..45;
const POST: u8 = 248;
const POST_POST: u8 = 249;
const FILLING: u8 = 223;

/// `begun` to the end of its last page, which begins at `last_page`; behind it what `earlier` has behind so many
/// pages.
pub(super) fn joined(
    begun: &[u8],
    last_page: usize,
    earlier: &[u8],
    pages: usize,
) -> Option<Vec<u8>> {
    let index = Index::read(earlier).ok().filter(|index| index.is_complete)?;
    let last = index.pages.last()?;
    if index.pages.len() < pages
        || index.pages.windows(2).any(|pair| pair[0].range.end != pair[1].range.start)
    {
        return None;
    }
    let mut xdv = begun.to_vec();
    let mut before = u32::try_from(last_page).ok()?;
    for page in &index.pages[pages..] {
        let at = xdv.len();
        xdv.extend(earlier.get(page.range.clone())?);
        xdv.get_mut(at..)?.get_mut(POINTER)?.copy_from_slice(&before.to_be_bytes());
        before = u32::try_from(at).ok()?;
    }
    let end = earlier.get(last.range.end..)?;
    let filling = end.iter().rev().take_while(|byte| **byte == FILLING).count();
    // `post`, the last page, what fonts there are; `post_post`, `post`, the format.
    let (settings, format) = end.get(5..)?.split_at_checked(end.len() - filling - 11)?;
    if end[0] != POST || format[0] != POST_POST {
        return None;
    }
    let post = u32::try_from(xdv.len()).ok()?;
    xdv.push(POST);
    xdv.extend(before.to_be_bytes());
    xdv.extend(settings);
    xdv.push(POST_POST);
    xdv.extend(post.to_be_bytes());
    xdv.push(format[5]);
    xdv.resize((xdv.len() + 4).next_multiple_of(4), FILLING);
    Some(xdv)
}
