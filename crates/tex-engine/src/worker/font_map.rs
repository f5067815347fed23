//! The part of `pdftex.map` that one document needs. xdvipdfmx reads the whole map, tens of
//! thousands of lines, before its first page: 80 ms of every conversion, for a handful of fonts.

use std::{collections::HashSet, ops::Range};

/// Fonts nested deeper than this in virtual fonts are a loop.
const DEPTH_LIMIT: usize = 8;

/// Where the lines of a font map are, by what they begin with: a worker that converts page after page reads the
/// map once.
pub(super) struct Index {
    /// By name; lines of one name in the order of the map.
    lines: Vec<Range<usize>>,
    /// `@` marks a family of subfonts, whose names are not in the map.
    families: Vec<Range<usize>>,
}

fn name_of(line: &[u8]) -> &[u8] {
    line.split(u8::is_ascii_whitespace).next().unwrap_or_default()
}

impl Index {
    pub(super) fn of(map: &[u8]) -> Self {
        let mut start = 0;
        let lines = map.split_inclusive(|&b| b == b'\n').map(|line| {
            let at = start..start + line.len();
            start = at.end;
            at
        });
        let (families, mut lines): (Vec<_>, Vec<_>) =
            lines.partition(|at| name_of(&map[at.clone()]).contains(&b'@'));
        lines.sort_by_key(|at| (name_of(&map[at.clone()]), at.start));
        Self { lines, families }
    }

    /// The lines of these fonts and those of all families, in the order of the map that this is the index of.
    pub(super) fn lines_of(&self, map: &[u8], wanted: &HashSet<String>) -> Vec<u8> {
        let name = |at: &Range<usize>| name_of(map.get(at.clone()).unwrap_or_default());
        let mut found = self.families.clone();
        for wanted in wanted {
            let first = self.lines.partition_point(|at| name(at) < wanted.as_bytes());
            let same = self.lines[first..].iter().take_while(|at| name(at) == wanted.as_bytes());
            found.extend(same.cloned());
        }
        found.sort_by_key(|at| at.start);
        found.iter().flat_map(|at| map.get(at.clone()).unwrap_or_default()).copied().collect()
    }
}

/// The TFM fonts of an XDV file, their virtual fonts' parts included. `None` when they cannot be known from
/// the XDV alone: PostScript figures bring fonts of their own.
pub(super) fn fonts_of(
    xdv: &[u8],
    virtual_font: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Option<HashSet<String>> {
    let figures: [&[u8]; 4] = [b"PSfile", b"psfile", b".mps", b".eps"];
    if figures.iter().any(|needle| contains(xdv, needle)) {
        return None;
    }
    let mut wanted = HashSet::new();
    let mut waiting: Vec<(String, usize)> =
        xdv_fonts(xdv)?.into_iter().map(|name| (name, 0)).collect();
    while let Some((name, depth)) = waiting.pop() {
        if depth < DEPTH_LIMIT
            && !wanted.contains(&name)
            && let Some(bytes) = virtual_font(&format!("{name}.vf"))
        {
            waiting.extend(virtual_fonts_parts(&bytes)?.into_iter().map(|part| (part, depth + 1)));
        }
        wanted.insert(name);
    }
    Some(wanted)
}

/// Whether these lines name fonts whose glyphs xdvipdfmx finds by the lists of glyph names: TrueType and OpenType
/// under an encoding of TeX.
pub(super) fn has_outlines_by_name(lines: &[u8]) -> bool {
    let lines = lines.to_ascii_lowercase();
    [&b".ttf"[..], b".ttc", b".otf"].iter().any(|ending| contains(&lines, ending))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

/// Reads big-endian numbers and never past the end.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |n, &byte| n << 8 | usize::from(byte)))
    }

    /// The name in a font definition whose opcode (243 to 246) has been read.
    fn tfm_name(&mut self, opcode: u8) -> Option<String> {
        self.take(usize::from(opcode - 242) + 12)?;
        let length = self.number(1)? + self.number(1)?;
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }
}

