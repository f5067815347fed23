//! What BibTeX's transcript (`.blg`) tells the author: warnings, and mistakes with the line of the
//! database they are in.

use super::diagnostic;
use crate::diagnostics::{Diagnostic, Place, Severity, SourceFile};
use quire_project::ProjectPath;
use quire_text::LineNumber;

/// Read a transcript; `path` gives the project path of a file that it names.
pub(super) fn explain(
    transcript: &[u8],
    path: impl Fn(&str) -> Option<ProjectPath>,
) -> Vec<Diagnostic> {
    let text = String::from_utf8_lossy(transcript);
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(message) = line.strip_prefix("Warning--") {
            // The place of a warning is on a line of its own.
            let place = lines.next_if(|next| next.starts_with("--line "));
            // LaTeX reports the first itself, with their places; the second are notes that REVTeX's
            // styles make of their own working.
            let known = ["I didn't find a database entry for", "jnrlst (dependency: "];
            if !known.iter().any(|known| message.starts_with(known)) {
                let place = place.and_then(|place| place_in(place, &path));
                found.push(told("bibtex-warning", Severity::Warning, message, place));
            }
        } else if line.starts_with("I found no database files")
            && found.iter().any(|told| told.code == "missing-bibliography")
        {
            // Told by the name of each.
        } else if let Some((message, _)) = line.split_once("---while reading file") {
            found.push(told("bibtex-error", Severity::Error, &format!("BibTeX: {message}"), None));
        } else if line.starts_with("---line ") {
            // The place, in the `.aux` file, of what the line before said.
        } else if let Some((message, place)) = line.split_once("---line ") {
            let place = place_in(&format!("--line {place}"), &path);
            let mut syntax = told("bibtex-syntax", Severity::Error, message, place);
            syntax.explanation = if message.contains("expecting a `,'") {
                "A comma is missing at the end of the line before, or a `}` or `\"` in it."
            } else if message.contains("end of database") {
                "A `}` is missing: an entry goes on to the end of the file."
            } else {
                "Entries are written `@article{key, title = {…}, year = 2001}`."
            }
            .to_owned();
            found.push(syntax);
        } else if let Some(file) = line.strip_prefix("I couldn't open database file ") {
            let message = format!("there is no bibliography file `{file}`");
            let mut missing = told("missing-bibliography", Severity::Error, &message, None);
            missing.explanation =
                "Check the name in \\bibliography. It may not hold spaces.".to_owned();
            found.push(missing);
        } else if let Some(file) = line.strip_prefix("I couldn't open style file ") {
            let message = format!("there is no bibliography style `{file}`");
            let mut missing = told("missing-bibliography-style", Severity::Error, &message, None);
            missing.explanation = "Check the name in \\bibliographystyle.".to_owned();
            found.push(missing);
        }
    }
    found
}

fn told(code: &str, severity: Severity, message: &str, place: Option<Place>) -> Diagnostic {
    let message = match severity {
        Severity::Error if code != "bibtex-syntax" => message.to_owned(),
        _ => format!("BibTeX: {}", message.trim()),
    };
    Diagnostic { place, ..diagnostic(code, severity, message, "") }
}

/// `--line 12 of file refs.bib`
fn place_in(text: &str, path: &impl Fn(&str) -> Option<ProjectPath>) -> Option<Place> {
    let (line, file) = text.strip_prefix("--line ")?.split_once(" of file ")?;
    let line = LineNumber(line.parse().ok()?);
    let file = SourceFile::Project(path(file.trim())?);
    Some(Place { file, first_line: line, last_line: line, range: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_their_lines() {
        let log = b"Database file #1: refs.bib\n\
            I was expecting a `,' or a `}'---line 12 of file refs.bib\n : \n\
            Warning--string name \"jan\" is undefined\n--line 3 of file refs.bib\n\
            Warning--I didn't find a database entry for \"x\"\n\
            Warning--empty journal in knuth\n\
            I couldn't open database file other.bib\n---line 4 of file document.aux\n\
            I found no database files---while reading file document.aux\n\
            Warning--jnrlst (dependency: not reversed) set 1\n\
            I found no \\bibstyle command---while reading file document.aux\n";
        let found = explain(log, |file| ProjectPath::resolve("doc", file).ok());
        let shown: Vec<String> = (found.iter())
            .map(|d| {
                let line = d.place.as_ref().map_or(0, |place| place.first_line.0);
                format!("{} {line} {}", d.code, d.message)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "bibtex-syntax 12 BibTeX: I was expecting a `,' or a `}'",
                "bibtex-warning 3 BibTeX: string name \"jan\" is undefined",
                "bibtex-warning 0 BibTeX: empty journal in knuth",
                "missing-bibliography 0 there is no bibliography file `other.bib`",
                "bibtex-error 0 BibTeX: I found no \\bibstyle command",
            ]
        );
        let file = &found[0].place.as_ref().unwrap().file;
        assert_eq!(*file, SourceFile::Project(ProjectPath::new("doc/refs.bib").unwrap()));
    }
}
