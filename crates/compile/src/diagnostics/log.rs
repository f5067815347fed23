//! The log, taken apart: errors with their context, warnings, boxes, missing characters.
//!
//! Reads what our worker writes (long lines, `file:line:` before errors, marks that tell the place of
//! each part) and classic logs (`! …`, lines broken at 79 characters, files in parentheses).

use quire_tex_engine::LogMark;
use quire_text::ByteRange;

/// Classic logs break their lines here.
const CLASSIC_WIDTH: usize = 79;
/// An error's own lines: message, context, help. More is not part of it.
const ERROR_LINES: usize = 40;
/// A warning's lines.
const WARNING_LINES: usize = 12;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Warning,
    /// An overfull or underfull box, a missing character: by TeX itself, about the output.
    Notice,
}

/// One message of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    /// In one line, continuation lines joined.
    pub(super) text: String,
    /// File as the engine names it.
    pub(super) file: Option<String>,
    pub(super) first_line: Option<u32>,
    pub(super) last_line: Option<u32>,
    /// What TeX had read of the line when it stopped, and what came after.
    pub(super) context: Option<(String, String)>,
    /// The last command of the innermost macro that was being expanded.
    pub(super) culprit: Option<String>,
    pub(super) log: ByteRange,
}

struct Line<'a> {
    start: usize,
    text: &'a str,
}

/// All messages, in order.
pub(super) fn messages(log: &[u8], marks: &[LogMark]) -> Vec<Message> {
    let text = String::from_utf8_lossy(log);
    let lines = split(log, &text);
    let mut files = FileStack::default();
    let mut found = Vec::new();
    let mut i = 0;
    while let Some(line) = lines.get(i) {
        let parsed = error(&lines, i).or_else(|| warning(&lines, i)).or_else(|| notice(&lines, i));
        match parsed {
            Some((mut message, used)) => {
                let end = lines.get(i + used).map_or(log.len(), |line| line.start);
                message.log = ByteRange::new(line.start, end);
                if message.file.is_none() {
                    place(&mut message, marks, &files, line.start);
                }
                found.push(message);
                i += used;
            }
            None => {
                let used = if marks.is_empty() { files.read_broken(&lines[i..]) } else { 1 };
                i += used;
            }
        }
    }
    found
}

/// The lines of `text`, which is `log` made valid, with their offsets in `log` itself: a replaced byte
/// is longer than it was, but no line end is ever replaced.
fn split<'a>(log: &[u8], text: &'a str) -> Vec<Line<'a>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for (raw, line) in log.split_inclusive(|byte| *byte == b'\n').zip(text.split_inclusive('\n')) {
        lines.push(Line { start, text: line.trim_end_matches(['\n', '\r']) });
        start += raw.len();
    }
    lines
}

fn place(message: &mut Message, marks: &[LogMark], files: &FileStack, offset: usize) {
    let after = marks.partition_point(|mark| mark.log_offset <= offset as u64);
    match after.checked_sub(1).map(|at| &marks[at]) {
        Some(mark) if !mark.file.is_empty() => {
            message.file = Some(mark.file.clone());
            if message.first_line.is_none() && mark.line > 0 {
                message.first_line = Some(mark.line);
            }
        }
        _ => message.file = files.top(),
    }
}