/// Names of the TFM fonts in the postamble of an XDV file.
fn xdv_fonts(xdv: &[u8]) -> Option<Vec<String>> {
    let trailer = xdv.iter().rposition(|&b| b != 223)?;
    let pointer = Cursor(xdv.get(trailer.checked_sub(4)?..)?).number(4)?;
    let mut cursor = Cursor(xdv.get(pointer..)?);
    if cursor.number(1)? != 248 {
        return None;
    }
    cursor.take(28)?;
    let mut names = Vec::new();
    loop {
        match u8::try_from(cursor.number(1)?).ok()? {
            opcode @ 243..=246 => names.push(cursor.tfm_name(opcode)?),
            252 => {
                cursor.take(8)?;
                let flags = cursor.number(2)?;
                let length = cursor.number(1)?;
                // Vertical writing (0x100) has no data; colour, extend, slant and embolden do.
                let options = [0x200, 0x1000, 0x2000, 0x4000];
                let extra = options.iter().filter(|&&bit| flags & bit != 0).count() * 4;
                cursor.take(length + 4 + extra)?;
            }
            249 => return Some(names),
            _ => return None,
        }
    }
}

/// Names of the fonts that a virtual font is made of.
fn virtual_fonts_parts(vf: &[u8]) -> Option<Vec<String>> {
    let mut cursor = Cursor(vf);
    if cursor.take(2)? != [247, 202] {
        return None;
    }
    let comment = cursor.number(1)?;
    cursor.take(comment + 8)?;
    let mut names = Vec::new();
    loop {
        match u8::try_from(cursor.number(1)?).ok()? {
            opcode @ 243..=246 => names.push(cursor.tfm_name(opcode)?),
            _ => return Some(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(name: &str) -> Vec<u8> {
        let mut bytes = vec![243, 1];
        bytes.extend([0; 12]);
        bytes.extend([0, u8::try_from(name.len()).unwrap()]);
        bytes.extend(name.as_bytes());
        bytes
    }

    fn xdv(fonts: &[&str]) -> Vec<u8> {
        let mut bytes = vec![247, 7];
        let post = u32::try_from(bytes.len()).unwrap();
        bytes.push(248);
        bytes.extend([0; 28]);
        fonts.iter().for_each(|name| bytes.extend(definition(name)));
        bytes.push(249);
        bytes.extend(post.to_be_bytes());
        bytes.push(7);
        bytes.extend([223; 4]);
        bytes
    }

    #[test]
    fn keeps_the_lines_of_used_and_virtual_fonts() {
        let map =
            b"cmr10 CMR10 <cmr10.pfb\ncmr12 CMR12 <cmr12.pfb\nptmr8r Times <utmr8a.pfb\nx@U@ y\n";
        let vf =
            [vec![247, 202, 0, 0, 0, 0, 0, 0, 0, 0, 0], definition("ptmr8r"), vec![248]].concat();
        let mut find = |name: &str| (name == "ptmr8t.vf").then(|| vf.clone());
        let fonts = fonts_of(&xdv(&["cmr10", "ptmr8t"]), &mut find).unwrap();
        let text = String::from_utf8(Index::of(map).lines_of(map, &fonts)).unwrap();
        assert_eq!(text, "cmr10 CMR10 <cmr10.pfb\nptmr8r Times <utmr8a.pfb\nx@U@ y\n");
    }

    #[test]
    fn lines_of_one_font_stay_in_the_order_of_the_map() {
        let map = b"b 1\nx@U@ y\na 2\nb 3\n\nc 4\na 5";
        let wanted = ["a", "b"].map(str::to_owned).into();
        assert_eq!(Index::of(map).lines_of(map, &wanted), b"b 1\nx@U@ y\na 2\nb 3\na 5");
    }

    #[test]
    fn fonts_that_are_asked_for_by_name_are_told() {
        assert!(!has_outlines_by_name(b"cmr10 CMR10 <cmr10.pfb\n"));
        assert!(has_outlines_by_name(b"x X <x.enc <Some.TTF\n"));
    }

    #[test]
    fn gives_up_on_figures_and_damage() {
        let mut none = |_: &str| None;
        let mut with_figure = xdv(&["cmr10"]);
        with_figure.splice(2..2, *b"PSfile=a.eps");
        assert_eq!(fonts_of(&with_figure, &mut none), None);
        let whole = xdv(&["cmr10"]);
        for cut in 0..whole.len() {
            fonts_of(&whole[..cut], &mut none);
        }
    }
}
