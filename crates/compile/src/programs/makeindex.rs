//! One run of makeindex: sorted entries from raw ones. It works in a private folder on files of
//! fixed names, so that no name in the document reaches its command line.

use super::{Round, diagnostic, key_of};
use crate::{
    cache::HelperRecord,
    diagnostics::{Diagnostic, Severity},
};
use quire_project::ContentHash;
use quire_tex_engine::EngineError;
use std::{fs, io};

/// What makeindex is to do.
pub(super) struct IndexJob {
    /// The name of the raw entries, for people.
    pub(super) name: String,
    /// Raw entries.
    pub(super) entries: Vec<u8>,
    /// The generated file that the document looks for.
    pub(super) made: String,
    /// Name of the style file, if any.
    pub(super) style: Option<String>,
    /// Other options, checked: see [`options`].
    pub(super) options: Vec<String>,
}

pub(super) fn run(round: &mut Round<'_, '_>, job: &IndexJob) -> Result<(), EngineError> {
    let name = format!("makeindex {}", job.name);
    let mut told = Vec::new();
    let style = job.style.as_ref().and_then(|style| {
        let found = round.session.find(style);
        let found = found.or_else(|| round.session.find(&format!("{style}.ist")));
        if found.is_none() {
            let message = format!("there is no index style `{style}`");
            told.push(diagnostic("missing-index-style", Severity::Warning, message, ""));
        }
        found
    });
    let version = round.session.request.bundle.tool("makeindex").map(|tool| tool.version);
    let key = key_of(&[
        version.unwrap_or_default().as_bytes(),
        &job.entries,
        style.as_deref().unwrap_or_default(),
        job.options.join(" ").as_bytes(),
    ]);
    if round.memory.is_current(&name, key, round.session) {
        return Ok(());
    }
    if job.entries.trim_ascii().is_empty() {
        // Nothing to sort: makeindex would fail. What an earlier build made must go.
        if round.session.generated.contains_key(&job.made) {
            round.session.put(&job.made, b"")?;
        }
        return Ok(());
    }
    round.begin(&name);
    let mut outputs = Vec::new();
    let mut transcript = Vec::new();
    match in_private_folder(round, job, style.as_deref()) {
        Ok((made, words)) => {
            told.extend(fold(&job.name, explain(&job.name, &words)));
            transcript = words;
            if let Some(made) = made {
                round.session.put(&job.made, &made)?;
                outputs.push((job.made.clone(), ContentHash::of(&made)));
            } else {
                let words = String::from_utf8_lossy(&transcript);
                let mut said = words.lines().filter(|line| !line.trim().is_empty());
                let said = said.find(|line| !line.starts_with("This is makeindex"));
                let said = said.unwrap_or("it said nothing");
                let message = format!("makeindex failed on {}: {said}", job.name);
                told.push(diagnostic("makeindex-failed", Severity::Error, message, ""));
            }
        }
        Err(Ok(diagnostic)) => told.push(*diagnostic),
        Err(Err(error)) => return Err(error),
    }
    let diagnostics = told;
    round.memory.remember(HelperRecord { name, key, outputs, transcript, diagnostics });
    Ok(())
}

type Finished = (Option<Vec<u8>>, Vec<u8>);

fn in_private_folder(
    round: &Round<'_, '_>,
    job: &IndexJob,
    style: Option<&[u8]>,
) -> Result<Finished, Result<Box<Diagnostic>, EngineError>> {
    let failed = |error: io::Error| {
        let message = format!("cannot prepare a folder for makeindex: {error}");
        Ok(Box::new(diagnostic("helper-failed", Severity::Error, message, "")))
    };
    let folder = tempfile::tempdir().map_err(failed)?;
    fs::write(folder.path().join("entries.idx"), &job.entries).map_err(failed)?;
    // Its library looks for a TeX installation's settings elsewhere otherwise, and gives up when it
    // may not read them.
    fs::write(folder.path().join("texmf.cnf"), "openout_any = p\n").map_err(failed)?;
    let mut args: Vec<&str> = vec!["-o", "made.ind", "-t", "transcript.ilg"];
    args.extend(job.options.iter().map(String::as_str));
    if let Some(style) = style {
        fs::write(folder.path().join("style.ist"), style).map_err(failed)?;
        args.extend(["-s", "style.ist"]);
    }
    args.push("entries.idx");
    let output = round.start("makeindex", &args, folder.path())?;
    let mut transcript =
        fs::read(folder.path().join("transcript.ilg")).unwrap_or_else(|_| output.stderr.clone());
    if output.exit_code != Some(0) {
        transcript.extend_from_slice(&output.stderr);
    }
    let made = fs::read(folder.path().join("made.ind")).ok().map(whole_headings);
    Ok((made.filter(|_| output.exit_code == Some(0)), transcript))
}

