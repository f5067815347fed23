//! Somebody who writes: words and formulas mostly, near where the last were, and now and then all that one does to
//! a document. What it does follows from its seed and the document.

use crate::{
    documents::{Document, Files},
    habits::{self, HABITS, Habit},
    numbers::Numbers,
    steps::{Change, Step, Then},
};
use quire_project::ProjectPath;

/// Edits that can be undone.
const REMEMBERED: usize = 60;
/// From one build to the next.
const PAUSE_EVERY: usize = 25;
/// The place of the next edit is within so many bytes of the last, mostly.
const NEAR: usize = 400;

/// Something half-typed, until it is mended.
struct Wound {
    file: ProjectPath,
    text: &'static str,
    edits_left: usize,
}

pub(crate) struct Author {
    pub(crate) numbers: Numbers,
    root: ProjectPath,
    written: Vec<ProjectPath>,
    pub(crate) files: Files,
    past: Vec<Files>,
    at: (ProjectPath, usize),
    wounds: Vec<Wound>,
    /// Letters still to be typed, the next last.
    typing: Vec<char>,
    made: usize,
}

impl Author {
    pub(crate) fn new(document: &Document, seed: u64) -> Self {
        let files = document.files();
        let written: Vec<ProjectPath> =
            document.written.iter().map(|name| ProjectPath::new(name).unwrap()).collect();
        let missing = written.iter().find(|file| !files.0.contains_key(*file));
        assert!(missing.is_none(), "{}: no {missing:?}", document.name);
        let root = document.root();
        let middle = files.0[&written[0]].len() / 2;
        Self {
            numbers: Numbers::new(seed),
            at: (written[0].clone(), middle),
            root,
            written,
            past: vec![files.clone()],
            files,
            wounds: Vec::new(),
            typing: Vec::new(),
            made: 0,
        }
    }

    /// The next edit, of which the files here have it already.
    pub(crate) fn next(&mut self) -> Step {
        loop {
            let before = self.files.clone();
            let what = self.edit();
            let changes = Change::between(&before, &self.files);
            if changes.is_empty() {
                continue;
            }
            self.past.push(self.files.clone());
            if self.past.len() > REMEMBERED {
                self.past.remove(0);
            }
            self.made += 1;
            return Step { what, changes, is_expected: self.numbers.one_in(6), then: self.then() };
        }
    }

    fn then(&mut self) -> Then {
        if self.made.is_multiple_of(PAUSE_EVERY) {
            return Then::Pause;
        }
        if self.made % PAUSE_EVERY == PAUSE_EVERY / 2 && self.numbers.one_in(2) {
            return Then::Build;
        }
        if !self.typing.is_empty() && !self.numbers.one_in(3) {
            return Then::GoOn(self.numbers.below(40) as u64);
        }
        match self.numbers.below(20) {
            0..4 => Then::GoOn(self.numbers.below(120) as u64),
            4 => Then::Kill {
                after_ms: self.numbers.below(150) as u64,
                which: self.numbers.below(1000),
            },
            _ => Then::Settle,
        }
    }

    fn edit(&mut self) -> &'static str {
        if let Some(letter) = self.typing.pop() {
            self.insert(&letter.to_string());
            return "letter";
        }
        for wound in &mut self.wounds {
            wound.edits_left = wound.edits_left.saturating_sub(1);
        }
        if let Some(index) = self.wounds.iter().position(|wound| wound.edits_left == 0) {
            let wound = self.wounds.swap_remove(index);
            self.mend(&wound);
            return "mended";
        }
        let sum = HABITS.iter().map(|(weight, _, _)| weight).sum();
        let mut left = self.numbers.below(sum);
        for (weight, what, habit) in HABITS {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => {
                    self.act(habit);
                    return what;
                }
            }
        }
        "nothing"
    }

    fn act(&mut self, habit: Habit) {
        match habit {
            Habit::Write(words) => {
                self.go_somewhere();
                let text = words(self);
                self.insert(&text);
            }
            Habit::Type => {
                self.go_somewhere();
                self.typing = habits::typed(&mut self.numbers).chars().rev().collect();
            }
            Habit::Change(change) => {
                self.go_somewhere();
                let text = self.text().to_owned();
                if let Some((range, new)) = change(&mut self.numbers, &text, self.at.1) {
                    self.at.1 = range.start + new.len();
                    self.splice(range, &new);
                }
            }
            Habit::Break(breaks) => {
                self.go_somewhere();
                let text = self.numbers.one_of(breaks);
                self.insert(text);
                let edits_left = 1 + self.numbers.below(4);
                self.wounds.push(Wound { file: self.at.0.clone(), text, edits_left });
            }
            Habit::Preamble => {
                let back = std::mem::replace(&mut self.at, (self.root.clone(), 0));
                self.at.1 = self.text().find("\\begin{document}").unwrap_or(0);
                let line = habits::preamble_line(&mut self.numbers);
                self.insert(&line);
                self.at = back;
            }
            Habit::Undo => {
                let back = 1 + self.numbers.below(6);
                let index = self.past.len().saturating_sub(1 + back);
                self.files = self.past[index].clone();
            }
            Habit::Files(change) => change(&mut self.numbers, &mut self.files),
        }
    }

    fn text(&self) -> &str {
        self.files.text(&self.at.0).unwrap_or_default()
    }

    /// Near the last place, or anywhere; between words.
    fn go_somewhere(&mut self) {
        if self.numbers.one_in(4) || self.text().is_empty() {
            let file = self.numbers.below(self.written.len());
            self.at = (self.written[file].clone(), 0);
            self.at.1 = self.numbers.below(self.text().len().max(1));
        } else {
            let from = self.at.1.saturating_sub(NEAR / 2);
            self.at.1 = from + self.numbers.below(NEAR);
        }
        let text = self.text();
        // The preamble of the root has a habit of its own.
        let body = text.find("\\begin{document}").map_or(0, |at| at + "\\begin{document}".len());
        let from = self.at.1.clamp(body.min(text.len()), text.len());
        let from = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        self.at.1 = text[from..].find([' ', '\n']).map_or(text.len(), |more| from + more);
    }

    fn insert(&mut self, new: &str) {
        let at = self.at.1.min(self.text().len());
        self.splice(at..at, new);
        self.at.1 = at + new.len();
    }

    fn splice(&mut self, range: std::ops::Range<usize>, new: &str) {
        let inserted = new.as_bytes().to_vec();
        let file = self.at.0.clone();
        let change = Change::Splice { file, at: range.start, removed: range.len(), inserted };
        change.apply(&mut self.files);
    }

    /// Take away what was half-typed, where it is now.
    fn mend(&mut self, wound: &Wound) {
        self.at.0 = wound.file.clone();
        let near = self.at.1;
        let places = self.text().match_indices(wound.text).map(|(at, _)| at);
        if let Some(at) = places.min_by_key(|at| at.abs_diff(near)) {
            self.at.1 = at;
            self.splice(at..at + wound.text.len(), "");
        }
    }

    /// Something that the document says elsewhere, or nothing.
    pub(crate) fn found(&mut self, before: &str, behind: &str) -> Option<String> {
        let texts = self.written.iter().filter_map(|file| self.files.text(file));
        let all: Vec<&str> = texts
            .flat_map(|text| text.split(before).skip(1))
            .filter_map(|rest| rest.split(behind).next())
            .filter(|found| !found.trim().is_empty() && !found.contains("document}"))
            .collect();
        let index = self.numbers.below(all.len());
        all.get(index).map(|text| (*text).to_owned())
    }
}
