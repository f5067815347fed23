//! The text of a page, character by character, as PDFium puts it in order: it adds the spaces and line
//! ends that TeX leaves out, and takes ligatures apart.

use crate::{
    geometry::{PageSpace, Rect},
    search::continues,
};
use pdfium_render::prelude::{PdfPage, PdfPageTextChar, PdfiumError};

/// Characters of one page that are read.
const MAX_GLYPHS: usize = 200_000;

/// A character and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) character: char,
    pub(crate) rect: Rect,
    pub(crate) angle: f32,
}

/// What comes after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The next word at once: another direction of writing begins.
    None,
    /// A space.
    Space,
    /// The end of the line.
    Line,
}

/// Characters without a space between them, in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// What it says. A hyphen at the end of a line is kept.
    pub text: String,
    /// What it covers: from the line's depth to its height.
    pub rect: Rect,
    /// How far the line is turned clockwise, in degrees.
    pub angle: f32,
    /// What comes next.
    pub gap: Gap,
}

/// The text of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageText {
    pub(crate) glyphs: Vec<Glyph>,
}

impl PageText {
    /// The words in reading order, as far as the file tells it: for a layer of text that is selected.
    pub fn words(&self) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        let mut is_open = false;
        for glyph in &self.glyphs {
            if is_break(glyph.character) {
                is_open = false;
                let gap = if is_line_end(glyph.character) { Gap::Line } else { Gap::Space };
                if let Some(word) = words.last_mut().filter(|word| word.gap != Gap::Line) {
                    word.gap = gap;
                }
                continue;
            }
            match words.last_mut().filter(|w| is_open && (w.angle - glyph.angle).abs() < 1.0) {
                Some(word) => {
                    word.text.push(glyph.character);
                    word.rect = word.rect.union(glyph.rect);
                }
                None => words.push(Word {
                    text: glyph.character.to_string(),
                    rect: glyph.rect,
                    angle: glyph.angle,
                    gap: Gap::None,
                }),
            }
            is_open = true;
        }
        if let Some(last) = words.last_mut() {
            last.gap = Gap::Line;
        }
        words
    }

    /// The words with spaces and line ends between them.
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        for word in self.words() {
            plain += &word.text;
            plain += match word.gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
            };
        }
        plain
    }
}

pub(crate) fn is_break(character: char) -> bool {
    character.is_whitespace() || character == '\0'
}

pub(crate) fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r')
}

pub(crate) fn read(page: &PdfPage<'_>) -> Result<PageText, PdfiumError> {
    let space = PageSpace::of(page)?;
    let turned = space.turned();
    let text = page.text()?;
    let mut glyphs: Vec<Glyph> = Vec::new();
    let mut high: Option<u32> = None;
    let mut after_mark = false;
    for char in text.chars().iter().take(MAX_GLYPHS) {
        // Where PDFium's characters have 16 bits, those beyond them come in halves.
        let mut code = char.unicode_value();
        if (0xd800..0xdc00).contains(&code) {
            high = Some(code);
            continue;
        }
        if let (Some(high), 0xdc00..0xe000) = (high.take(), code) {
            code = 0x1_0000 + ((high - 0xd800) << 10) + (code - 0xdc00);
        }
        // PDFium's own marks for a hyphen that ends a line.
        let is_mark = matches!(code, 0x02 | 0xad | 0xfffe);
        let character = match code {
            _ if is_mark => '-',
            code => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
        };
        if character.is_control() && !is_break(character) {
            continue;
        }
        let (rect, angle) = place(&char, &space, turned, glyphs.last());
        let glyph = |character| Glyph { character, rect, angle };
        // After such a mark PDFium tells no end of the line: words would go over two.
        let broken = glyphs.last().filter(|last| after_mark && !continues(last, &glyph(character)));
        if let Some(hyphen) = broken.copied() {
            glyphs.push(Glyph { character: '\n', ..hyphen });
        }
        after_mark = is_mark;
        match ligature(character) {
            Some(letters) => glyphs.extend(letters.chars().map(glyph)),
            None => glyphs.push(glyph(character)),
        }
    }
    Ok(PageText { glyphs })
}

/// What PDFium has added has no place: it takes that of the character before it.
fn place(
    char: &PdfPageTextChar<'_>,
    space: &PageSpace,
    turned: f32,
    before: Option<&Glyph>,
) -> (Rect, f32) {
    let of_before = before.map(|glyph| (glyph.rect, glyph.angle)).unwrap_or_default();
    if char.is_generated().unwrap_or(true) {
        return of_before;
    }
    let bounds = char.loose_bounds().or_else(|_| char.tight_bounds());
    let rect = bounds.map_or(of_before.0, |bounds| space.rect(&bounds));
    // PDFium tells the angle clockwise, as the sheet lies before it is turned.
    let angle = char.angle_degrees().map_or(of_before.1, |angle| turned + angle);
    (rect, (angle + 180.0).rem_euclid(360.0) - 180.0)
}

fn ligature(character: char) -> Option<&'static str> {
    Some(match character {
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' | 'ﬆ' => "st",
        _ => return None,
    })
}
