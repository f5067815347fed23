//! biber, for documents with biblatex: run on the `.bcf` file that biblatex writes, in a private
//! folder that holds that file and the databases it names, and nothing else.

use super::{Round, diagnostic, key_of};
use crate::{
    cache::HelperRecord,
    diagnostics::{Diagnostic, Severity},
};
use quire_project::{ContentHash, ProjectPath};
use quire_tex_engine::EngineError;
use std::{fs, io, path::Path, sync::Arc};

/// A database that a `.bcf` file names.
struct Source {
    /// As written there.
    name: String,
    /// As it will be called in the private folder.
    place: String,
    bytes: Arc<[u8]>,
}

pub(super) fn run(round: &mut Round<'_, '_>) -> Result<(), EngineError> {
    for stem in round.written_stems("bcf") {
        if round.looked_for.contains(&format!("{stem}.bbl")) {
            run_on(round, &stem)?;
        }
    }
    Ok(())
}

fn run_on(round: &mut Round<'_, '_>, stem: &str) -> Result<(), EngineError> {
    let Some(control) = round.session.generated.get(&format!("{stem}.bcf")).cloned() else {
        return Ok(());
    };
    let control = String::from_utf8_lossy(&control).into_owned();
    let name = format!("biber {stem}.bcf");
    let made = format!("{stem}.bbl");
    let mut sources = Vec::new();
    let mut told = Vec::new();
    let mut missing = 0;
    for (number, source) in data_sources(&control).into_iter().enumerate() {
        let bytes = if is_remote(&source) { None } else { round.session.find(&source) };
        if bytes.is_none() {
            missing += 1;
            told.push(missing_source(&source));
        }
        // A missing one becomes an empty one: biber gives up otherwise, on all of them.
        let bytes = bytes.unwrap_or_else(|| Arc::from(&b""[..]));
        let place = match ProjectPath::new(&source) {
            Ok(inside) => inside.to_string(),
            Err(_) => format!("quire-source-{number}.bib"),
        };
        sources.push(Source { name: source, place, bytes });
    }
    let config = round.session.find("biber.conf");
    let version =
        round.session.request.bundle.tool("biber").map(|tool| tool.version).unwrap_or_default();
    let mut fields: Vec<&[u8]> = vec![version.as_bytes(), control.as_bytes()];
    fields.push(config.as_deref().unwrap_or_default());
    for source in &sources {
        fields.extend([source.name.as_bytes(), &source.bytes]);
    }
    let key = key_of(&fields);
    if round.memory.is_current(&name, key, round.session) {
        return Ok(());
    }
    if missing == sources.len()
        && let Some(shipped) = round.session.project_file(&made)
    {
        if round.session.generated.contains_key(&made) {
            round.session.put(&made, &shipped)?;
        }
        let message =
            format!("using the `{made}` of the project, since none of its databases is there");
        let hint = diagnostic("shipped-bibliography", Severity::Hint, message, "");
        round.remember_failure(&name, key, hint);
        return Ok(());
    }
    round.begin(&name);
    let finished = in_private_folder(round, stem, &control, &sources, config.as_deref());
    let (bbl, transcript) = match finished {
        Ok((bbl, transcript, mut diagnostics)) => {
            told.append(&mut diagnostics);
            (bbl, transcript)
        }
        Err(Ok(diagnostic)) => {
            told.push(*diagnostic);
            (None, Vec::new())
        }
        Err(Err(error)) => return Err(error),
    };
    let mut outputs = Vec::new();
    if let Some(bbl) = bbl {
        round.session.put(&made, &bbl)?;
        outputs.push((made, ContentHash::of(&bbl)));
    }
    let diagnostics = told;
    round.memory.remember(HelperRecord { name, key, outputs, transcript, diagnostics });
    Ok(())
}

type Finished = (Option<Vec<u8>>, Vec<u8>, Vec<Diagnostic>);

fn in_private_folder(
    round: &Round<'_, '_>,
    stem: &str,
    control: &str,
    sources: &[Source],
    config: Option<&[u8]>,
) -> Result<Finished, Result<Box<Diagnostic>, EngineError>> {
    // Named by its last part: the folders above it do not exist in the private one.
    let job = stem.rsplit('/').next().unwrap_or(stem);
    let failed = |error: io::Error| {
        let message = format!("cannot prepare a folder for biber: {error}");
        Ok(Box::new(diagnostic("helper-failed", Severity::Error, message, "")))
    };
    let folder = tempfile::tempdir().map_err(failed)?;
    fill(folder.path(), job, control, sources, config).map_err(failed)?;
    let control_file = format!("{job}.bcf");
    let output = round.start("biber", &[&control_file], folder.path())?;
    let mut transcript = output.stdout;
    transcript.extend_from_slice(&output.stderr);
    let text = String::from_utf8_lossy(&transcript).into_owned();
    let mut diagnostics: Vec<Diagnostic> = text.lines().filter_map(explain).collect();
    let bbl = fs::read(folder.path().join(format!("{job}.bbl"))).ok();
    let bbl = bbl.filter(|_| output.exit_code == Some(0));
    if bbl.is_none() && !diagnostics.iter().any(|d| d.severity == Severity::Error) {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        let message = format!("biber failed: {first}");
        diagnostics.push(diagnostic("biber-failed", Severity::Error, message, ""));
    }
    if let Some(mismatch) = version_mismatch(round, &text) {
        diagnostics.retain(|d| d.severity != Severity::Error);
        diagnostics.push(mismatch);
    }
    Ok((bbl, transcript, diagnostics))
}

