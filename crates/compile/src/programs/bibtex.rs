//! BibTeX, for every `.aux` file whose `.bbl` the document looks for: one for plain LaTeX, several
//! with multibib, chapterbib or bibunits. The bundle's own program does the work: the one inside the
//! engine (tectonic_engine_bibtex 0.3.4) never returns from `text.prefix$` on a name such as Gödel.

use super::{Round, bibtex_log, diagnostic, key_of};
use crate::{
    aux_file::{AuxFile, parse_aux},
    cache::HelperRecord,
    convergence::plain,
    diagnostics::{Diagnostic, Severity},
};
use quire_project::{ContentHash, ProjectPath};
use quire_tex_engine::{EngineError, TexOutcome};
use std::{collections::BTreeSet, fs, io};

pub(super) fn run(round: &mut Round<'_, '_>) -> Result<(), EngineError> {
    for stem in round.written_stems("aux") {
        if round.looked_for.contains(&format!("{stem}.bbl")) {
            run_on(round, &stem)?;
        }
    }
    Ok(())
}

fn run_on(round: &mut Round<'_, '_>, stem: &str) -> Result<(), EngineError> {
    let whole = read_with_parts(round, &format!("{stem}.aux"));
    if whole.databases.is_empty() {
        return Ok(());
    }
    let name = format!("bibtex {stem}.aux");
    let style = whole.style.clone().unwrap_or_default();
    let mut fields: Vec<Vec<u8>> = vec![style.clone().into()];
    fields.extend(whole.citations.iter().map(|key| key.clone().into()));
    let style = round.session.find(&format!("{style}.bst"));
    fields.push(style.map(|bytes| bytes.to_vec()).unwrap_or_default());
    let mut missing = Vec::new();
    for database in &whole.databases {
        let file = with_extension(database, ".bib");
        let bytes = round.session.find(&file);
        if bytes.is_none() {
            missing.push(file);
        }
        fields.push(bytes.map(|bytes| bytes.to_vec()).unwrap_or_default());
    }
    let key = key_of(&fields.iter().map(Vec::as_slice).collect::<Vec<_>>());
    if round.memory.is_current(&name, key, round.session) {
        return Ok(());
    }
    let made = format!("{stem}.bbl");
    if missing.len() == whole.databases.len()
        && let Some(shipped) = round.session.project_file(&made)
    {
        if round.session.generated.contains_key(&made) {
            round.session.put(&made, &shipped)?;
        }
        // As submitted to arXiv: the finished bibliography without its database.
        let message =
            format!("using the `{made}` of the project, since {} is not there", missing.join(", "));
        let told = diagnostic("shipped-bibliography", Severity::Hint, message, "");
        round.remember_failure(&name, key, told);
        return Ok(());
    }
    if whole.citations.is_empty() {
        let told = diagnostic(
            "no-citations",
            Severity::Warning,
            "there is a bibliography, but nothing is cited",
            "Cite an entry with \\cite, or list all entries with \\nocite{*}.",
        );
        round.remember_failure(&name, key, told);
        if round.session.generated.contains_key(&made) {
            round.session.put(&made, b"")?;
        }
        return Ok(());
    }
    round.begin(&name);
    let (outputs, transcript, failure) = if round.session.request.bundle.tool("bibtex").is_ok() {
        as_program(round, &whole, &made)?
    } else {
        inside_worker(round, stem)?
    };
    let mut diagnostics = bibtex_log::explain(&transcript, |file| round.session.path(file));
    diagnostics.extend(failure);
    round.memory.remember(HelperRecord { name, key, outputs, transcript, diagnostics });
    Ok(())
}

/// Files made, transcript, and why there is no bibliography.
type Finished = (Vec<(String, ContentHash)>, Vec<u8>, Option<Diagnostic>);

