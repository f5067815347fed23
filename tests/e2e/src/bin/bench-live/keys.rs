//! What is typed: scripts, and a stretch of what somebody has really typed.

use crate::documents::{CELL, COORDINATE, prose_line};
use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use quire_e2e::key;
use serde_json::Value;
use std::{fs::File, io::BufReader, path::Path};

/// A key, or a way of the cursor that is not measured.
#[derive(Clone, Debug)]
pub(crate) enum Stroke {
    Letter {
        letter: char,
        /// Whether the page must look different for it.
        is_seen: bool,
    },
    Backspace {
        is_seen: bool,
    },
    /// Not measured.
    Go(&'static str, usize),
    /// Not measured either: a line ends.
    Enter,
}

impl Stroke {
    /// What must be seen of a key that is measured.
    pub(crate) fn is_seen(&self) -> Option<bool> {
        match self {
            Self::Letter { is_seen, .. } | Self::Backspace { is_seen } => Some(*is_seen),
            Self::Go(..) | Self::Enter => None,
        }
    }
}

/// One thing that an author does at one place.
pub(crate) struct Script {
    pub(crate) name: &'static str,
    /// Counted from one.
    pub(crate) line: usize,
    pub(crate) strokes: Vec<Stroke>,
}

/// Of the trace: prose with words taken back and others put before them.
const TRACE: &str = "editing-traces/sequential_traces-automerge-paper.json.gz";
const TRACE_FROM: usize = 5300;
const TRACE_EDITS: usize = 150;

/// All that is typed into a document: at each of these places, and in its table and its drawing.
pub(crate) fn scripts(text: &str, places: &[f64], corpus: &Path) -> Result<Vec<(f64, Script)>> {
    let mut scripts = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let line = prose_line(text, *place).context("no prose there")?;
        let mut add = |name, strokes| scripts.push((*place, Script { name, line, strokes }));
        add("prose", letters(" so it goes on and on"));
        add("maths", letters(" as $a_1+\\frac{b}{2}$ is"));
        // One paragraph of it is long enough for a document.
        if index == places.len() / 2 {
            add("trace", trace(&corpus.join(TRACE))?);
        }
    }
    let find = |what: &str| text.lines().position(|line| line.contains(what)).map(|at| at + 1);
    let part = |line: usize| line as f64 / text.lines().count() as f64;
    let mut new_lines = 0;
    if let Some(line) = find(CELL) {
        let cell = [vec![Stroke::Go(key::HOME, 1)], letters("more ")].concat();
        scripts.push((part(line), Script { name: "cell", line, strokes: cell }));
        let row = [vec![Stroke::Enter], letters("next & 7 & f")].concat();
        scripts.push((part(line), Script { name: "row", line, strokes: row }));
        new_lines += 1;
    }
    if let Some(line) = find(COORDINATE).map(|line| line + new_lines) {
        let before = [Stroke::Go(key::LEFT, 2)];
        let mut strokes = before.to_vec();
        for digit in ["5", "6", "45", "61"] {
            strokes.push(Stroke::Letter { letter: '.', is_seen: false });
            strokes.extend(digit.chars().map(|letter| Stroke::Letter { letter, is_seen: true }));
            strokes.extend(digit.chars().map(|_| Stroke::Backspace { is_seen: true }));
            strokes.push(Stroke::Backspace { is_seen: false });
        }
        scripts.push((part(line), Script { name: "drawing", line, strokes }));
    }
    Ok(scripts)
}

/// Letters outside of formulas and commands must be seen. A key that changes nothing on the page, as a space at
/// the end of a line or half of a command that is an error, need not.
fn letters(text: &str) -> Vec<Stroke> {
    let mut is_text = true;
    let seen = |letter: char| {
        if letter == '$' {
            is_text = !is_text;
        }
        Stroke::Letter { letter, is_seen: is_text && letter.is_alphanumeric() }
    };
    text.chars().map(seen).collect()
}

