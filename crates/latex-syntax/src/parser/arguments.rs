//! The arguments of commands and of `\begin`, as their signatures want them.

use super::{Opened, Parser};
use crate::{
    SyntaxErrorKind,
    signature::{Form, Role, Slot},
    token::{TokenKind, char_end, token_at},
    tree::NodeKind,
};
use quire_text::ByteRange;

/// An overlay or a pair of coordinates is not longer.
const RAW_LIMIT: usize = 200;

impl Parser<'_> {
    /// Takes the next argument of the innermost command, or closes the command. False if there is no
    /// command that could take one.
    pub(super) fn step_arguments(&mut self) -> bool {
        let (slot, is_known) = match &mut self.stack.last_mut().map(|frame| &mut frame.opened) {
            Some(Opened::Command { slots, next } | Opened::Begin { slots, next, .. }) => {
                let slot = slots.get(*next);
                *next += 1;
                (slot, !matches!(slots, super::Slots::Unknown))
            }
            _ => return false,
        };
        match slot {
            Some(slot) => {
                if !self.argument(slot) && slot.form == Form::Mandatory {
                    self.finish();
                }
            }
            None if is_known => self.finish(),
            None => self.guessed_argument(),
        }
        true
    }

    /// Closes the command; the body of a verbatim environment follows its arguments.
    fn finish(&mut self) {
        let is_verbatim = matches!(self.top().opened, Opened::Begin { is_verbatim: true, .. });
        self.close();
        if is_verbatim {
            self.verbatim_body();
        }
    }

    fn byte(&self, pos: usize) -> Option<u8> {
        self.text.as_bytes().get(pos).copied()
    }

    /// Of a command that nobody described: braces and brackets directly behind it.
    fn guessed_argument(&mut self) {
        match self.byte(self.pos) {
            Some(b'{') => self.open_argument(Form::Mandatory, Role::Unknown, Opened::Brace),
            Some(b'[') if self.top().math == 0 => {
                let opened = Opened::Bracket { is_guess: true };
                self.open_argument(Form::Optional, Role::Unknown, opened);
            }
            Some(b'*') if matches!(self.byte(self.pos + 1), Some(b'{' | b'[')) => {
                self.push(TokenKind::Star, self.pos + 1);
            }
            _ => self.finish(),
        }
    }

    /// Opens or takes one argument, if it is there.
    fn argument(&mut self, slot: Slot) -> bool {
        let Slot { form, role } = slot;
        match form {
            Form::Star => {
                let found = self.byte(self.pos) == Some(b'*');
                if found {
                    self.push(TokenKind::Star, self.pos + 1);
                }
                found
            }
            Form::Overlay => self.raw(slot, b'<', b'>'),
            Form::Coordinates => self.raw(slot, b'(', b')'),
            Form::Delimited => self.delimited(slot),
            Form::ParameterText => self.parameter_text(),
            Form::OptionalTight => self.braced_or_bracketed(slot, self.pos, b'['),
            Form::Optional | Form::OptionalBraces | Form::Mandatory => {
                let Some(at) = self.behind_space() else { return false };
                let delimiter = if form == Form::Optional { b'[' } else { b'{' };
                if self.braced_or_bracketed(slot, at, delimiter) {
                    return true;
                }
                let found = form == Form::Mandatory
                    && takes_token(role, self.byte(at))
                    && !self.is_structure(at);
                if found {
                    self.push_space(at);
                    self.single_token(slot);
                }
                found
            }
            Form::Token => self.behind_space().is_some_and(|at| {
                let is_token = !matches!(self.byte(at), Some(b'{' | b'}' | b'$' | b'&'));
                let found = is_token && !self.is_structure(at);
                if found {
                    self.push_space(at);
                    self.single_token(slot);
                }
                found
            }),
            Form::Equals => self.behind_space().is_some_and(|at| {
                let found = self.byte(at) == Some(b'=');
                if found {
                    self.push_space(at);
                    self.push(TokenKind::Word, at + 1);
                }
                found
            }),
        }
    }

    /// Where the next thing stands behind spaces and comments; nothing if the paragraph or the text
    /// ends first.
    fn behind_space(&self) -> Option<usize> {
        let mut pos = self.pos;
        loop {
            match self.byte(pos)? {
                b' ' | b'\t' | b'\r' | b'\n' | b'%' => {
                    let (kind, end) = token_at(self.text, pos, self.letters);
                    if kind == TokenKind::Blank {
                        return None;
                    }
                    pos = end;
                }
                _ => return Some(pos),
            }
        }
    }

    fn push_space(&mut self, up_to: usize) {
        while self.pos < up_to {
            let (kind, end) = token_at(self.text, self.pos, self.letters);
            self.push(kind, end);
        }
    }

    fn open_argument(&mut self, form: Form, role: Role, opened: Opened<'static>) {
        self.open(NodeKind::Argument(form, role), opened);
        let (kind, end) = token_at(self.text, self.pos, self.letters);
        self.push(kind, end);
    }

    fn braced_or_bracketed(&mut self, slot: Slot, at: usize, delimiter: u8) -> bool {
        if self.byte(at) != Some(delimiter) {
            return false;
        }
        self.push_space(at);
        if slot.role == Role::Verbatim {
            self.raw_braces(slot);
        } else if delimiter == b'[' {
            self.open_argument(slot.form, slot.role, Opened::Bracket { is_guess: false });
        } else {
            self.open_argument(slot.form, slot.role, Opened::Brace);
        }
        true
    }

    /// A whole argument made of tokens that are pushed by `fill`.
    fn closed_argument(&mut self, slot: Slot, fill: impl FnOnce(&mut Self)) {
        self.open(NodeKind::Argument(slot.form, slot.role), Opened::Root);
        fill(self);
        self.close();
    }

    /// One character or command as an argument, as in `\frac12`.
    fn single_token(&mut self, slot: Slot) {
        self.closed_argument(slot, |parser| {
            let (kind, end) = token_at(parser.text, parser.pos, parser.letters);
            match kind {
                TokenKind::ControlWord | TokenKind::ControlSymbol => {
                    parser.open(NodeKind::Command, Opened::Root);
                    parser.push(kind, end);
                    parser.close();
                }
                TokenKind::Word => parser.push(kind, char_end(parser.text, parser.pos)),
                _ => parser.push(kind, end),
            }
        });
    }

    /// True before what must not vanish in an argument while it is being written.
    fn is_structure(&self, at: usize) -> bool {
        ["\\begin", "\\end", "\\(", "\\)", "\\[", "\\]"]
            .iter()
            .any(|word| self.text[at..].starts_with(word))
    }

    /// `<…>` or `(…)` directly behind, on one line.
    fn raw(&mut self, slot: Slot, open: u8, close: u8) -> bool {
        let bytes = self.text.as_bytes();
        if self.byte(self.pos) != Some(open) {
            return false;
        }
        let found = bytes[self.pos..]
            .iter()
            .take(RAW_LIMIT)
            .position(|byte| *byte == close || matches!(byte, b'\n' | b'\r' | b'{' | b'}' | b'$'));
        let Some(end) = found.map(|length| self.pos + length) else { return false };
        if bytes[end] != close {
            return false;
        }
        self.closed_argument(slot, |parser| parser.push(TokenKind::Raw, end + 1));
        true
    }

    /// `|…|` of `\verb` and its like, or braces.
    fn delimited(&mut self, slot: Slot) -> bool {
        let Some(delimiter) = self.text[self.pos..].chars().next() else { return false };
        if delimiter == '{' {
            self.raw_braces(slot);
            return true;
        }
        if delimiter.is_alphabetic() || delimiter.is_whitespace() {
            return false;
        }
        let start = self.pos;
        let inner = start + delimiter.len_utf8();
        let rest = &self.text[inner..];
        // One search for both: the rest of the line is gone through only if it is taken.
        let length = rest.find([delimiter, '\n', '\r']).unwrap_or(rest.len());
        let mut end = inner + length;
        if rest[length..].starts_with(delimiter) {
            end += delimiter.len_utf8();
        } else {
            let range = ByteRange::new(start, inner);
            self.fault(SyntaxErrorKind::UnclosedVerbatim, range, ByteRange::new(end, end));
        }
        self.closed_argument(slot, |parser| parser.push(TokenKind::Verbatim, end));
        true
    }

    /// `{…}` with balanced braces on one line, not looked into.
    fn raw_braces(&mut self, slot: Slot) {
        let bytes = self.text.as_bytes();
        let start = self.pos;
        let mut depth = 0_usize;
        let ends = |byte: &u8| {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            depth == 0 || matches!(byte, b'\n' | b'\r')
        };
        let inner_end = start + bytes[start..].iter().position(ends).unwrap_or(bytes.len() - start);
        let is_closed = self.byte(inner_end) == Some(b'}');
        if !is_closed {
            let range = ByteRange::new(start, start + 1);
            let related = ByteRange::new(inner_end, inner_end);
            self.fault(SyntaxErrorKind::UnclosedBrace, range, related);
        }
        self.closed_argument(slot, |parser| {
            parser.push(TokenKind::LeftBrace, start + 1);
            if start + 1 < inner_end {
                parser.push(TokenKind::Verbatim, inner_end);
            }
            if is_closed {
                parser.push(TokenKind::RightBrace, inner_end + 1);
            }
        });
    }

    /// What stands before the body of a `\def`.
    fn parameter_text(&mut self) -> bool {
        let slot = Slot { form: Form::ParameterText, role: Role::Keys };
        if matches!(self.byte(self.pos), None | Some(b'{' | b'}' | b'\n' | b'\r')) {
            return false;
        }
        self.closed_argument(slot, |parser| {
            while parser.pos < parser.text.len() {
                let (kind, end) = token_at(parser.text, parser.pos, parser.letters);
                if matches!(kind, TokenKind::LeftBrace | TokenKind::RightBrace | TokenKind::Blank) {
                    break;
                }
                parser.push(kind, end);
            }
        });
        true
    }
}

/// True if an argument of this role may be one token that starts with this byte.
fn takes_token(role: Role, byte: Option<u8>) -> bool {
    match role {
        Role::CommandName => byte == Some(b'\\'),
        Role::Math => !matches!(byte, None | Some(b'}' | b']' | b'$' | b'&' | b'_' | b'^')),
        Role::Text => byte.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'\\'),
        _ => false,
    }
}