/// `file:12: text` or `! text`, its context and help.
fn error(lines: &[Line<'_>], at: usize) -> Option<(Message, usize)> {
    let line = lines[at].text;
    let of_tex = line.strip_prefix("! ");
    let of_engine = || line.strip_prefix('!').filter(|rest| rest.starts_with("pdfTeX error"));
    let (file, number, text) = match of_tex.or_else(of_engine) {
        Some(text) => (None, None, text),
        None => {
            let (file, number, text) = file_line(line)?;
            (Some(file.to_owned()), Some(number), text)
        }
    };
    let mut message = Message {
        kind: Kind::Error,
        text: text.trim().to_owned(),
        file,
        first_line: number,
        last_line: None,
        context: None,
        culprit: None,
        log: ByteRange::default(),
    };
    let mut used = 1;
    let mut in_message = true;
    while used < ERROR_LINES {
        let Some(next) = lines.get(at + used).map(|line| line.text) else { break };
        if next.starts_with("! ") || file_line(next).is_some() || warning_start(next).is_some() {
            break;
        }
        if let Some((number, before)) = context_line(next) {
            let after = lines.get(at + used + 1).map_or("", |line| line.text).trim();
            message.context = Some((before.to_owned(), after.to_owned()));
            if message.first_line.is_none() {
                message.first_line = Some(number);
            }
            used += 2;
            break;
        }
        if in_message && !next.is_empty() && is_continuation(next) {
            let broken = lines[at + used - 1].text.len() == CLASSIC_WIDTH;
            if !broken || continuation(next) != next.trim() {
                message.text.push(' ');
            }
            message.text.push_str(continuation(next));
        } else {
            in_message = false;
            if message.culprit.is_none() {
                message.culprit = last_command(next);
            }
        }
        used += 1;
    }
    // An error without a context line ends where its paragraph ends.
    if message.context.is_none() {
        let blank = |k: &usize| lines.get(at + k).is_none_or(|line| line.text.is_empty());
        used = (1..used).find(blank).unwrap_or(1);
    }
    Some((message, used))
}

/// `name.tex:12: text`.
fn file_line(line: &str) -> Option<(&str, u32, &str)> {
    let mut from = 0;
    loop {
        let colon = from + line.get(from..)?.find(':')?;
        let rest = &line[colon + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && rest[digits..].starts_with(": ") && colon > 0 {
            let file = &line[..colon];
            let number = rest[..digits].parse().ok()?;
            let text = &rest[digits + 2..];
            // TeX leaves the extension out where the author did; then the text must look like TeX's.
            let has_extension = file.rsplit('/').next().is_some_and(|name| name.contains('.'));
            let plain = |c: char| c.is_alphanumeric() || "/_-".contains(c);
            let bare = file.chars().all(plain) && text.starts_with(|c: char| c.is_uppercase());
            let named = (has_extension || bare) && !file.contains(['(', '"']);
            return named.then_some((file, number, text));
        }
        from = colon + 1;
    }
}

/// `l.12 text before`.
fn context_line(line: &str) -> Option<(u32, &str)> {
    let rest = line.strip_prefix("l.")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    Some((rest[..digits].parse().ok()?, rest[digits..].strip_prefix(' ').unwrap_or("")))
}

/// `\foo ...->\bar \baz` ends in `\baz`.
fn last_command(line: &str) -> Option<String> {
    let is_expansion = line.contains("->") || line.starts_with('<');
    let line = line.trim_end();
    let name = line.rsplit('\\').next().filter(|_| is_expansion)?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '@');
    is_name.then(|| format!("\\{name}"))
}

fn is_continuation(line: &str) -> bool {
    let ends = ["Type ", "See the ", "For immediate", "...", "<", " ...", "\\"];
    line.starts_with('(') && line.contains(")  ") || !ends.iter().any(|end| line.starts_with(end))
}

/// `(package)      more text` without what stands before the text.
fn continuation(line: &str) -> &str {
    match line.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((name, text)) if !name.contains(' ') && text.starts_with(' ') => text.trim(),
        _ => line.trim(),
    }
}

/// What a warning comes from: `LaTeX`, `Package x`, `pdfTeX`.
fn warning_start(line: &str) -> Option<&str> {
    let engines = ["pdfTeX warning", "LuaTeX warning", "luaTeX warning", "xdvipdfmx:warning"];
    if let Some(engine) = engines.iter().find(|engine| line.starts_with(*engine)) {
        return Some(&line[..engine.len()]);
    }
    let at = line.find(" Warning: ")?;
    let source = &line[..at];
    let known = ["LaTeX", "LaTeX Font", "LaTeX hooks", "LaTeX3"];
    let named = ["Package ", "Class ", "Module "].iter().any(|start| source.starts_with(start));
    (known.contains(&source) || named).then_some(source)
}