/// A stretch of the trace, as if it had all been typed at the end of one line.
fn trace(place: &Path) -> Result<Vec<Stroke>> {
    let file = File::open(place).with_context(|| place.display().to_string())?;
    let all: Value = serde_json::from_reader(BufReader::new(GzDecoder::new(file)))?;
    let edits = all["txns"].as_array().context("a trace without edits")?;
    let patches = edits.iter().skip(TRACE_FROM).take(TRACE_EDITS);
    let patches = patches.filter_map(|edit| {
        let patch = &edit["patches"][0];
        Some((patch[0].as_u64()? as usize, patch[1].as_u64()? as usize, patch[2].as_str()?))
    });
    Ok(strokes(patches))
}

/// Edits of a longer text become keys in one that begins empty: what is taken away must have been typed here, and
/// places outside of it are its ends.
fn strokes<'p>(patches: impl Iterator<Item = (usize, usize, &'p str)>) -> Vec<Stroke> {
    let mut typed: Vec<char> = Vec::new();
    let (mut cursor, mut origin) = (0, None);
    // The author begins behind a word.
    let mut strokes = vec![Stroke::Letter { letter: ' ', is_seen: false }];
    for (at, removed, inserted) in patches {
        let origin = *origin.get_or_insert(at);
        let at = at.saturating_sub(origin);
        // Deleted with backspace: from its end.
        let wanted = (at + removed).min(typed.len());
        go(&mut strokes, cursor, wanted);
        cursor = wanted;
        for _ in 0..removed.min(cursor) {
            cursor -= 1;
            let gone = typed.remove(cursor);
            strokes.push(Stroke::Backspace { is_seen: gone.is_alphanumeric() });
        }
        for letter in inserted.chars().map(plain) {
            typed.insert(cursor, letter);
            cursor += 1;
            strokes.push(Stroke::Letter { letter, is_seen: letter.is_alphanumeric() });
        }
    }
    strokes
}

fn go(strokes: &mut Vec<Stroke>, from: usize, to: usize) {
    if from > to {
        strokes.push(Stroke::Go(key::LEFT, from - to));
    } else if to > from {
        strokes.push(Stroke::Go(key::RIGHT, to - from));
    }
}

/// What means something to TeX, or is closed by the editor itself, becomes something that does not: as many letters
/// as the trace has, so that its places stay right.
fn plain(letter: char) -> char {
    match letter {
        '\\' => '/',
        '{' | '}' | '(' | ')' | '[' | ']' | '$' | '&' | '#' | '^' | '_' | '~' | '%' | '"' | '`'
        | '\'' => '-',
        '\n' => ' ',
        other => other,
    }
}

/// Press it.
pub(crate) fn press(window: &quire_e2e::Driver, stroke: &Stroke) -> Result<()> {
    match stroke {
        Stroke::Letter { letter, .. } => window.type_text(&letter.to_string()),
        Stroke::Backspace { .. } => window.shortcut(&[key::BACKSPACE]),
        Stroke::Enter => window.shortcut(&[key::ENTER]),
        Stroke::Go(key, times) => {
            ensure!(*times < 1000, "so far no author goes");
            (0..*times).try_for_each(|_| window.shortcut(&[key]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Stroke, strokes};

    /// What the keys leave in the line.
    fn replayed(patches: &[(usize, usize, &str)]) -> String {
        let (mut text, mut at) = (Vec::new(), 0);
        for stroke in strokes(patches.iter().copied()) {
            match stroke {
                Stroke::Letter { letter, .. } => {
                    text.insert(at, letter);
                    at += 1;
                }
                Stroke::Backspace { .. } => {
                    at -= 1;
                    text.remove(at);
                }
                Stroke::Go(key, times) if key == quire_e2e::key::LEFT => at -= times,
                Stroke::Go(_, times) => at += times,
                Stroke::Enter => {}
            }
        }
        text.into_iter().collect()
    }

    #[test]
    fn keys_of_a_trace_leave_what_its_edits_leave() {
        let typed = [(700, 0, "a"), (701, 0, "b"), (702, 0, "d"), (702, 0, "c"), (704, 0, "!")];
        assert_eq!(replayed(&typed), " abcd!");
        let corrected = [(9, 0, "x"), (10, 0, "y"), (10, 1, ""), (9, 0, "w"), (2, 0, "first ")];
        assert_eq!(replayed(&corrected), " first wx");
        assert_eq!(replayed(&[(3, 1, ""), (3, 0, "50% {of} $x$")]), " 50- -of- -x-");
    }
}
