//! Indexes: one `.idx` file each (makeidx, imakeidx), or one for several whose entries carry the
//! index's name (splitidx, imakeidx with `splitindex`), and the nomenclature.

use super::{
    Round,
    makeindex::{self, IndexJob, options},
};
use quire_tex_engine::EngineError;
use std::collections::BTreeMap;

pub(super) fn run(round: &mut Round<'_, '_>) -> Result<(), EngineError> {
    let jobs = [index_jobs(round), declared_jobs(round), nomenclature_jobs(round)];
    for job in jobs.into_iter().flatten() {
        if round.looked_for.contains(&job.made) {
            makeindex::run(round, &job)?;
        }
    }
    Ok(())
}

fn index_jobs(round: &Round<'_, '_>) -> Vec<IndexJob> {
    let mut jobs = Vec::new();
    for stem in round.written_stems("idx") {
        let Some(entries) = round.session.generated.get(&format!("{stem}.idx")) else { continue };
        let entries = String::from_utf8_lossy(entries).into_owned();
        let mut parts = split(&entries);
        let own = parts.remove("").unwrap_or_default();
        jobs.push(job(round.log, &stem, own));
        for (index, entries) in parts {
            jobs.push(job(round.log, &format!("{stem}-{index}"), entries));
        }
    }
    jobs
}

fn job(log: &[u8], stem: &str, entries: String) -> IndexJob {
    let name = format!("{stem}.idx");
    let (options, style) = options(&wished_options(log, &name));
    let entries = entries.into_bytes();
    IndexJob { name, entries, made: format!("{stem}.ind"), style, options }
}

/// Entries by the name in brackets after `\indexentry`; those without one under the empty name.
fn split(entries: &str) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for line in entries.lines() {
        let named = line.strip_prefix("\\indexentry[").and_then(|rest| rest.split_once(']'));
        let (index, line) = match named {
            Some((index, rest)) => (index, format!("\\indexentry{rest}\n")),
            None => ("", format!("{line}\n")),
        };
        parts.entry(index.to_owned()).or_default().push_str(&line);
    }
    parts
}

/// What the log says when the package index is read.
const PACKAGE: &[u8] = b"index.sty";

/// Those of the package index, which notes the names of its files nowhere but in the source:
/// `\newindex{authors}{adx}{and}{Author index}`.
fn declared_jobs(round: &Round<'_, '_>) -> Vec<IndexJob> {
    let mut declared = BTreeMap::new();
    // The sources are read only where the package is.
    if !round.log.windows(PACKAGE.len()).any(|part| part == PACKAGE) {
        return Vec::new();
    }
    for path in round.session.inputs.keys() {
        if ["tex", "sty", "cls"].contains(&path.extension())
            && let Ok(Some(bytes)) = round.session.request.files.read(path)
        {
            declared.extend(declared_extensions(&String::from_utf8_lossy(&bytes)));
        }
    }
    // The one that every document has.
    declared.remove("idx");
    let mut jobs = Vec::new();
    for (extension, made) in declared {
        for stem in round.written_stems(&extension) {
            let name = format!("{stem}.{extension}");
            let Some(entries) = round.session.generated.get(&name) else { continue };
            let entries = entries.to_vec();
            let made = format!("{stem}.{made}");
            jobs.push(IndexJob { name, entries, made, style: None, options: Vec::new() });
        }
    }
    jobs
}

/// Extensions of the entries and of the sorted index in each `\newindex{…}{in}{out}{…}`.
fn declared_extensions(source: &str) -> Vec<(String, String)> {
    let declared = source.split("newindex{").skip(1).filter_map(|rest| {
        let (_, rest) = rest.split_once("}{")?;
        let (entries, rest) = rest.split_once("}{")?;
        let (made, _) = rest.split_once('}')?;
        let is_extension =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        let fits = is_extension(entries) && is_extension(made);
        fits.then(|| (entries.to_owned(), made.to_owned()))
    });
    declared.collect()
}

/// The options for makeindex that imakeidx tells the author to use: “… again after calling
/// `makeindex -s my.ist book.idx'”.
fn wished_options(log: &[u8], name: &str) -> String {
    let log = String::from_utf8_lossy(log);
    let calls = log.split("`makeindex ").skip(1).filter_map(|rest| rest.split('\'').next());
    let options = calls.filter_map(|call| call.trim_end().strip_suffix(name));
    options.last().unwrap_or_default().trim().to_owned()
}

fn nomenclature_jobs(round: &Round<'_, '_>) -> Vec<IndexJob> {
    let job = |stem: String| {
        let name = format!("{stem}.nlo");
        let entries = round.session.generated.get(&name)?.to_vec();
        let (made, style) = (format!("{stem}.nls"), Some("nomencl.ist".to_owned()));
        Some(IndexJob { name, entries, made, style, options: Vec::new() })
    };
    round.written_stems("nlo").into_iter().filter_map(job).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_split_by_index() {
        let parts =
            split("\\indexentry{a}{1}\n\\indexentry[names]{b}{2}\n\\indexentry[names]{c}{3}");
        assert_eq!(parts[""], "\\indexentry{a}{1}\n");
        assert_eq!(parts["names"], "\\indexentry{b}{2}\n\\indexentry{c}{3}\n");
    }

    #[test]
    fn the_extensions_of_further_indexes_are_declared_in_the_source() {
        let source = "\\newindex{aut}{adx}{and}{Authors}\\newindex{x}{}{}{X} \\renewindex{default}{idx}{ind}{I}";
        let declared = declared_extensions(source);
        let expected = [("adx", "and"), ("idx", "ind")];
        assert_eq!(declared, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn options_are_read_from_the_advice_in_the_log() {
        let log = b"Package imakeidx Warning: Remember to run XeLaTeX again after calling\n\
                    (imakeidx)                `makeindex -s my.ist -l  book.idx'.\n";
        assert_eq!(wished_options(log, "book.idx"), "-s my.ist -l");
        assert_eq!(wished_options(log, "other.idx"), "");
    }
}
