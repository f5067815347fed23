//! The package glossaries: what its Perl script makeglossaries does, done here. The `.aux` file says
//! which glossaries there are and how makeindex is to sort them.

use super::{
    Round, diagnostic, key_of,
    makeindex::{self, IndexJob},
};
use crate::{aux_file::parse_aux, cache::HelperRecord, diagnostics::Severity};
use quire_tex_engine::EngineError;

pub(super) fn run(round: &mut Round<'_, '_>) -> Result<(), EngineError> {
    let stem = round.session.request.job_name().to_owned();
    let Some(aux) = round.session.generated.get(&format!("{stem}.aux")) else { return Ok(()) };
    let aux = parse_aux(aux);
    if aux.wants_bib2gls {
        tell(
            round,
            "glossaries-bib2gls",
            "the glossaries need bib2gls, which is not part of Quire",
            "Define the entries in the document or in a file read by \\loadglsentries instead of \
             \\GlsXtrLoadResources.",
        );
    }
    let style = aux.glossary_style.clone();
    if style.as_deref().is_some_and(|style| style.ends_with(".xdy")) {
        tell(
            round,
            "glossaries-xindy",
            "the glossaries ask for xindy, which is not part of Quire",
            "Load the package without the option xindy: makeindex sorts the entries then.",
        );
        return Ok(());
    }
    for glossary in &aux.glossaries {
        let name = format!("{stem}.{}", glossary.entries);
        let made = format!("{stem}.{}", glossary.made);
        if !round.looked_for.contains(&made) || !round.written.contains(&name) {
            continue;
        }
        let Some(entries) = round.session.generated.get(&name) else { continue };
        let entries = entries.to_vec();
        let options = if aux.letter_order { vec!["-l".to_owned()] } else { Vec::new() };
        let job = IndexJob { name, entries, made, style: style.clone(), options };
        makeindex::run(round, &job)?;
    }
    Ok(())
}

fn tell(round: &mut Round<'_, '_>, code: &str, message: &str, explanation: &str) {
    let told = diagnostic(code, Severity::Warning, message, explanation);
    round.memory.remember(HelperRecord {
        name: code.to_owned(),
        key: key_of(&[]),
        outputs: Vec::new(),
        transcript: Vec::new(),
        diagnostics: vec![told],
    });
}
