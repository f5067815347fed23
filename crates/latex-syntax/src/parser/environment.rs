//! `\begin` and `\end`: matching, and what to believe when they do not match.

use super::{Opened, Parser, Slots};
use crate::{
    SyntaxErrorKind,
    signature::{EnvironmentKind, EnvironmentSignature, Slot},
    token::TokenKind,
    tree::NodeKind,
};
use quire_text::ByteRange;
use std::collections::HashMap;

/// The `\end`s of one name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    /// How many there are still to come.
    left: usize,
    /// Where the last one stands, if it is written without space; else 0.
    last: usize,
}

/// All `\end{name}` of a text.
pub(super) fn find_ends(text: &str) -> HashMap<&str, Ends> {
    let mut found: HashMap<&str, Ends> = HashMap::new();
    for (at, word) in text.match_indices("\\end") {
        let brace = at + word.len();
        if let Some((name, _)) = name_behind(text, brace) {
            let ends = found.entry(&text[name.as_range()]).or_default();
            ends.left += 1;
            if name.start.0 == brace + 1 {
                ends.last = at;
            }
        }
    }
    found
}

/// The name in braces behind `\begin` or `\end`, and where the braces end.
fn name_behind(text: &str, pos: usize) -> Option<(ByteRange, usize)> {
    let rest = &text[pos..];
    let brace = pos + rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let name = text[brace..].strip_prefix('{')?;
    let length = name.find(['}', '{', '\\', '\n', '\r', '%', '$'])?;
    let end = brace + 1 + length;
    (name.as_bytes()[length] == b'}').then(|| (ByteRange::new(brace + 1, end), end + 1))
}

impl<'a> Parser<'a> {
    /// The tokens `\begin{name}` or `\end{name}`.
    fn push_named(&mut self, word_end: usize, name: ByteRange, end: usize) {
        self.push(TokenKind::ControlWord, word_end);
        if self.pos + 1 < name.start.0 {
            self.push(TokenKind::Space, name.start.0 - 1);
        }
        self.push(TokenKind::LeftBrace, name.start.0);
        if !name.is_empty() {
            self.push(TokenKind::EnvironmentName, name.end.0);
        }
        self.push(TokenKind::RightBrace, end);
    }

    /// `\begin{name}` at `start`.
    pub(super) fn begin_range(&self, start: usize) -> ByteRange {
        let word_end = start + "\\begin".len();
        let end = name_behind(self.text, word_end).map_or(word_end, |(_, end)| end);
        ByteRange::new(start, end)
    }

    /// Opens an environment; false if no name follows.
    pub(super) fn begin(&mut self, word_end: usize) -> bool {
        let Some((range, end)) = name_behind(self.text, word_end) else { return false };
        let name = &self.text[range.as_range()];
        let (kind, slots) = self.environment_of(name);
        if name == "document" && self.top().depth <= 1 {
            // Nothing of the preamble is open here: a brace is missing.
            self.close_down_to(0);
        }
        self.environments.entry(name).or_default().push(self.stack.len());
        self.open(NodeKind::Environment(kind), Opened::Environment { name });
        let is_verbatim = matches!(kind, EnvironmentKind::Verbatim | EnvironmentKind::Comment);
        self.open(NodeKind::Begin, Opened::Begin { slots, next: 0, is_verbatim });
        self.push_named(word_end, range, end);
        true
    }

    fn environment_of(&self, name: &str) -> (EnvironmentKind, Slots<'a>) {
        if let Some(own) = self.own.environments.get(name) {
            return (own.kind, Slots::Own(own.slots.clone()));
        }
        let project = self.project.and_then(|project| project.environments.get(name));
        match project.or_else(|| self.built_in.environments.get(name)) {
            Some(EnvironmentSignature { kind, slots }) => (*kind, Slots::Known(slots)),
            None => (EnvironmentKind::Text, Slots::Unknown),
        }
    }

    /// Closes an environment; false if the `\end` stays a command: no name follows, or nothing that it
    /// could close is open.
    pub(super) fn end(&mut self, word_end: usize) -> bool {
        let Some((range, end)) = name_behind(self.text, word_end) else { return false };
        let name = &self.text[range.as_range()];
        if let Some(ends) = self.ends.get_mut(name) {
            ends.left = ends.left.saturating_sub(1);
        }
        let whole = ByteRange::new(self.pos, end);
        let barrier = self.top().barrier;
        let open = self.environments.get(name).and_then(|places| places.last()).copied();
        if let Some(place) = open.filter(|place| *place > barrier) {
            self.close_down_to(place);
        } else if let Some(begin) = self.mismatched_begin() {
            self.fault(SyntaxErrorKind::MismatchedEnd, whole, begin);
        } else {
            if barrier == 0 {
                self.fault(SyntaxErrorKind::StrayEnd, whole, whole);
            }
            self.open(
                NodeKind::Command,
                Opened::Command { slots: Slots::Known(NO_SLOTS), next: 0 },
            );
            self.push_named(word_end, range, end);
            self.close();
            return true;
        }
        self.open(NodeKind::End, Opened::Root);
        self.push_named(word_end, range, end);
        self.close();
        self.close();
        true
    }

    /// The `\begin` of the innermost environment, if that is on top and its own `\end` does not come:
    /// then an `\end` of another name is meant for it.
    fn mismatched_begin(&self) -> Option<ByteRange> {
        let top = self.top();
        let Opened::Environment { name } = top.opened else { return None };
        let open = self.environments.get(name).map_or(0, Vec::len);
        let left = self.ends.get(name).map_or(0, |ends| ends.left);
        let start = self.arena.offset(self.arena.nodes[top.node as usize].first_token);
        (top.barrier == 0 && left < open).then(|| self.begin_range(start))
    }

    /// The body of a verbatim environment: up to its `\end`, or else that of the document.
    pub(super) fn verbatim_body(&mut self) {
        let Opened::Environment { name } = self.top().opened else { return };
        let rest = &self.text[self.pos..];
        // Looked for only where it is known to be, or each search could go through the whole rest.
        let find = |name: &str| {
            let ends = self.ends.get(name).filter(|ends| ends.last >= self.pos)?;
            rest[..ends.last - self.pos]
                .find(&format!("\\end{{{name}}}"))
                .or(Some(ends.last - self.pos))
        };
        let length = find(name).or_else(|| find("document")).unwrap_or(rest.len());
        if length > 0 {
            self.push(TokenKind::Verbatim, self.pos + length);
        }
    }
}

const NO_SLOTS: &[Slot] = &[];
