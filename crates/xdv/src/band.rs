//! What another version of a page has changed on it, where that is little: the part between two heights, and the page
//! with the glyphs only that can be seen there. To convert and draw that takes a part of the time that all of it takes.

use crate::{
    Sp,
    command::{Command, Commands, GlyphRun},
    movement::{Movement, Registers},
    stream::is_lasting,
};
use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    ops::Range,
};

/// What differs on a page. Heights are places downwards, as those of [`Placed`](crate::Placed).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// From here.
    pub top: Sp,
    /// To here.
    pub bottom: Sp,
    /// The page as a file, of whose glyphs those far from the band are left out.
    pub xdv: Vec<u8>,
    /// A drawing is left out too, which stands elsewhere on the page but may reach anywhere.
    pub lacks_drawing: bool,
}

/// How far glyphs reach above and below their baselines, by the sizes of their fonts; those of mathematical extension
/// fonts hang down.
const REACH: f64 = 1.5;
const REACH_OF_EXTENSIONS: f64 = 3.2;
/// Around what differs: edges are soft.
const MARGIN: Sp = Sp(2 << 16);
/// Specials that draw nothing where they stand.
const MARKS: [&[u8]; 6] = [b"color ", b"dest", b"bann", b"eann", b"src:", b"quire:"];
/// No page is nested as deep.
const MOST_GROUPS: usize = 1 << 20;

/// What differs between two versions of a page, each an XDV file of one page. `None` when nothing does, when it is most
/// of the page, and when there is more to it than text.
pub fn changed_band(before: &[u8], now: &[u8]) -> Option<Band> {
    let (old, new) = (marks(before)?, marks(now)?);
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - start;
    let end = (0..rest).take_while(|n| old[old.len() - 1 - n] == new[new.len() - 1 - n]).count();
    let (gone, come) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let specials = |marks: &[Mark<'_>]| {
        let texts = marks.iter().filter_map(|mark| match mark.what {
            What::Special(text) => Some(text.to_vec()),
            _ => None,
        });
        texts.collect::<Vec<_>>()
    };
    let (lost, got) = (specials(gone), specials(come));
    // What colour the text behind is in must not depend on what has changed.
    if lost != got || !got.iter().all(|text| is_mark(text)) {
        return None;
    }
    let extents = gone.iter().chain(come).filter(|mark| !matches!(mark.what, What::Special(_)));
    let extents =
        extents.map(Mark::extent).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
    let band = extents.start.saturating_sub(MARGIN.0)..extents.end.saturating_add(MARGIN.0);
    let drawings = drawings(&new);
    // Where it stands in a drawing is not where it is seen.
    let is_drawn = start < drawings.end && drawings.start < new.len() - end;
    if is_drawn || is_turned(&new) {
        return None;
    }
    let lacks_drawing = !drawings.is_empty() && is_apart(&new, &drawings, &band);
    let left_out = if lacks_drawing { drawings.clone() } else { 0..0 };
    let is_kept = |index: usize, mark: &Mark<'_>| {
        let extent = mark.extent();
        let is_near = extent.start < band.end && band.start < extent.end;
        match mark.what {
            _ if left_out.contains(&index) => false,
            What::Char(..) | What::Run(_) => is_near || drawings.contains(&index),
            What::Rule(..) => is_near,
            What::Special(text) => draws(text),
        }
    };
    let kept: Vec<bool> =
        new.iter().enumerate().map(|(index, mark)| is_kept(index, mark)).collect();
    if kept.iter().filter(|is_kept| **is_kept).count() * 2 > kept.len() {
        return None;
    }
    let xdv = without_far(now, &kept, &left_out)?;
    Some(Band { top: Sp(band.start), bottom: Sp(band.end), xdv, lacks_drawing })
}

/// Whether a special draws nothing by itself.
fn is_mark(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"pdf:").unwrap_or(text).trim_ascii_start();
    MARKS.iter().any(|word| text.starts_with(word))
}

/// Whether it is of the page or the document, and draws nothing.
fn is_setting(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [b"pdf:pagesize", b"pdf:doc", b"pdf:out", b"pdf:names"];
    is_lasting(text) || WORDS.iter().any(|word| text.starts_with(word))
}

