//! Words as they are printed, and how many there are. `na\"{\i}ve` is one word, and reads “naïve”.

use super::{
    SectionLevel, outline,
    prose::{ProseKind, Read, Reading},
};
use crate::{EnvironmentKind, Form, NodeId, NodeKind, Role, TokenKind, Tree};
use quire_text::ByteRange;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use unicode_normalization::char::compose;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Where it stands, commands for accents within it included.
    pub range: ByteRange,
    /// As it is printed.
    pub text: Cow<'a, str>,
    /// In what kind of text it stands.
    pub kind: ProseKind,
}

/// How much of what there is. Words are counted as texcount does: a compound with hyphens is one, a
/// number is one, a formula is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Words of the running text.
    pub body: usize,
    /// Words in titles.
    pub headings: usize,
    /// Words in captions.
    pub captions: usize,
    /// Words in footnotes.
    pub footnotes: usize,
    /// Formulas within lines.
    pub inline_math: usize,
    /// Formulas on lines of their own.
    pub display_math: usize,
    /// Figures, tables, listings and algorithms.
    pub floats: usize,
}

/// What one section holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionCount {
    /// How deep the section stands; nothing for what stands before the first one.
    pub level: Option<SectionLevel>,
    /// Its title.
    pub title: Option<ByteRange>,
    /// Without the sections below it.
    pub own: Counts,
}

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordCount {
    /// All of it.
    pub total: Counts,
    /// Section by section, in order; the first is what stands before them.
    pub sections: Vec<SectionCount>,
}

/// All words in order.
pub fn words(tree: &Tree) -> Vec<Word<'_>> {
    let mut reader = Reader::new(tree);
    for step in Reading::new(tree) {
        reader.read(step);
    }
    reader.end_word();
    reader.words
}

/// How many words there are.
pub fn word_count(tree: &Tree) -> WordCount {
    let before = SectionCount { level: None, title: None, own: Counts::default() };
    let outlined = outline(tree);
    let starts: Vec<usize> = outlined.iter().map(|section| section.heading.start.0).collect();
    let sections = outlined.iter().map(|section| SectionCount {
        level: Some(section.level),
        title: section.title,
        own: Counts::default(),
    });
    let mut count = WordCount {
        total: Counts::default(),
        sections: [before].into_iter().chain(sections).collect(),
    };
    let mut add = |at: usize, field: fn(&mut Counts) -> &mut usize| {
        *field(&mut count.total) += 1;
        let section = starts.partition_point(|start| *start <= at);
        *field(&mut count.sections[section].own) += 1;
    };
    let mut reader = Reader::new(tree);
    let mut math = 0_usize;
    for step in Reading::new(tree) {
        match &step {
            Read::Enter(node) => {
                let at = tree.range(*node).start.0;
                match tree.kind(*node) {
                    NodeKind::Math(kind) => {
                        if math == 0 && kind.is_display() {
                            add(at, |counts| &mut counts.display_math);
                        } else if math == 0 {
                            add(at, |counts| &mut counts.inline_math);
                        }
                        math += 1;
                    }
                    NodeKind::Environment(EnvironmentKind::Math) => {
                        if math == 0 {
                            add(at, |counts| &mut counts.display_math);
                        }
                        math += 1;
                    }
                    NodeKind::Environment(
                        EnvironmentKind::Figure
                        | EnvironmentKind::Table
                        | EnvironmentKind::Listing
                        | EnvironmentKind::Algorithm,
                    ) => add(at, |counts| &mut counts.floats),
                    _ => {}
                }
            }
            Read::Leave(node) => {
                let is_math = matches!(
                    tree.kind(*node),
                    NodeKind::Math(_) | NodeKind::Environment(EnvironmentKind::Math)
                );
                math -= usize::from(is_math);
            }
            Read::Text(..) => {}
        }
        reader.read(step);
    }
    reader.end_word();
    for word in &reader.words {
        add(
            word.range.start.0,
            match word.kind {
                ProseKind::Body => |counts| &mut counts.body,
                ProseKind::Heading => |counts| &mut counts.headings,
                ProseKind::Caption => |counts| &mut counts.captions,
                ProseKind::Footnote => |counts| &mut counts.footnotes,
            },
        );
    }
    count
}

