//! From two texts to the changes that lead from one to the other.

use crate::Change;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};
use std::time::{Duration, Instant};

/// Past this, the changes found are coarser, never wrong.
const TIME: Duration = Duration::from_millis(200);

/// Changes that turn `old` into `new`: by lines, and within changed lines by characters, so that a word
/// that somebody else is writing in the same paragraph stays where it is.
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
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let ops = if old.len().max(new.len()) > MAX_CHARS {
        vec![DiffOp::Replace { old_index: 0, old_len: old.len(), new_index: 0, new_len: new.len() }]
    } else {
        capture_diff_slices(Algorithm::Myers, &old, &new)
    };
    let mut at = start;
    for op in ops {
        let gone: u32 = old[op.old_range()].iter().map(|c| c.len_utf16() as u32).sum();
        if op.tag() != DiffTag::Equal {
            let inserted = new[op.new_range()].iter().collect();
            changes.push(Change { at, removed: gone, inserted });
        }
        at += gone;
    }
}

fn utf16_len(text: &str) -> u32 {
    text.chars().map(|c| c.len_utf16() as u32).sum()
}