/// Whether the page is shown otherwise than upright and from its corner.
fn is_turned(marks: &[Mark<'_>]) -> bool {
    let is_in = |text: &[u8], word: &[u8]| text.windows(word.len()).any(|part| part == word);
    marks.iter().any(|mark| match mark.what {
        What::Special(text) => is_in(text, b"/Rotate") || is_in(text, b"Box"),
        _ => false,
    })
}

/// Whether a special may draw, or move what is drawn.
fn draws(text: &[u8]) -> bool {
    !is_mark(text) && !is_setting(text)
}

/// Whether what is set right before and behind drawings is on one side of a band.
fn is_apart(marks: &[Mark<'_>], drawings: &Range<usize>, band: &Range<i32>) -> bool {
    let glyph =
        |mark: &Mark<'_>| matches!(mark.what, What::Char(..) | What::Run(_)).then_some(mark.down);
    let above = marks[..drawings.start].iter().rev().find_map(glyph).unwrap_or(i32::MIN);
    let below = marks[drawings.end..].iter().find_map(glyph).unwrap_or(i32::MAX);
    below < band.start || (band.end < above && above <= below)
}

/// From the first special that may draw to behind the last.
fn drawings(marks: &[Mark<'_>]) -> Range<usize> {
    let draws = |mark: &Mark<'_>| match mark.what {
        What::Special(text) => draws(text),
        _ => false,
    };
    match (marks.iter().position(draws), marks.iter().rposition(draws)) {
        (Some(first), Some(last)) => first..last + 1,
        _ => 0..0,
    }
}

/// Something that can be seen, or a special, and where. How far to the right is not known where a TFM font moves there:
/// two are at the same place when the same lengths and glyphs are before them.
#[derive(PartialEq, Eq)]
struct Mark<'a> {
    right: Right,
    down: i32,
    font: Font,
    what: What<'a>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Right {
    lengths: i32,
    glyphs: u64,
}

/// A font by what defines it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Font {
    definition: u64,
    reach: i32,
}

#[derive(PartialEq, Eq)]
enum What<'a> {
    /// A character, and whether it moves.
    Char(u32, bool),
    Run(GlyphRun<'a>),
    /// Its height and width.
    Rule(Sp, Sp),
    Special(&'a [u8]),
}

impl Mark<'_> {
    /// From its upper to its lower edge.
    fn extent(&self) -> Range<i32> {
        let (above, below) = match self.what {
            What::Char(..) | What::Run(_) => (self.font.reach, self.font.reach),
            What::Rule(height, _) => (height.0.max(0), 0),
            What::Special(_) => (0, 0),
        };
        self.down.saturating_sub(above)..self.down.saturating_add(below)
    }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The marks of the only page of a file, as they come. `None` when it cannot be read, or is enlarged.
fn marks(file: &[u8]) -> Option<Vec<Mark<'_>>> {
    let mut commands = Commands::new(file, 0);
    let mut fonts: BTreeMap<u32, Font> = BTreeMap::new();
    let mut font = Font::default();
    let (mut right, mut down, mut registers) = (Right::default(), 0_i32, Registers::default());
    let mut stack = Vec::new();
    let mut marks = Vec::new();
    loop {
        let start = commands.at;
        let command = commands.next().ok()??;
        match registers.movement(&command) {
            Some(Movement::Right(by)) => right.lengths = right.lengths.wrapping_add(by.0),
            Some(Movement::Down(by)) => down = down.wrapping_add(by.0),
            None => {}
        }
        let here = right;
        let what = match command {
            Command::Pre { magnification, .. } if magnification != 1000 => return None,
            Command::Post => return Some(marks),
            Command::Push if stack.len() >= MOST_GROUPS => return None,
            Command::Push => {
                stack.push((right, down, registers));
                continue;
            }
            Command::Pop => {
                (right, down, registers) = stack.pop()?;
                continue;
            }
            Command::Font(number) => {
                font = *fonts.get(&number)?;
                continue;
            }
            Command::DefineFont(number, defined) => {
                let reach = match is_extension(&defined.name) {
                    true => REACH_OF_EXTENSIONS,
                    false => REACH,
                };
                let number_bytes =
                    if defined.is_native { 4 } else { usize::from(file[start] - 242) };
                let definition = hash_of(&&file[start + 1 + number_bytes..commands.at]);
                let reach = (f64::from(defined.size.0) * reach) as i32;
                fonts.insert(number, Font { definition, reach });
                continue;
            }
            Command::Set(code) => {
                right.glyphs = right.glyphs.wrapping_add(hash_of(&(font.definition, code)));
                What::Char(code, true)
            }
            Command::Put(code) => What::Char(code, false),
            Command::Rule { height, width, moves } => {
                right.lengths = right.lengths.wrapping_add(if moves { width.0 } else { 0 });
                What::Rule(height, width)
            }
            Command::Glyphs(run) => {
                right.lengths = right.lengths.wrapping_add(run.width.0);
                What::Run(run)
            }
            Command::Special(text) => What::Special(text),
            _ => continue,
        };
        let font = match what {
            What::Char(..) | What::Run(_) => font,
            What::Rule(..) | What::Special(_) => Font::default(),
        };
        marks.push(Mark { right: here, down, font, what });
    }
}

