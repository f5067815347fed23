//! Where a message belongs: file, lines, and the exact bytes.

use super::{
    Diagnostic, Place, SourceFile,
    explain::View,
    log::{Kind, Message},
};
use quire_project::ProjectPath;
use quire_tex_engine::{FileOrigin, ReadFile};
use quire_text::{ByteRange, LineIndex, LineNumber};
use std::sync::Arc;

impl View<'_> {
    /// Packages hold bytes of old encodings in their comments; no author can change that.
    pub(super) fn is_about_the_bundle(&self, message: &Message) -> bool {
        let in_bundle = |name: &str| matches!(self.source_file(name), SourceFile::Bundle(_));
        message.text.starts_with("Invalid UTF-8") && message.file.as_deref().is_some_and(in_bundle)
    }

    /// The place in the project: that of the message, or, for one inside a package, the line that was
    /// being read in the project's own file.
    pub(super) fn place(&self, message: &Message) -> Option<Place> {
        let name = message.file.as_deref()?;
        let file = self.source_file(name);
        if let SourceFile::Bundle(bundled) = &file
            && let Some((path, line)) = self.own_line_before(message.log.start.0)
        {
            if let Some(place) = self.loading(bundled, &path, line) {
                return Some(place);
            }
            let line = LineNumber(line);
            let file = SourceFile::Project(path);
            return Some(Place { file, first_line: line, last_line: line, range: None });
        }
        let first = LineNumber(message.first_line?.max(1));
        let last = LineNumber(message.last_line.unwrap_or(first.0).max(first.0));
        Some(Place { file, first_line: first, last_line: last, range: None })
    }

    fn own_line_before(&self, offset: usize) -> Option<(ProjectPath, u32)> {
        let marks = self.evidence.marks;
        let before = marks.partition_point(|mark| mark.log_offset <= offset as u64);
        marks[..before].iter().rev().find_map(|mark| match self.source_file(&mark.file) {
            SourceFile::Project(path) if mark.line > 0 => Some((path, mark.line)),
            _ => None,
        })
    }

    /// The `\usepackage` of a package in which something happens, at or after a line: the log has a
    /// place only for what is written to it, and loading a package need not be.
    fn loading(&self, bundled: &str, path: &ProjectPath, line: u32) -> Option<Place> {
        let package = bundled.strip_suffix(".sty")?;
        let after = LineNumber(line);
        let file = SourceFile::Project(path.clone());
        let place = Place { file, first_line: after, last_line: after, range: None };
        let (_, bytes, range) = self.line(&place)?;
        let rest = std::str::from_utf8(bytes.get(range.start.0..)?).ok()?;
        let preamble = &rest[..rest.find("\\begin{document}")?];
        let lines = preamble.lines().zip(line..);
        let names = |text: &str| text.split(['{', '}', ',', ' ']).any(|name| name == package);
        let (_, found) = lines
            .filter(|(text, _)| text.trim_start().starts_with("\\usepackage"))
            .find(|(text, _)| names(text))?;
        let found = LineNumber(found);
        Some(Place { first_line: found, last_line: found, ..place })
    }

    /// What a name of the engine's stands for. It leaves extensions out at times.
    fn source_file(&self, name: &str) -> SourceFile {
        let plain = name.strip_prefix("./").unwrap_or(name);
        let same = |read: &&ReadFile| {
            let asked = read.name.strip_prefix("./").unwrap_or(&read.name);
            asked == plain || asked.strip_suffix(".tex") == Some(plain)
        };
        let served = |read: &&ReadFile| !matches!(read.origin, FileOrigin::Missing);
        let read = self.evidence.reads.iter().filter(served).find(same);
        match read.map(|read| (&read.origin, &read.path)) {
            Some((FileOrigin::Project(_), Some(path))) => SourceFile::Project(path.clone()),
            Some((FileOrigin::Generated(_), _)) => SourceFile::Generated(plain.to_owned()),
            Some(_) => SourceFile::Bundle(plain.to_owned()),
            // Not of our worker: a log of another engine.
            None => match ProjectPath::resolve(self.evidence.root.folder(), plain) {
                Ok(path) if matches!(self.evidence.files.read(&path), Ok(Some(_))) => {
                    SourceFile::Project(path)
                }
                _ => SourceFile::Bundle(plain.to_owned()),
            },
        }
    }

    /// The bytes of the line that a place names.
    pub(super) fn line(&self, place: &Place) -> Option<(ProjectPath, Arc<[u8]>, ByteRange)> {
        let SourceFile::Project(path) = &place.file else { return None };
        let mut sources = self.sources.borrow_mut();
        if !sources.contains_key(path) {
            let bytes = self.evidence.files.read(path).ok()??;
            sources.insert(path.clone(), (LineIndex::new(&bytes), bytes));
        }
        let (index, bytes) = sources.get(path)?;
        let range = index.line_content(place.first_line, bytes)?;
        Some((path.clone(), bytes.clone(), range))
    }

    /// Find the exact bytes that a message is about: the last token that TeX had read, or the name
    /// that the message quotes.
    pub(super) fn narrow(
        &self,
        diagnostic: &mut Diagnostic,
        message: &Message,
        captured: &[String],
    ) {
        let Some(place) = &mut diagnostic.place else { return };
        // These are where they are told.
        let exact = ["undefined-command", "mismatched-environment"];
        if message.kind == Kind::Error && !exact.contains(&diagnostic.code.as_str()) {
            self.step_back(place, captured);
        }
        let Some((_, bytes, line)) = self.line(place) else { return };
        let text = String::from_utf8_lossy(&bytes[line.as_range()]);
        if text.len() != line.len() {
            return;
        }
        let quoted = captured
            .first()
            .filter(|name| name.len() > 1)
            .and_then(|name| text.find(name.as_str()).map(|at| at..at + name.len()));
        let stopped = message.context.as_ref().and_then(|(before, _)| stop(&text, before));
        let exact =
            if diagnostic.code == "undefined-command" { stopped } else { quoted.or(stopped) };
        place.range =
            exact.map(|range| ByteRange::new(line.start.0 + range.start, line.start.0 + range.end));
    }

    /// Take the first `word` of the line as what the message is about, if it has one.
    pub(super) fn narrow_to(&self, diagnostic: &mut Diagnostic, word: &str) {
        let Some((_, bytes, line)) = diagnostic.place.as_ref().and_then(|p| self.line(p)) else {
            return;
        };
        let text = std::str::from_utf8(&bytes[line.as_range()]).unwrap_or_default();
        if let (Some(at), Some(place)) = (text.find(word), &mut diagnostic.place) {
            let start = line.start.0 + at;
            place.range = Some(ByteRange::new(start, start + word.len()));
        }
    }

    /// TeX looks ahead for an optional argument, into the next line, before it finds out: the line
    /// meant is the one that has the name.
    fn step_back(&self, place: &mut Place, captured: &[String]) {
        let Some(name) = captured.first().filter(|name| name.len() > 2) else { return };
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        for back in 0..3 {
            let Some(line) = place.first_line.0.checked_sub(back).filter(|line| *line > 0) else {
                return;
            };
            let there = Place { first_line: LineNumber(line), ..place.clone() };
            let Some((_, bytes, range)) = self.line(&there) else { return };
            if String::from_utf8_lossy(&bytes[range.as_range()]).contains(stem) {
                place.first_line = LineNumber(line);
                place.last_line = place.last_line.min(LineNumber(line));
                return;
            }
        }
    }

    /// Where the sources first have `name` as an argument or a part of a list of them.
    pub(super) fn argument_place(&self, name: &str) -> Option<Place> {
        let before = |c: char| "{, \n\t".contains(c);
        let after = |c: char| "}, \n\t".contains(c);
        self.evidence.inputs.iter().filter(|path| path.extension() == "tex").find_map(|path| {
            let bytes = self.evidence.files.read(path).ok()??;
            let text = std::str::from_utf8(&bytes).ok()?;
            let (at, _) = text.match_indices(name).find(|(at, _)| {
                text[..*at].ends_with(before) && text[at + name.len()..].starts_with(after)
            })?;
            Some(Place::of_range(path, &bytes, ByteRange::new(at, at + name.len())))
        })
    }

    /// The last `\label{name}` of the document: TeX notices the double only in its own file.
    pub(super) fn last_label(&self, name: &str) -> Option<Place> {
        let label = format!("\\label{{{name}}}");
        self.evidence.inputs.iter().rev().find_map(|path| {
            let bytes = self.evidence.files.read(path).ok()??;
            let at = std::str::from_utf8(&bytes).ok()?.rfind(&label)?;
            Some(Place::of_range(path, &bytes, ByteRange::new(at, at + label.len())))
        })
    }
}