/// A word that may go on.
struct Open {
    start: usize,
    end: usize,
    /// Its text, once that is not what stands in the source.
    text: Option<String>,
    kind: ProseKind,
}

/// Puts words together.
struct Reader<'a> {
    tree: &'a Tree,
    words: Vec<Word<'a>>,
    open: Option<Open>,
    /// The combining character that the next letter gets, and where its command begins.
    accent: Option<(char, usize)>,
    /// A hyphen or apostrophe at the end of a token, which belongs to the word if that goes on.
    joiner: Option<(char, usize)>,
    /// True in a command that does not divide words, before its arguments.
    is_glue: bool,
    /// TeX skips the space behind a command such as `\ss`.
    skips_space: bool,
    kind: ProseKind,
}

impl<'a> Reader<'a> {
    fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            words: Vec::new(),
            open: None,
            accent: None,
            joiner: None,
            is_glue: false,
            skips_space: false,
            kind: ProseKind::Body,
        }
    }

    fn read(&mut self, step: Read) {
        match step {
            Read::Enter(node) => self.enter(node),
            Read::Leave(node) => match self.tree.kind(node) {
                NodeKind::Command => self.is_glue = false,
                NodeKind::Argument(form, _) if form != Form::Mandatory => self.end_word(),
                _ => {}
            },
            Read::Text(token, kind) => {
                self.kind = kind;
                let range = self.tree.token_range(token);
                match self.tree.arena.tokens[token.0 as usize].kind {
                    TokenKind::Word => self.word(range),
                    TokenKind::LeftBrace | TokenKind::RightBrace => {}
                    TokenKind::Space if self.skips_space || self.accent.is_some() => {}
                    _ => self.end_word(),
                }
                self.skips_space = false;
            }
        }
    }

    fn enter(&mut self, node: NodeId) {
        self.skips_space = false;
        match self.tree.kind(node) {
            NodeKind::Command => {
                let name = self.tree.name(node).unwrap_or_default();
                let range = self.tree.range(node);
                if let Some(accent) = accent(name) {
                    self.accent = Some((accent, range.start.0));
                } else if let Some(letter) = letter(name) {
                    self.letter(letter, range);
                    self.skips_space = true;
                } else if !is_within_words(name) {
                    self.end_word();
                    return;
                }
                self.is_glue = true;
            }
            NodeKind::Group | NodeKind::Root => {}
            NodeKind::Argument(Form::Mandatory, Role::Text) if self.is_glue => {}
            _ => self.end_word(),
        }
    }

    fn word(&mut self, range: ByteRange) {
        let text = self.tree.slice(range);
        let mut chars = text.char_indices().peekable();
        let mut previous = ' ';
        while let Some((i, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            let at = range.start.0 + i;
            let joins = |of: &str, test: fn(char) -> bool| {
                of.contains(c) && test(previous) && next.is_some_and(test)
            };
            if is_ideograph(c) {
                self.end_word();
                self.append(c, at);
                self.end_word();
            } else if c.is_alphanumeric()
                || is_mark(c)
                || self.open.is_some()
                    && (joins("'’-‐\u{ad}", char::is_alphanumeric)
                        || joins(".,", |c: char| c.is_ascii_digit()))
            {
                self.append(c, at);
            } else if next.is_none() && "'’-".contains(c) && previous.is_alphanumeric() {
                // Only an accent can follow: `d'\'etat`.
                self.joiner = Some((c, at));
            } else {
                self.end_word();
            }
            previous = c;
        }
    }

    /// A character of the source at `at`.
    fn append(&mut self, c: char, at: usize) {
        let accent = self.accent.take();
        self.join();
        let end = at + c.len_utf8();
        if let Some((accent, start)) = accent {
            let c = match c {
                'ı' => 'i',
                'ȷ' => 'j',
                c => c,
            };
            match compose(c, accent) {
                Some(composed) => self.push(composed, start, end),
                None => {
                    self.push(c, start, end);
                    self.push(accent, end, end);
                }
            }
            return;
        }
        match &mut self.open {
            Some(open) if open.text.is_none() && open.end == at && open.kind == self.kind => {
                open.end = end;
            }
            Some(open) if open.kind == self.kind => self.push(c, at, end),
            _ => {
                self.end_word();
                self.open = Some(Open { start: at, end, text: None, kind: self.kind });
            }
        }
    }

    fn join(&mut self) {
        if let (Some((joiner, at)), Some(_)) = (self.joiner.take(), &self.open) {
            self.append(joiner, at);
        }
    }

    fn letter(&mut self, letter: char, range: ByteRange) {
        if self.accent.is_some() {
            self.append(letter, range.start.0);
            if let Some(open) = &mut self.open {
                open.end = range.end.0;
            }
        } else {
            self.join();
            self.push(letter, range.start.0, range.end.0);
        }
    }

    /// A character that stands otherwise in the source.
    fn push(&mut self, c: char, start: usize, end: usize) {
        if self.open.as_ref().is_some_and(|open| open.kind != self.kind) {
            self.end_word();
        }
        let kind = self.kind;
        let open =
            self.open.get_or_insert(Open { start, end: start, text: Some(String::new()), kind });
        let source = ByteRange::new(open.start, open.end);
        let text = open.text.get_or_insert_with(|| self.tree.slice(source).to_owned());
        text.push(c);
        open.end = end.max(open.end);
    }

    fn end_word(&mut self) {
        (self.accent, self.joiner) = (None, None);
        let Some(open) = self.open.take() else { return };
        let range = ByteRange::new(open.start, open.end);
        let text = open.text.map_or(Cow::Borrowed(self.tree.slice(range)), Cow::Owned);
        self.words.push(Word { range, text, kind: open.kind });
    }
}