/// BibTeX as a program of the bundle, in a private folder with the databases and the style. It gets
/// one `.aux` file made of all parts, so that the document's folders need not be rebuilt there.
fn as_program(
    round: &mut Round<'_, '_>,
    whole: &AuxFile,
    made: &str,
) -> Result<Finished, EngineError> {
    let mut files = Vec::new();
    let mut databases = Vec::new();
    for (number, database) in whole.databases.iter().enumerate() {
        let inside = ProjectPath::new(database);
        let place = inside.map_or_else(|_| format!("quire-source-{number}"), String::from);
        if let Some(bytes) = round.session.find(&with_extension(database, ".bib")) {
            files.push((with_extension(&place, ".bib"), bytes.to_vec()));
        }
        databases.push(place);
    }
    let style = whole.style.clone().unwrap_or_default();
    let inside = ProjectPath::new(&style).map_or_else(|_| "quire-style".to_owned(), String::from);
    if let Some(bytes) = round.session.find(&format!("{style}.bst")) {
        files.push((format!("{inside}.bst"), bytes.to_vec()));
    }
    let citations: String =
        whole.citations.iter().map(|key| format!("\\citation{{{key}}}\n")).collect();
    let aux = format!(
        "\\relax\n{citations}\\bibstyle{{{inside}}}\n\\bibdata{{{}}}\n",
        databases.join(",")
    );
    files.push(("document.aux".to_owned(), aux.into_bytes()));
    files.push(("texmf.cnf".to_owned(), SETTINGS.into()));
    let folder = match private_folder(&files) {
        Ok(folder) => folder,
        Err(error) => {
            let message = format!("cannot prepare a folder for BibTeX: {error}");
            let told = diagnostic("helper-failed", Severity::Error, message, "");
            return Ok((Vec::new(), Vec::new(), Some(told)));
        }
    };
    let output = match round.start("bibtex", &["document"], folder.path()) {
        Ok(output) => output,
        Err(Ok(told)) => return Ok((Vec::new(), Vec::new(), Some(*told))),
        Err(Err(error)) => return Err(error),
    };
    let transcript =
        fs::read(folder.path().join("document.blg")).unwrap_or_else(|_| output.stdout.clone());
    let bbl = fs::read(folder.path().join("document.bbl")).ok();
    match bbl.filter(|bbl| !bbl.is_empty()) {
        Some(bbl) => {
            round.session.put(made, &bbl)?;
            Ok((vec![(made.to_owned(), ContentHash::of(&bbl))], transcript, None))
        }
        None => {
            let words = String::from_utf8_lossy(&transcript).into_owned();
            let last = words.lines().rev().find(|line| !line.trim().is_empty());
            let told = gave_up(made, last.unwrap_or("it said nothing"));
            Ok((Vec::new(), transcript, Some(told)))
        }
    }
}

fn gave_up(made: &str, words: &str) -> Diagnostic {
    let message = format!("BibTeX could not make {made}: {words}");
    diagnostic("bibtex-failed", Severity::Error, message, "")
}

/// Room for bibliographies of ten thousand entries; BibTeX's own defaults are those of 1988.
const SETTINGS: &str = "openout_any = p\nmax_strings = 500000\npool_size = 6250000\n\
                        ent_str_size = 1000\nglob_str_size = 200000\nglb_str_size = 200000\n";

fn private_folder(files: &[(String, Vec<u8>)]) -> io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for (name, bytes) in files {
        let place = folder.path().join(name);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(place, bytes)?;
    }
    Ok(folder)
}

/// The BibTeX that is part of the engine, for bundles without the program.
fn inside_worker(round: &mut Round<'_, '_>, stem: &str) -> Result<Finished, EngineError> {
    let report = round.session.engine.run_bibtex(&format!("{stem}.aux"))?;
    round.session.tally(&report.reads);
    round.session.take_outputs(&report.outputs)?;
    let outputs = (report.outputs.iter())
        .filter(|output| output.name.ends_with(".bbl"))
        .map(|output| (plain(&output.name).to_owned(), output.hash))
        .collect();
    let failure = match report.outcome {
        TexOutcome::Fatal(words) => Some(gave_up(&format!("{stem}.bbl"), &words)),
        TexOutcome::Clean | TexOutcome::Warnings | TexOutcome::Errors => None,
    };
    Ok((outputs, report.log, failure))
}

/// An `.aux` file together with those that it reads, as BibTeX sees them.
fn read_with_parts(round: &Round<'_, '_>, name: &str) -> AuxFile {
    let mut whole = AuxFile::default();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![name.to_owned()];
    while let Some(name) = waiting.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let Some(bytes) = round.session.generated.get(plain(&name)) else { continue };
        let part = parse_aux(bytes);
        whole.citations.extend(part.citations);
        whole.databases.extend(part.databases);
        whole.style = whole.style.or(part.style);
        waiting.extend(part.reads);
    }
    // The order and number of citations matters to some styles; what BibTeX ignores does not.
    let mut cited = BTreeSet::new();
    whole.citations.retain(|key| cited.insert(key.clone()));
    whole
}

fn with_extension(name: &str, extension: &str) -> String {
    if name.ends_with(extension) { name.to_owned() } else { format!("{name}{extension}") }
}