/// The token before which TeX stopped: the end of `before` in the line.
fn stop(line: &str, before: &str) -> Option<std::ops::Range<usize>> {
    let shown = before.strip_prefix("...").unwrap_or(before);
    let is_whole = before.len() == shown.len();
    let starts = line.char_indices().map(|(at, _)| at).take(if is_whole { 1 } else { usize::MAX });
    let shown = shown.trim_end();
    let end = starts.into_iter().find_map(|at| Some(at + read_as_logged(&line[at..], shown)?))?;
    let read = &line[..end];
    let letters = read.chars().rev().take_while(char::is_ascii_alphabetic).count();
    let start = end - letters;
    if line[..start].ends_with('\\') {
        return Some(start - 1..end);
    }
    let last = read.chars().next_back()?.len_utf8();
    Some(end - last..end)
}

/// How many bytes of `line` the log shows as `shown`; `None` when it shows something else. The engine
/// writes a control character as `^^I`, and of a character above U+FFFF only the lower half.
fn read_as_logged(line: &str, shown: &str) -> Option<usize> {
    let mut rest = shown;
    for (at, c) in line.char_indices() {
        if rest.is_empty() {
            return Some(at);
        }
        rest = rest.strip_prefix(c).or_else(|| match u32::from(c) {
            code @ ..0x20 => rest.strip_prefix("^^")?.strip_prefix(char::from_u32(code + 0x40)?),
            code @ 0x1_0000.. => match char::from_u32(code & 0xffff) {
                Some(half) => rest.strip_prefix(half),
                // Half a surrogate pair is no UTF-8: each of its three bytes was replaced.
                None => rest.strip_prefix("\u{fffd}\u{fffd}\u{fffd}"),
            },
            _ => None,
        })?;
    }
    rest.is_empty().then_some(line.len())
}