/// makeindex knows bytes, not letters: the heading above “Ärger” is half an Ä. The letter is completed
/// from the entry below it.
fn whole_headings(made: Vec<u8>) -> Vec<u8> {
    if std::str::from_utf8(&made).is_ok() {
        return made;
    }
    let mut whole = Vec::with_capacity(made.len());
    let mut rest = made.as_slice();
    while let Err(error) = std::str::from_utf8(rest) {
        let (valid, wrong) = rest.split_at(error.valid_up_to());
        let item = b"\\item ";
        let entry = wrong.windows(item.len()).position(|window| window == item);
        let entry = entry.map_or(&[][..], |at| &wrong[at + item.len()..]);
        let letter = entry.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
        whole.extend_from_slice(valid);
        match letter.map(|letter| letter.to_string()) {
            Some(letter) if letter.as_bytes().first() == wrong.first() => {
                whole.extend_from_slice(letter.as_bytes());
            }
            _ => whole.extend_from_slice(&wrong[..1]),
        }
        rest = &wrong[1..];
    }
    whole.extend_from_slice(rest);
    whole
}

/// Complaints in a transcript: `!! Input index error (file = …, line = 3):` and the line after it.
fn explain(entries: &str, transcript: &[u8]) -> Vec<Diagnostic> {
    let text = String::from_utf8_lossy(transcript);
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let (severity, line) = match (line.strip_prefix("!! "), line.strip_prefix("## ")) {
            (Some(line), _) => (Severity::Error, line),
            (_, Some(line)) => (Severity::Warning, line),
            _ => continue,
        };
        let detail = lines.next().unwrap_or_default().trim_start_matches([' ', '-']).trim();
        // Lines of the sorted index are no help to the author.
        let line = line.replace("entries.idx", entries);
        let line =
            line.split_once("; output = ").map_or(line.clone(), |(line, _)| format!("{line})"));
        let message = format!("makeindex: {detail} ({})", line.trim_end_matches(':'));
        found.push(diagnostic("index-entry", severity, message, ""));
    }
    found
}

/// Many complaints about one index are one thing to tell.
fn fold(entries: &str, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    const MANY: usize = 3;
    if found.len() <= MANY {
        return found;
    }
    let severity = found.iter().map(|d| d.severity).max().unwrap_or(Severity::Warning);
    let message = format!("makeindex has {} complaints about {entries}", found.len());
    let explanation = "Entries of \\index on one page differ only in how their page number is set, \
                       or are not written as makeindex reads them.";
    vec![Diagnostic {
        caused: found,
        ..diagnostic("index-entries", severity, message, explanation)
    }]
}

/// The options in `text` that change how entries are sorted and set, and the style. Those that name
/// files or places are not for a document to choose.
pub(super) fn options(text: &str) -> (Vec<String>, Option<String>) {
    let mut kept = Vec::new();
    let mut style = None;
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        match word {
            "-c" | "-g" | "-l" | "-r" | "-L" | "-T" => kept.push(word.to_owned()),
            "-s" => style = words.next().map(|name| name.trim_matches(['"', '\'']).to_owned()),
            "-p" => {
                if let Some(page) = words.next().filter(|page| page.parse::<u32>().is_ok()) {
                    kept.extend(["-p".to_owned(), page.to_owned()]);
                }
            }
            "-o" | "-t" => {
                words.next();
            }
            _ => {}
        }
    }
    (kept, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_options_pass() {
        let (kept, style) = options("-s 'my.ist' -l -o /etc/x -p 7 -p odd -q -x");
        assert_eq!(kept, ["-l", "-p", "7"]);
        assert_eq!(style.as_deref(), Some("my.ist"));
    }

    #[test]
    fn the_letter_of_a_heading_is_completed_from_its_entry() {
        let made = b"{\\bf Z}\n\\item Zoo, 1\n{\\bf \xc3}\n\\item \xc3\x84rger, 2\n".to_vec();
        let whole = String::from_utf8(whole_headings(made)).unwrap();
        assert_eq!(whole, "{\\bf Z}\n\\item Zoo, 1\n{\\bf \u{c4}}\n\\item \u{c4}rger, 2\n");
        assert_eq!(whole_headings(b"a\xffb".to_vec()), b"a\xffb");
    }

    #[test]
    fn complaints_are_read_from_the_transcript() {
        let words = b"This is makeindex\n!! Input index error (file = entries.idx, line = 3):\n   \
                      -- Extra `!' at position 9.\n## Warning (input = x, line = 2; output = made.ind, line = 9):\n   -- odd\n";
        let found = explain("book.idx", words);
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0].message,
            "makeindex: Extra `!' at position 9. (Input index error (file = book.idx, line = 3))"
        );
        assert_eq!(found[1].severity, Severity::Warning);
        assert_eq!(found[1].message, "makeindex: odd (Warning (input = x, line = 2))");
    }
}
