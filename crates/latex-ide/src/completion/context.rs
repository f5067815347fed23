//! What is being written at a place. Read from the text, not from the tree: while a name is typed its
//! brace is open, and a tree makes of that what it can.

use quire_latex_syntax::{Form, Role, Slot};
use quire_text::ByteRange;

/// What is typed lies in one paragraph, and no further back, in bytes.
const WINDOW: usize = 4_000;

/// An argument that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument<'a> {
    /// The command, without backslash.
    pub(crate) command: &'a str,
    /// The arguments before: their brackets and what is in them.
    pub(crate) before: Vec<(u8, ByteRange)>,
    /// The bracket that opens it.
    pub(crate) bracket: u8,
    /// Where its content begins.
    pub(crate) start: usize,
}

impl Argument<'_> {
    /// What it is for.
    pub(crate) fn role(&self, slots: Option<&[Slot]>) -> Role {
        let Some(slots) = slots else { return self.guess() };
        let mut slots = slots.iter();
        let mut role = None;
        for bracket in self.before.iter().map(|(bracket, _)| *bracket).chain([self.bracket]) {
            role = slots.find(|slot| fits(slot.form, bracket)).map(|slot| slot.role);
            if role.is_none() {
                break;
            }
        }
        role.unwrap_or(Role::Unknown)
    }

    /// Of a command that nobody described.
    fn guess(&self) -> Role {
        let name = self.command.to_ascii_lowercase();
        match self.bracket {
            b'{' if name.contains("cite") => Role::Citations,
            b'{' if name.ends_with("ref") => Role::References,
            _ => Role::Unknown,
        }
    }
}

fn fits(form: Form, bracket: u8) -> bool {
    match form {
        Form::Mandatory | Form::OptionalBraces => bracket == b'{',
        Form::Optional | Form::OptionalTight => bracket == b'[',
        _ => false,
    }
}

/// The command whose name ends or goes on at `offset`: with its backslash, up to the end of its letters.
pub(crate) fn command_at(text: &str, offset: usize) -> Option<ByteRange> {
    let before = text.get(..offset)?;
    let is_letter = |c: char| c.is_alphabetic() || c == '@';
    let name = before.trim_end_matches(is_letter);
    let backslashes = name.len() - name.trim_end_matches('\\').len();
    if backslashes % 2 == 0 {
        return None;
    }
    let behind = text[offset..].find(|c: char| !is_letter(c)).unwrap_or(text.len() - offset);
    Some(ByteRange::new(name.len() - 1, offset + behind))
}

/// A command and what it has taken so far.
#[derive(Clone)]
struct Owner {
    name: ByteRange,
    before: Vec<(u8, ByteRange)>,
}

/// The argument around `offset`, if a command has it.
pub(crate) fn argument_at(text: &str, offset: usize) -> Option<Argument<'_>> {
    let start = window_start(text, offset);
    let bytes = text.as_bytes();
    let mut open: Vec<(u8, usize, Option<Owner>)> = Vec::new();
    let mut current: Option<Owner> = None;
    let mut pos = start;
    while pos < offset {
        let byte = bytes[pos];
        match byte {
            b'\\' => {
                let name = pos + 1;
                let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'@';
                let letters = bytes[name..offset].iter().take_while(|byte| is_letter(byte)).count();
                let length = if letters == 0 {
                    text[name..].chars().next().map_or(0, char::len_utf8)
                } else {
                    letters
                };
                // `\{` and `\%` take nothing.
                let range = ByteRange::new(name, name + length);
                current = (letters > 0).then(|| Owner { name: range, before: Vec::new() });
                pos = name + length;
                continue;
            }
            b'%' => {
                let rest = &bytes[pos..offset];
                pos += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                continue;
            }
            b'{' => open.push((byte, pos, current.take())),
            b'[' if current.is_some() => open.push((byte, pos, current.take())),
            b'}' => {
                while open.pop_if(|(bracket, ..)| *bracket == b'[').is_some() {}
                current = open.pop().and_then(|top| taken(top, pos));
            }
            b']' => {
                let top = open.pop_if(|(bracket, ..)| *bracket == b'[');
                current = top.and_then(|top| taken(top, pos));
            }
            b'*' | b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => current = None,
        }
        pos += 1;
    }
    let (bracket, at, owner) = open.pop()?;
    let owner = owner?;
    let command = text.get(owner.name.as_range())?;
    Some(Argument { command, before: owner.before, bracket, start: at + 1 })
}

fn taken((bracket, at, owner): (u8, usize, Option<Owner>), end: usize) -> Option<Owner> {
    let mut owner = owner?;
    owner.before.push((bracket, ByteRange::new(at + 1, end)));
    Some(owner)
}

/// Behind the last empty line, and not too far away.
fn window_start(text: &str, offset: usize) -> usize {
    let mut start = offset.saturating_sub(WINDOW);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let window = &text[start..offset];
    let first_line = if start == 0 { 0 } else { window.find('\n').map_or(0, |end| end + 1) };
    let mut paragraph = first_line;
    let mut line = first_line;
    while let Some(length) = window[line..].find('\n') {
        if window[line..line + length].trim().is_empty() {
            paragraph = line + length + 1;
        }
        line += length + 1;
    }
    start + paragraph
}

/// The part of a list around `offset` that a completion replaces; `start` is where the list begins.
pub(crate) fn item_at(text: &str, start: usize, offset: usize) -> ByteRange {
    let before = &text[start..offset];
    let item = before.rfind([',', '\n', '%']).map_or(0, |at| at + 1);
    let spaces = before[item..].len() - before[item..].trim_start().len();
    let behind = &text[offset..];
    let end = behind.find([',', '}', ']', '\n', '\r', '%', '\\', '{', ' ']).unwrap_or(behind.len());
    ByteRange::new(start + item + spaces, offset + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(drawn: &str) -> String {
        let offset = drawn.find('|').unwrap();
        let text = drawn.replacen('|', "", 1);
        if let Some(range) = command_at(&text, offset) {
            return format!("command {}", &text[range.as_range()]);
        }
        match argument_at(&text, offset) {
            Some(argument) => {
                let item = &text[item_at(&text, argument.start, offset).as_range()];
                let before: String = argument.before.iter().map(|(b, _)| char::from(*b)).collect();
                let bracket = char::from(argument.bracket);
                format!("{} {before}{bracket} `{item}`", argument.command)
            }
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn what_is_written_is_known() {
        let cases = [
            (r"a \se|", r"command \se"),
            (r"a \|", r"command \"),
            (r"a \\se|", "nothing"),
            (r"\sec|tion{x}", r"command \section"),
            (r"\cite[p.~3]{knuth, la|} text", "cite [{ `la`"),
            (r"\cite{kn|uth, lamport} text", "cite { `knuth`"),
            (r"\cite{a}{b} \emph{see \ref{|", "ref { ``"),
            (r"\ref{a} te|xt", "nothing"),
            ("\\emph{one\n\ntwo|", "nothing"),
            ("\\cite{a, % why\n  b|", "cite { `b`"),
            (r"\includegraphics [width=3cm] {fi|", "includegraphics [{ `fi`"),
            (r"\section*{A [half]|}", "section { `A [half]`"),
            (r"\% \{ {no|", "nothing"),
            ("% \\ref{\n\\label{a|b}", "label { `ab`"),
        ];
        for (drawn, expected) in cases {
            assert_eq!(at(drawn), expected, "{drawn}");
        }
    }
}