/// Scripts that are written without spaces: each character counts as a word.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The combining character of an accent's command.
pub(super) fn accent(name: &str) -> Option<char> {
    Some(match name {
        "`" => '\u{300}',
        "'" => '\u{301}',
        "^" => '\u{302}',
        "~" => '\u{303}',
        "=" => '\u{304}',
        "u" => '\u{306}',
        "." => '\u{307}',
        "\"" => '\u{308}',
        "r" => '\u{30a}',
        "H" => '\u{30b}',
        "v" => '\u{30c}',
        "d" => '\u{323}',
        "c" => '\u{327}',
        "k" => '\u{328}',
        "b" => '\u{331}',
        _ => return None,
    })
}

pub(super) fn letter(name: &str) -> Option<char> {
    Some(match name {
        "ss" => 'ß',
        "ae" => 'æ',
        "oe" => 'œ',
        "AE" => 'Æ',
        "OE" => 'Œ',
        "o" => 'ø',
        "O" => 'Ø',
        "l" => 'ł',
        "L" => 'Ł',
        "i" => 'ı',
        "j" => 'ȷ',
        "aa" => 'å',
        "AA" => 'Å',
        "dh" => 'ð',
        "DH" => 'Ð',
        "th" => 'þ',
        "TH" => 'Þ',
        "dj" => 'đ',
        "DJ" => 'Đ',
        "ng" => 'ŋ',
        "NG" => 'Ŋ',
        "SS" => 'ẞ',
        _ => return None,
    })
}

/// Commands that do not end a word: `\-`, `\textbf{W}ord`.
fn is_within_words(name: &str) -> bool {
    matches!(name, "-" | "/" | "emph" | "underline" | "mbox") || name.starts_with("text")
}