/// `cmex10` and its like.
fn is_extension(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.contains("ex") && !name.contains("tex")
}

/// The file without the glyphs that are not kept, as far as what is kept stays where it is: a character moves what is
/// behind it in its group by a length that is not known here. What draws is left out between two marks.
fn without_far(file: &[u8], kept: &[bool], left_out: &Range<usize>) -> Option<Vec<u8>> {
    const RIGHT: u8 = 146;
    let places = groups_that_stay(file, kept)?;
    let mut out = Vec::with_capacity(file.len());
    let mut commands = Commands::new(file, 0);
    let (mut font, mut told_font) = (None, None);
    let (mut group, mut stack, mut groups) = (0, Vec::new(), 0);
    let mut kept = kept.iter().enumerate();
    loop {
        let start = commands.at;
        let command = commands.next().ok()??;
        let bytes = &file[start..commands.at];
        match command {
            Command::Post => return with_end(out, &file[start..]),
            Command::Push => {
                stack.push(group);
                groups += 1;
                group = groups;
            }
            Command::Pop => group = stack.pop()?,
            Command::Font(_) => {
                font = Some(bytes);
                continue;
            }
            Command::Set(_) | Command::Put(_) | Command::Glyphs(_) => {
                let is_kept = *kept.next()?.1;
                match command {
                    Command::Glyphs(run) if !is_kept => {
                        out.push(RIGHT);
                        out.extend(run.width.0.to_be_bytes());
                        continue;
                    }
                    Command::Put(_) if !is_kept => continue,
                    Command::Set(_) if !is_kept && !places[group] => continue,
                    _ => {}
                }
                if told_font != font {
                    out.extend(font?);
                    told_font = font;
                }
            }
            Command::Rule { .. } => {
                kept.next()?;
            }
            Command::Special(text) => {
                let (index, _) = kept.next()?;
                if left_out.contains(&index) && draws(text) {
                    continue;
                }
            }
            _ => {}
        }
        out.extend(bytes);
    }
}

