//! What TeX notices too late, looked for in the sources: an environment without its end, an argument
//! without its brace.

use super::{Diagnostic, Place, Severity};
use quire_project::{FileSource, ProjectPath};
use quire_text::ByteRange;

/// Environments whose contents are not TeX.
const VERBATIM: [&str; 7] =
    ["verbatim", "verbatim*", "lstlisting", "minted", "comment", "Verbatim", "filecontents*"];

/// The innermost environment of a file that nothing ends, and its `\begin`.
pub(crate) fn environment(files: &dyn FileSource, path: &ProjectPath) -> Option<(String, Place)> {
    let bytes = files.read(path).ok()??;
    let text = std::str::from_utf8(&bytes).ok()?;
    // Definitions in the preamble begin in one place and end in another.
    let body = text.find("\\begin{document}").unwrap_or(0);
    let (name, range) = unended_environment(&text[body..])?;
    let range = ByteRange::new(body + range.start, body + range.end);
    Some((name.to_owned(), Place::of_range(path, &bytes, range)))
}

/// The first use of `command` in a file whose `{` nothing closes.
pub(super) fn argument(files: &dyn FileSource, path: &ProjectPath, command: &str) -> Option<Place> {
    let bytes = files.read(path).ok()??;
    let text = std::str::from_utf8(&bytes).ok()?;
    let opening = format!("{command}{{");
    let (at, _) = text.match_indices(&opening).find(|(at, _)| {
        !is_comment(text, *at) && closing_brace(&text[at + opening.len()..]).is_none()
    })?;
    Some(Place::of_range(path, &bytes, ByteRange::new(at, at + opening.len())))
}

/// Code of the diagnostic of a group that is open at the end.
pub(super) const UNENDED_GROUP: &str = "unended-group";

/// TeX came to the end inside of a group, which is no error to it: a `{` that nothing closes.
pub(super) fn group(
    log: &[u8],
    files: &dyn FileSource,
    inputs: &[ProjectPath],
) -> Option<Diagnostic> {
    ends_in_group(log).then(|| Diagnostic {
        code: UNENDED_GROUP.to_owned(),
        severity: Severity::Warning,
        place: inputs.iter().find_map(|path| brace(files, path)),
        message: "(\\end occurred inside a group)".to_owned(),
        explanation: "A `{` is not closed: what it changes goes on to the end of the document."
            .to_owned(),
        fix: None,
        caused: Vec::new(),
        log: None,
    })
}

/// Whether a log says that a group or an environment was open at the end.
pub fn ends_in_group(log: &[u8]) -> bool {
    let words = b"\\end occurred inside a group";
    log.windows(words.len()).any(|part| part == words)
}

/// The last `{` of a file that nothing closes.
fn brace(files: &dyn FileSource, path: &ProjectPath) -> Option<Place> {
    let bytes = files.read(path).ok()??;
    let text = std::str::from_utf8(&bytes).ok().filter(|_| path.extension() == "tex")?;
    let at = unclosed_brace(text)?;
    Some(Place::of_range(path, &bytes, ByteRange::new(at, at + 1)))
}

/// The first occurrence of `words`.
pub(super) fn text(files: &dyn FileSource, path: &ProjectPath, words: &str) -> Option<Place> {
    let bytes = files.read(path).ok()??;
    let at = std::str::from_utf8(&bytes).ok()?.find(words)?;
    Some(Place::of_range(path, &bytes, ByteRange::new(at, at + words.len())))
}

fn unended_environment(text: &str) -> Option<(&str, std::ops::Range<usize>)> {
    let mut open: Vec<(&str, std::ops::Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('\\').map(|found| at + found) {
        at = found + 1;
        let rest = &text[found..];
        let (is_begin, after) = match (rest.strip_prefix("\\begin{"), rest.strip_prefix("\\end{")) {
            (Some(after), _) => (true, after),
            (_, Some(after)) => (false, after),
            _ => {
                // `\\` and `\%` are whole.
                at += rest.chars().nth(1).map_or(0, char::len_utf8);
                continue;
            }
        };
        let Some((name, _)) = after.split_once('}').filter(|_| !is_comment(text, found)) else {
            continue;
        };
        let end = text.len() - after.len() + name.len() + 1;
        if is_begin && VERBATIM.contains(&name) {
            match text[end..].find(&format!("\\end{{{name}}}")) {
                Some(length) => at = end + length + 1,
                None => return Some((name, found..end)),
            }
        } else if is_begin {
            open.push((name, found..end));
        } else if open.last().is_some_and(|(last, _)| *last == name) {
            open.pop();
        } else {
            return open.pop();
        }
    }
    open.pop()
}

/// Whether a `%` stands before this place in its line.
fn is_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.replace("\\\\", "").replace("\\%", "").contains('%')
}

/// The brace that ends an argument, in the text after its beginning.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                characters.next();
            }
            '%' => {
                characters.find(|(_, c)| *c == '\n');
            }
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The innermost `{` that is open at the end.
fn unclosed_brace(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                characters.next();
            }
            '%' => {
                characters.find(|(_, c)| *c == '\n');
            }
            '{' => open.push(at),
            '}' => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::{closing_brace, unclosed_brace, unended_environment};

    #[test]
    fn an_unclosed_brace_is_found() {
        assert_eq!(unclosed_brace("a{b}{\\bf c\\{ % {\n{d}"), Some(4));
        assert_eq!(unclosed_brace("a{b} \\{"), None);
    }

    #[test]
    fn the_innermost_environment_without_end_is_found() {
        let unended = |text| unended_environment(text).map(|(name, range)| (name, range.start));
        assert_eq!(unended("\\begin{a}\\begin{b}\\end{b}\\end{a}"), None);
        assert_eq!(unended("\\begin{a}\\begin{b}\\end{a}"), Some(("b", 9)));
        assert_eq!(unended("x \\begin{tabular}{l}a\\\\ \\section{N}"), Some(("tabular", 2)));
        assert_eq!(unended("\\begin{verbatim}\\begin{a}\\end{verbatim}"), None);
        assert_eq!(unended("% \\begin{a}\n10\\% \\begin{b}\\end{b}"), None);
    }

    #[test]
    fn braces_are_matched_as_tex_does() {
        assert_eq!(closing_brace("a{b}\\} c} d"), Some(8));
        assert_eq!(closing_brace("a % }\n b"), None);
    }
}
