//! From two texts to the changes that lead from one to the other.

use crate::Change;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};
use std::time::{Duration, Instant};

/// Past this, the changes found are coarser, never wrong.
const TIME: Duration = Duration::from_millis(200);

/// Changes that turn `old` into `new`: by lines, and within changed lines by words, so that a word that
/// somebody else is writing in the same paragraph stays where it is. Not by letters: what two words happen
/// to share would stay behind when both sides replace them, and the letters of both would be mixed.
pub fn changes_between(old: &str, new: &str) -> Vec<Change> {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let deadline = Instant::now().checked_add(TIME);
    let mut changes = Vec::new();
    let mut old_at = 0;
    for op in
        similar::capture_diff_slices_deadline(Algorithm::Myers, &old_lines, &new_lines, deadline)
    {
        let old_text: String = old_lines[op.old_range()].concat();
        match op.tag() {
            DiffTag::Equal => {}
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                let new_text: String = new_lines[op.new_range()].concat();
                within(&old_text, &new_text, old_at, &mut changes);
            }
        }
        old_at += utf16_len(&old_text);
    }
    changes
}

/// More characters than this are replaced as a whole.
const MAX_CHARS: usize = 20_000;

fn within(old: &str, new: &str, start: u32, changes: &mut Vec<Change>) {
    let (old_words, new_words) = (words(old), words(new));
    let ops = if old.len().max(new.len()) > MAX_CHARS {
        let (old_len, new_len) = (old_words.len(), new_words.len());
        vec![DiffOp::Replace { old_index: 0, old_len, new_index: 0, new_len }]
    } else {
        capture_diff_slices(Algorithm::Myers, &old_words, &new_words)
    };
    let mut at = start;
    let mut replaced: Option<(String, String)> = None;
    for (nth, op) in ops.iter().enumerate() {
        let (gone, came) = (old_words[op.old_range()].concat(), new_words[op.new_range()].concat());
        let is_between = replaced.is_some() && nth + 1 < ops.len();
        if op.tag() != DiffTag::Equal || (is_between && !gone.contains(char::is_alphanumeric)) {
            // Spaces and signs between two words that are replaced go with them.
            let (old, new) = replaced.get_or_insert_default();
            old.push_str(&gone);
            new.push_str(&came);
        } else {
            at += replaced.take().map_or(0, |(old, new)| replace(&old, &new, at, changes));
            at += utf16_len(&gone);
        }
    }
    if let Some((old, new)) = replaced {
        replace(&old, &new, at, changes);
    }
}

/// Replace `old` by `new`, or only what differs in the middle when most of it is the same: a letter that is
/// put right. The length of what was there.
fn replace(old: &str, new: &str, at: u32, changes: &mut Vec<Change>) -> u32 {
    let common = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let head = common(&mut old.chars().zip(new.chars()));
    let tail = common(&mut old[head..].chars().rev().zip(new[head..].chars().rev()));
    let is_mended = (head + tail) * 2 >= old.len().max(new.len());
    let (head, tail) = if is_mended { (head, tail) } else { (0, 0) };
    let (gone, came) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let at = at + utf16_len(&old[..head]);
    changes.push(Change { at, removed: utf16_len(gone), inserted: came.to_owned() });
    utf16_len(old)
}

/// A text in words, runs of spaces, and every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut last = Kind::Sign;
    for (at, c) in text.char_indices() {
        let kind = Kind::of(c);
        if at > start && (kind != last || kind == Kind::Sign) {
            words.push(&text[start..at]);
            start = at;
        }
        last = kind;
    }
    words.push(&text[start..]);
    words
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Letter,
    Space,
    /// By itself, as the letters of scripts that put no spaces between words.
    Sign,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            '\u{e00}'..='\u{eff}' | '\u{2e80}'.. => Self::Sign,
            _ if c.is_whitespace() => Self::Space,
            // An accent that is a character of its own.
            _ if c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c) => Self::Letter,
            _ => Self::Sign,
        }
    }
}

fn utf16_len(text: &str) -> u32 {
    text.chars().map(|c| c.len_utf16() as u32).sum()
}
