//! What pages refer to: places in the document by their names, and files of pictures. A page alone does not have the
//! places that its links lead to; their names can be left in it, for somebody who has all pages.

use crate::{
    Sp,
    command::{Command, Commands},
    movement::PlacedCommands,
};
use std::ops::Range;

/// A place in a document that has a name, for links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPlace {
    /// As the document writes it.
    pub name: Vec<u8>,
    /// Counted from nought.
    pub page: usize,
    /// Downwards from one inch below the upper edge of the paper; none when all of the page is meant.
    pub v: Option<Sp>,
}

/// The string `(…)` that bytes begin with, without its brackets.
fn string(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(b"(")?;
    let (mut open, mut is_escaped) = (1, false);
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return rest.get(..at);
        }
    }
    None
}

/// The file of the picture that a special places.
pub(crate) fn picture(special: &[u8]) -> Option<&[u8]> {
    let rest = special.trim_ascii_start().strip_prefix(b"pdf:")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"image").or_else(|| rest.strip_prefix(b"epdf"))?;
    if !rest.first()?.is_ascii_whitespace() {
        return None;
    }
    string(rest.get(rest.iter().position(|byte| *byte == b'(')?..)?)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// `/S/GoTo/D(name)` in a special: where it stands, and the name.
fn go_to(special: &[u8]) -> Option<(Range<usize>, &[u8])> {
    let at = find(special, b"/GoTo")?;
    let rest = special.get(at + b"/GoTo".len()..)?.trim_ascii_start();
    let rest = rest.strip_prefix(b"/D")?.trim_ascii_start();
    let name = string(rest)?;
    let end = special.len() - rest.len() + name.len() + 2;
    let before = special.get(..at)?.trim_ascii_end();
    let start = before.strip_suffix(b"/S")?.len();
    Some((start..end, name))
}

/// Whether a special is a link to a place with a name.
pub(crate) fn is_link(special: &[u8]) -> bool {
    special.trim_ascii_start().starts_with(b"pdf:") && go_to(special).is_some()
}

/// The command of such a special, with an address of `scheme` in place of the name.
pub(crate) fn with_address(command: &[u8], scheme: &str) -> Option<Vec<u8>> {
    let Ok(Some(Command::Special(special))) = Commands::new(command, 0).next() else { return None };
    let (range, name) = go_to(special)?;
    let text = [
        special.get(..range.start)?,
        b"/S/URI/URI(",
        scheme.as_bytes(),
        b":",
        name,
        b")",
        special.get(range.end..)?,
    ]
    .concat();
    let length = u32::try_from(text.len()).ok()?;
    Some([&[242], &length.to_be_bytes()[..], &text].concat())
}

/// The name of the place that a special makes, and whether that is at its own height on the page.
fn destination(special: &[u8]) -> Option<(&[u8], bool)> {
    let rest = special.trim_ascii_start().strip_prefix(b"pdf:")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"dest")?.trim_ascii_start();
    let name = string(rest)?;
    Some((name, find(rest, b"@ypos").is_some()))
}

/// The places of a page that can be read.
pub(crate) fn places(bytes: &[u8], page: usize) -> Vec<NamedPlace> {
    let placed = PlacedCommands::of(bytes).filter_map(|(v, command)| {
        let Command::Special(special) = command else { return None };
        let (name, has_height) = destination(special)?;
        Some(NamedPlace { name: name.to_vec(), page, v: has_height.then_some(v) })
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use super::{NamedPlace, picture, places, with_address};
    use crate::Sp;

    fn special(text: &str) -> Vec<u8> {
        [&[239, text.len() as u8], text.as_bytes()].concat()
    }

    #[test]
    fn a_link_keeps_the_name_of_its_place_as_an_address() {
        let named = |text: &str| {
            let command = with_address(&special(text), "here")?;
            String::from_utf8(command[5..].to_vec()).ok()
        };
        assert_eq!(
            named("pdf:bann<</Type/Annot/A<</S/GoTo/D(section.1)>>/C[1 0 0]>>").unwrap(),
            "pdf:bann<</Type/Annot/A<</S/URI/URI(here:section.1)>>/C[1 0 0]>>"
        );
        assert_eq!(
            named("/A << /S /GoTo /D (a\\)(b) ) >>").unwrap(),
            "/A << /S/URI/URI(here:a\\)(b) ) >>"
        );
        for other in
            ["pdf:bann<</A<</S/URI/URI(x)>>>>", "/S/GoTo/D[1 /Fit]", "/S/GoTo/D(a", "/GoTo"]
        {
            assert_eq!(named(other), None, "{other}");
        }
    }

    #[test]
    fn a_picture_is_known_by_its_file() {
        let file = |text: &'static str| picture(text.as_bytes());
        let placed = "pdf:image matrix 1 0 0 1 0 0 page 1 pagebox cropbox (a (1).pdf)";
        assert_eq!(file(placed), Some(&b"a (1).pdf"[..]));
        assert_eq!(file("pdf: epdf @a (b.pdf)"), Some(&b"b.pdf"[..]));
        assert_eq!((file("pdf:imagination (b)"), file("color push (b)")), (None, None));
    }

    #[test]
    fn places_are_where_their_special_stands() {
        let mut page = vec![141, 159, 1, 0, 0];
        page.extend(special("pdf:dest (one) [@thispage /XYZ @xpos @ypos null]"));
        page.extend([142]);
        page.extend(special("pdf: dest (Doc-Start) [@thispage /Fit]"));
        let place = |name: &str, v| NamedPlace { name: name.into(), page: 3, v };
        assert_eq!(places(&page, 3), [place("one", Some(Sp(1 << 16))), place("Doc-Start", None)]);
    }
}