fn fill(
    folder: &Path,
    job: &str,
    control: &str,
    sources: &[Source],
    config: Option<&[u8]>,
) -> io::Result<()> {
    let mut control = control.to_owned();
    for source in sources {
        if source.place != source.name {
            control = control.replace(
                &format!(">{}</bcf:datasource>", escape(&source.name)),
                &format!(">{}</bcf:datasource>", source.place),
            );
        }
        let place = folder.join(&source.place);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(place, &source.bytes)?;
    }
    if let Some(config) = config {
        fs::write(folder.join("biber.conf"), config)?;
    }
    fs::write(folder.join(format!("{job}.bcf")), control)
}

/// The texts of `<bcf:datasource …>` elements, each once.
fn data_sources(control: &str) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    let mut rest = control;
    while let Some(at) = rest.find("<bcf:datasource") {
        rest = &rest[at..];
        let Some((_, after)) = rest.split_once('>') else { break };
        let Some((name, after)) = after.split_once("</bcf:datasource>") else { break };
        let name = unescape(name);
        if !sources.contains(&name) {
            sources.push(name);
        }
        rest = after;
    }
    sources
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn is_remote(source: &str) -> bool {
    ["http://", "https://", "ftp://"].iter().any(|scheme| source.starts_with(scheme))
}

fn missing_source(source: &str) -> Diagnostic {
    if is_remote(source) {
        diagnostic(
            "remote-bibliography",
            Severity::Error,
            format!("the bibliography `{source}` is on the network"),
            "Builds never use the network. Download the file into the project and name it there.",
        )
    } else {
        diagnostic(
            "missing-bibliography",
            Severity::Error,
            format!("there is no bibliography file `{source}`"),
            "Check the name in \\addbibresource, which needs the extension .bib.",
        )
    }
}

/// What a line of biber's transcript means for the author.
pub(super) fn explain(line: &str) -> Option<Diagnostic> {
    let (severity, message) = if let Some(message) = line.strip_prefix("ERROR - ") {
        (Severity::Error, message)
    } else {
        (Severity::Warning, line.strip_prefix("WARN - ")?)
    };
    // LaTeX reports these itself, with their places.
    if message.contains("I didn't find a database entry for") {
        return None;
    }
    let code = if severity == Severity::Error { "biber-error" } else { "biber-warning" };
    Some(diagnostic(code, severity, format!("biber: {message}"), ""))
}

/// biblatex and biber come in pairs; biber refuses the `.bcf` of another release.
fn version_mismatch(round: &Round<'_, '_>, transcript: &str) -> Option<Diagnostic> {
    let line = transcript
        .lines()
        .find(|line| line.contains("control file version") && line.contains("expected version"))?;
    let bundle = &round.session.request.bundle;
    let biblatex = bundle.manifest().biblatex.as_deref().unwrap_or("of unknown version");
    let biber = bundle.tool("biber").map(|tool| tool.version).unwrap_or_default();
    let own = round.session.project_file("biblatex.sty").is_some();
    let cause = if own {
        "The project has a biblatex.sty of its own; remove it to use the matching one of the bundle."
    } else {
        "Install the TeX bundle again: its biber and its biblatex are not from the same release."
    };
    let message = format!("biber {biber} does not understand biblatex {biblatex}: {}", line.trim());
    Some(diagnostic("biber-version", Severity::Error, message, cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_sources_are_read_once_each() {
        let control = r#"<bcf:bibdata section="0">
            <bcf:datasource type="file" datatype="bibtex">refs.bib</bcf:datasource>
            <bcf:datasource type="file" datatype="bibtex" glob="false">a &amp; b.bib</bcf:datasource>
            <bcf:datasource type="file">refs.bib</bcf:datasource>"#;
        assert_eq!(data_sources(control), ["refs.bib", "a & b.bib"]);
        assert_eq!(data_sources("<bcf:datasource"), [""; 0]);
    }

    #[test]
    fn transcript_lines_become_diagnostics() {
        let error = explain("ERROR - BibTeX subsystem: refs.bib, line 3, syntax error").unwrap();
        assert_eq!((error.code.as_str(), error.severity), ("biber-error", Severity::Error));
        assert!(explain("WARN - I didn't find a database entry for 'x' (section 0)").is_none());
        assert!(explain("INFO - This is Biber 2.18").is_none());
    }
}