/// By groups in the order in which they begin, the page itself first: whether something that is kept stands in it, or in
/// one within it.
fn groups_that_stay(file: &[u8], kept: &[bool]) -> Option<Vec<bool>> {
    let mut commands = Commands::new(file, 0);
    let mut stay = vec![false];
    let mut open = vec![0];
    let mut kept = kept.iter();
    loop {
        match commands.next().ok()?? {
            Command::Post => return Some(stay),
            Command::Push => {
                open.push(stay.len());
                stay.push(false);
            }
            Command::Pop => {
                open.pop();
            }
            Command::Set(_)
            | Command::Put(_)
            | Command::Glyphs(_)
            | Command::Rule { .. }
            | Command::Special(_)
                if *kept.next()? =>
            {
                for group in open.iter().rev() {
                    // Those around it are known then.
                    if std::mem::replace(&mut stay[*group], true) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
}

/// `post` and what is behind it, which says where `post` is.
fn with_end(mut out: Vec<u8>, end: &[u8]) -> Option<Vec<u8>> {
    const FILLING: u8 = 223;
    let post = u32::try_from(out.len()).ok()?;
    let filling = end.iter().rev().take_while(|byte| **byte == FILLING).count();
    let (before, format) = end.split_at_checked(end.len().checked_sub(filling + 5)?)?;
    out.extend(before);
    out.extend(post.to_be_bytes());
    out.push(*format.get(4)?);
    out.resize((out.len() + 4).next_multiple_of(4), FILLING);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{Band, changed_band};
    use crate::{Index, Item, Stream};

    const DOWN: [u8; 5] = [160, 0, 12, 0, 0];

    /// A line of a TFM font, twelve points below the last.
    fn line(text: &str) -> Vec<u8> {
        [&DOWN[..], &[141, 171], text.as_bytes(), &[142]].concat()
    }

    fn special(text: &str) -> Vec<u8> {
        [&[239, text.len() as u8], text.as_bytes()].concat()
    }

    fn file(body: &[u8]) -> Vec<u8> {
        let preamble = [&[247, 7][..], &[1; 8], &1000_u32.to_be_bytes(), &[0]].concat();
        let font =
            [&[243, 0][..], &[0; 4], &(10_u32 << 16).to_be_bytes(), &[0; 4], &[0, 5], b"cmr10"]
                .concat();
        let page = [&[139][..], &[0; 40], &[255; 4], &font, body, &[140]].concat();
        let mut stream = Stream::new(preamble.into());
        stream.push(page.into()).unwrap();
        stream.slice(0).unwrap()
    }

    fn lines(texts: &[&str]) -> Vec<u8> {
        texts.iter().flat_map(|text| line(text)).collect()
    }

    /// The text of each line that still stands in a band.
    fn seen(band: &Band) -> Vec<String> {
        let index = Index::read(&band.xdv).unwrap();
        assert!(index.is_complete);
        let items = index.items(&band.xdv, index.pages[0].range.clone(), &|_| None).unwrap();
        let mut lines = Vec::new();
        let mut last = None;
        for placed in items {
            if let Item::Char { code, .. } = placed.item {
                if last.replace(placed.v) != Some(placed.v) {
                    lines.push(String::new());
                }
                lines.last_mut().unwrap().push(char::from_u32(code).unwrap());
            }
        }
        lines
    }

    const OLD: [&str; 13] =
        ["AA", "BB", "CC", "DD", "EE", "FF", "GG", "HH", "II", "JJ", "KK", "LL", "MM"];

    fn with(at: usize, text: &'static str) -> [&'static str; 13] {
        let mut new = OLD;
        new[at] = text;
        new
    }

    #[test]
    fn a_word_more_leaves_the_lines_around_it() {
        let band = changed_band(&file(&lines(&OLD)), &file(&lines(&with(4, "EXE")))).unwrap();
        assert_eq!(seen(&band), ["CC", "DD", "EXE", "FF", "GG"]);
        assert!(band.top < band.bottom);
        assert_eq!(band.top.to_pt(), 5.0 * 12.0 - 15.0 - 2.0);
        assert_eq!(changed_band(&file(&lines(&OLD)), &file(&lines(&OLD))), None);
    }

    #[test]
    fn a_line_more_moves_what_is_below() {
        let more = [&OLD[..1], &["XX"], &OLD[1..]].concat();
        assert_eq!(changed_band(&file(&lines(&OLD)), &file(&lines(&more))), None, "most of it");
        let more = [&OLD[..11], &["XX"], &OLD[11..]].concat();
        let band = changed_band(&file(&lines(&OLD)), &file(&lines(&more))).unwrap();
        assert_eq!(seen(&band).last().unwrap(), "MM");
    }

    #[test]
    fn what_stands_in_a_drawing_is_not_looked_for_by_its_place() {
        let drawn = |at: usize, new: &[&str]| {
            let (before, behind) = new.split_at(at);
            let (q, end) = (special("pdf:literal q"), special("pdf:literal Q"));
            file(&[lines(before), q, line("ZZ"), end, lines(behind)].concat())
        };
        let band = changed_band(&drawn(12, &OLD), &drawn(12, &with(1, "BXB"))).unwrap();
        assert_eq!(seen(&band), ["AA", "BXB", "CC", "DD"]);
        assert!(band.lacks_drawing);
        let band = changed_band(&drawn(3, &OLD), &drawn(3, &with(1, "BXB"))).unwrap();
        assert_eq!(seen(&band), ["AA", "BXB", "CC", "ZZ"], "it is near");
        assert!(!band.lacks_drawing);
        let moved =
            file(&[special("pdf:literal q"), lines(&OLD), special("pdf:literal Q")].concat());
        let new = file(
            &[special("pdf:literal q"), lines(&with(1, "BXB")), special("pdf:literal Q")].concat(),
        );
        assert_eq!(changed_band(&moved, &new), None);
    }

    #[test]
    fn colours_of_what_has_changed_are_those_of_before() {
        let colored = |text: &str, color: &str| {
            let inner = [special(color), text.as_bytes().to_vec(), special("color pop")].concat();
            let line = [&DOWN[..], &[141, 171], &inner, &[142]].concat();
            file(&[lines(&OLD), line, lines(&OLD)].concat())
        };
        let red = colored("R", "color push rgb 1 0 0");
        assert!(changed_band(&red, &colored("RR", "color push rgb 1 0 0")).is_some());
        assert_eq!(changed_band(&red, &colored("RR", "color push rgb 0 1 0")), None);
    }

    #[test]
    fn a_page_that_is_turned_or_broken_is_drawn_as_a_whole() {
        let turned = |texts: &[&str]| {
            file(&[special("pdf: put @thispage <</Rotate 90>>"), lines(texts)].concat())
        };
        assert_eq!(changed_band(&turned(&OLD), &turned(&with(4, "EXE"))), None);
        let new = file(&lines(&with(4, "EXE")));
        for end in 0..new.len() {
            assert_eq!(changed_band(&file(&lines(&OLD)), &new[..end.min(120)]), None);
        }
    }
}