fn warning(lines: &[Line<'_>], at: usize) -> Option<(Message, usize)> {
    let line = lines[at].text;
    warning_start(line)?;
    let mut text = line.to_owned();
    let mut used = 1;
    let mut last = line;
    while used < WARNING_LINES {
        let Some(next) = lines.get(at + used).map(|line| line.text) else { break };
        if next.is_empty() {
            break;
        }
        if last.len() == CLASSIC_WIDTH {
            text.push_str(next);
        } else if next.starts_with('(') && continuation(next) != next.trim() {
            text.push(' ');
            text.push_str(continuation(next));
        } else {
            break;
        }
        last = next;
        used += 1;
    }
    let number = text.rsplit_once("input line ").and_then(|(_, rest)| {
        rest.trim_end_matches(['.', ' ']).split(['.', ' ']).next()?.parse().ok()
    });
    let message = Message {
        kind: Kind::Warning,
        text,
        file: None,
        first_line: number,
        last_line: None,
        context: None,
        culprit: None,
        log: ByteRange::default(),
    };
    Some((message, used))
}

fn notice(lines: &[Line<'_>], at: usize) -> Option<(Message, usize)> {
    let mut text = lines[at].text.to_owned();
    let starts = [
        "Overfull \\",
        "Underfull \\",
        "Missing character:",
        "Invalid UTF-8",
        "Loose \\",
        "Tight \\",
    ];
    if !starts.iter().any(|start| text.starts_with(start)) {
        return None;
    }
    let mut used = 1;
    if text.len() == CLASSIC_WIDTH
        && let Some(next) = lines.get(at + 1)
    {
        text.push_str(next.text);
        used += 1;
    }
    let (first, last) = match text.rsplit_once("at lines ") {
        Some((_, range)) => {
            let mut numbers = range.split("--").map(|n| n.trim().parse().ok());
            (numbers.next().flatten(), numbers.next().flatten())
        }
        None => (text.rsplit_once("at line ").and_then(|(_, n)| n.trim().parse().ok()), None),
    };
    let message = Message {
        kind: Kind::Notice,
        text,
        file: None,
        first_line: first,
        last_line: last,
        context: None,
        culprit: None,
        log: ByteRange::default(),
    };
    Some((message, used))
}

/// The files that a classic log is in, by its parentheses.
#[derive(Default)]
struct FileStack(Vec<Option<String>>);

impl FileStack {
    /// Read the first of `lines`, with those that it was broken into; returns how many these are. The
    /// name of a file may go on in the next line.
    fn read_broken(&mut self, lines: &[Line<'_>]) -> usize {
        let mut text = String::new();
        let mut used = 0;
        for (i, line) in lines.iter().enumerate() {
            let begins = || error(lines, i).is_some() || warning_start(line.text).is_some();
            if i > 0 && (begins() || notice(lines, i).is_some()) {
                break;
            }
            text.push_str(line.text);
            used += 1;
            if line.text.len() != CLASSIC_WIDTH {
                break;
            }
        }
        self.read(&text);
        used
    }

    fn read(&mut self, line: &str) {
        let mut rest = line;
        while let Some(at) = rest.find(['(', ')']) {
            let (mark, after) = (rest.as_bytes()[at], &rest[at + 1..]);
            if mark == b')' {
                self.0.pop();
            } else if self.0.len() < 200 {
                let name: String =
                    after.chars().take_while(|c| !" ()[]{}\"".contains(*c)).collect();
                let is_file = name.contains('.') && !name.ends_with('.');
                self.0.push(is_file.then_some(name));
            }
            rest = after;
        }
    }

    fn top(&self) -> Option<String> {
        self.0.iter().rev().flatten().next().cloned()
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
