//! BibTeX, for every `.aux` file whose `.bbl` the document looks for: one for plain LaTeX, several
//! with multibib, chapterbib or bibunits. It runs inside the TeX worker.

use super::{Round, diagnostic, key_of};
use crate::{
    aux_file::{AuxFile, parse_aux},
    cache::HelperRecord,
    convergence::plain,
    diagnostics::Severity,
};
use quire_tex_engine::{EngineError, TexOutcome};
use std::collections::BTreeSet;

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
    let report = round.session.engine.run_bibtex(&format!("{stem}.aux"))?;
    round.session.tally(&report.reads);
    round.session.take_outputs(&report.outputs)?;
    let outputs = (report.outputs.iter())
        .filter(|output| output.name.ends_with(".bbl"))
        .map(|output| (plain(&output.name).to_owned(), output.hash))
        .collect();
    let mut diagnostics = Vec::new();
    if let TexOutcome::Fatal(words) = &report.outcome {
        let message = format!("BibTeX gave up on {stem}.aux: {words}");
        diagnostics.push(diagnostic("bibtex-failed", Severity::Error, message, ""));
    }
    round.memory.remember(HelperRecord { name, key, outputs, transcript: report.log, diagnostics });
    Ok(())
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
