//! How well what was typed fits a name: as a beginning, the beginning of a word in it, a part of it, or
//! letters in the same order.

/// Each run of letters that were not typed makes a fit worse by this.
const GAP: i32 = 220;

/// What was typed.
pub(crate) struct Pattern {
    typed: String,
    /// In lower case.
    lower: Vec<char>,
}

impl Pattern {
    pub(crate) fn new(typed: &str) -> Self {
        let lower = typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
        Self { typed: typed.to_owned(), lower: lower.collect() }
    }

    /// How well `name` fits, more being better; nothing if it does not. Shorter names fit better.
    pub(crate) fn score(&self, name: &str) -> Option<i32> {
        let Some(&first) = self.lower.first() else { return Some(0) };
        if name.starts_with(self.typed.as_str()) {
            return Some(if name.len() == self.typed.len() { 1000 } else { 900 } - length(name));
        }
        let mut best = None;
        let mut previous = ' ';
        for (i, c) in name.char_indices() {
            let begins_word = !previous.is_alphanumeric()
                || previous.is_lowercase() && c.is_uppercase()
                || i == 0;
            previous = c;
            if lower(c) != Some(first) {
                continue;
            }
            if let Some(gaps) = self.gaps(&name[i..]) {
                let place = match (i, begins_word) {
                    (0, _) => 800,
                    (_, true) => 600,
                    (_, false) => 400,
                };
                let score = place - gaps.min(30) * GAP - length(name);
                best = best.max(Some(score));
            }
        }
        best.filter(|score| *score > 100)
    }

    /// How many runs of other letters stand between those that were typed.
    fn gaps(&self, name: &str) -> Option<i32> {
        let mut wanted = self.lower.iter().copied().peekable();
        let mut gaps = 0;
        let mut in_gap = false;
        for c in name.chars() {
            let Some(&next) = wanted.peek() else { break };
            if lower(c) == Some(next) {
                wanted.next();
                gaps += i32::from(in_gap);
                in_gap = false;
            } else {
                in_gap = true;
            }
        }
        wanted.peek().is_none().then_some(gaps)
    }
}

fn lower(c: char) -> Option<char> {
    if c.is_ascii() { Some(c.to_ascii_lowercase()) } else { c.to_lowercase().next() }
}

fn length(name: &str) -> i32 {
    i32::try_from(name.len()).unwrap_or(i32::MAX).min(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked<'a>(typed: &str, names: &[&'a str]) -> Vec<&'a str> {
        let pattern = Pattern::new(typed);
        let scored = names.iter().filter_map(|name| Some((pattern.score(name)?, *name)));
        let mut found: Vec<_> = scored.collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn better_fits_score_higher() {
        assert_eq!(
            ranked("sec", &["subsection", "section", "sec", "fig:sec", "itemize"]),
            ["sec", "section", "fig:sec", "subsection"]
        );
        assert_eq!(ranked("incg", &["include", "includegraphics"]), ["includegraphics"]);
        assert_eq!(ranked("ÄH", &["ähnlich", "Bär"]), ["ähnlich"]);
        assert_eq!(ranked("", &["a"]), ["a"]);
    }
}
