//! The SyncTeX file: before and behind each page it tells how many bytes there were since it last did so, and at its
//! end how many records there are.

use memchr::{memchr, memchr_iter, memmem};

/// `begun`, which ends with so many pages, and behind it what `earlier` has behind them.
pub(super) fn joined(begun: &[u8], earlier: &[u8], pages: usize) -> Option<Vec<u8>> {
    let end = format!("\n}}{pages}\n");
    let end = end.as_bytes();
    let split = memmem::find(earlier, end)? + end.len();
    let (before, behind) = earlier.split_at(split);
    // A file that was opened between two pages: before or behind the state?
    if !begun.ends_with(end) || behind.first() != Some(&b'!') {
        return None;
    }
    if inputs(begun) != inputs(before) {
        return None;
    }
    let records = records(begun) - records(before);
    let mut change = since_anchor(begun)? - since_anchor(before)?;
    let mut whole = begun.to_vec();
    whole.reserve(behind.len() + 32);
    let last = memmem::rfind(behind, b"\nPostamble:\n")? + 1;
    let mut at = 0;
    // Once they tell the same again, they go on doing so.
    while change != 0
        && let Some(anchor) = next_anchor(behind, at).filter(|anchor| *anchor < last)
    {
        whole.extend(&behind[at..anchor]);
        (at, change) = tell(&mut whole, behind, anchor, "!", change)?;
    }
    whole.extend(&behind[at..last]);
    let count = last + memmem::find(&behind[last..], b"\nCount:")? + 1;
    whole.extend(&behind[last..count]);
    let (at, longer) = tell(&mut whole, behind, count, "Count:", records)?;
    let anchor = next_anchor(behind, at)?;
    whole.extend(&behind[at..anchor]);
    let (at, _) = tell(&mut whole, behind, anchor, "!", change + longer)?;
    whole.extend(&behind[at..]);
    Some(whole)
}

/// Write the line that begins at an offset, of a word and a number, with a number that is so much more. Answers with
/// where it ends, and how much longer it is.
fn tell(out: &mut Vec<u8>, text: &[u8], at: usize, word: &str, more: i64) -> Option<(usize, i64)> {
    let end = at + memchr(b'\n', &text[at..])?;
    let number = std::str::from_utf8(text[at..end].strip_prefix(word.as_bytes())?).ok()?;
    let told = format!("{word}{}\n", number.parse::<i64>().ok()? + more);
    out.extend(told.as_bytes());
    Some((end + 1, told.len() as i64 - (end + 1 - at) as i64))
}

/// The next line from here on, which is the start of one, that begins with `!`.
fn next_anchor(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) == Some(&b'!') {
        return Some(at);
    }
    Some(at + memmem::find(text.get(at..)?, b"\n!")? + 1)
}

/// Bytes from the last anchor on.
fn since_anchor(text: &[u8]) -> Option<i64> {
    Some((text.len() - memmem::rfind(text, b"\n!")? - 1) as i64)
}

/// How many files were opened.
fn inputs(text: &[u8]) -> usize {
    memmem::find_iter(text, b"\nInput:").count()
}

/// Lines that are counted, and a few that are the same in every file. The engine forgets to count the ends of vertical
/// boxes.
fn records(text: &[u8]) -> i64 {
    let lines = memchr_iter(b'\n', text).count();
    let of_kind = |kind: &[u8]| memmem::find_iter(text, kind).count();
    (lines - inputs(text) - of_kind(b"\nx") - of_kind(b"\n]")) as i64
}

#[cfg(test)]
mod tests {
    use super::joined;

    /// As the engine writes it: records of each page, and how many bytes there were.
    fn file(pages: &[&[&str]], is_whole: bool) -> String {
        let mut text = "SyncTeX Version:1\nInput:1:main.tex\n".to_owned();
        let (mut since, mut records) = (text.len(), 0);
        let mut out = |line: String, since: &mut usize| {
            *since += line.len();
            text.push_str(&line);
        };
        out("Input:2:a.sty\nOutput:pdf\nContent:\n".to_owned(), &mut since);
        let anchor = |out: &mut dyn FnMut(String, &mut usize), since: &mut usize| {
            let line = format!("!{since}\n");
            *since = 0;
            out(line, since);
        };
        for (number, page) in pages.iter().enumerate() {
            anchor(&mut out, &mut since);
            out(format!("{{{}\n", number + 1), &mut since);
            page.iter().for_each(|record| out(format!("{record}\n"), &mut since));
            anchor(&mut out, &mut since);
            out(format!("}}{}\n", number + 1), &mut since);
            let ends = page.iter().filter(|record| record.starts_with([']', 'x'])).count();
            records += 4 + page.len() - ends;
        }
        if is_whole {
            anchor(&mut out, &mut since);
            out(format!("Postamble:\nCount:{}\n", records + 1), &mut since);
            anchor(&mut out, &mut since);
            out("Post scriptum:\n".to_owned(), &mut since);
        }
        text
    }

    #[test]
    fn what_was_counted_is_counted_anew() {
        let long = ["h1,23:4736286,4736286:0,0,0"; 40];
        let short = ["k1,2:3,4:5", "[1,2:3,4:5,6,7", "x1,2:3,4", "]"];
        let rest = ["g1,99:1,2"; 3];
        let (old, new): ([&[&str]; 4], [&[&str]; 4]) =
            ([&short, &short, &rest, &rest], [&short, &long, &rest, &rest]);
        for (old, new) in [(old, new), (new, old)] {
            let begun = file(&new[..2], false);
            let whole = joined(begun.as_bytes(), file(&old, true).as_bytes(), 2).unwrap();
            assert_eq!(String::from_utf8(whole).unwrap(), file(&new, true));
        }
    }
}
