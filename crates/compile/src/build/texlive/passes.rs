//! Passes without latexmk. After a small change one pass of TeX is all that is needed, and latexmk takes longer to find
//! that out than many a pass takes. So where the last build left everything settled, TeX is run at once, and this
//! side judges by what TeX itself says it has read and written. It is as right as latexmk because it decides less:
//! whatever is not plainly a matter of TeX alone goes to latexmk, which knows what its rules made of which files.

use super::{
    TexLive,
    command::{Latexmk, WORK},
    mirror::Mirror,
    recorder::Recorded,
    running::{Running, ended_by_itself},
};
use crate::{
    aux_file::parse_aux,
    build::{BuildRequest, EngineChoice},
    convergence::{Convergence, Generated, Verdict},
    disk::DiskFolder,
    outputs::replace_preview,
};
use quire_container::{ContainerError, Finished};
use quire_project::{ContentHash, FileSource, ProjectPath};
use quire_tex_engine::{FileOrigin, ReadFile};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The record of a build after which nothing was left to do.
const SETTLED: &str = "settled";

/// Files that TeX reads and no other program of a build does. A change of any other is for latexmk.
const OF_TEX: [&str; 21] = [
    "bbx", "cbx", "cfg", "clo", "cls", "csv", "dat", "def", "fd", "jpeg", "jpg", "lbx", "ldf",
    "ltx", "pdf", "pgf", "png", "sty", "tex", "tikz", "txt",
];
/// What TeX writes for people and viewers, and nobody reads in a build.
const RESULTS: [&str; 5] = ["fls", "fmt", "gz", "log", "pdf"];
/// Larger generated files are not compared.
const MAX_BYTES: u64 = 64 << 20;

/// Under which circumstances the last build ended with nothing left to do.
#[derive(Serialize, Deserialize)]
struct Settled {
    setting: String,
    files: BTreeMap<ProjectPath, ContentHash>,
}

/// The files of a build that TeX makes for itself and for other programs.
pub(super) struct Passes<'a> {
    request: &'a BuildRequest,
    mirror: &'a Mirror,
    folder: &'a Path,
    setting: String,
    settled: Option<Settled>,
}

/// Runs one pass of TeX: this command, for this reason.
type RunPass<'p> =
    &'p mut dyn FnMut(&mut Running<'_>, Vec<String>, String) -> Result<Finished, ContainerError>;

/// What a pass leads to.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Done,
    Pass(String),
    Latexmk,
}

impl<'a> Passes<'a> {
    /// What the last build left. Its record is gone from then on, until a build ends well.
    pub(super) fn open(
        request: &'a BuildRequest,
        tex_live: &TexLive,
        mirror: &'a Mirror,
        folder: &'a Path,
    ) -> Self {
        let place = folder.join(SETTLED);
        let settled = fs::read(&place).ok().and_then(|text| serde_json::from_slice(&text).ok());
        // One that cannot be removed would be believed after a build that failed.
        let settled = settled.filter(|_| fs::remove_file(&place).is_ok());
        let setting = format!(
            "{}/{}/{}/{:?}/{}",
            request.engine.name(),
            tex_live.identity(),
            request.root,
            request.options,
            request.synctex
        );
        Self { request, mirror, folder, setting, settled }
    }

    /// Whether TeX alone may do. Not where the document runs programs, of which nobody knows what they read; nor for
    /// XeTeX, which latexmk runs in two steps.
    pub(super) fn may_go_alone(&self) -> bool {
        let Some(settled) = &self.settled else { return false };
        let engine = match self.request.engine {
            EngineChoice::PdfLatex | EngineChoice::LuaLatex => true,
            EngineChoice::XeLatex | EngineChoice::Tectonic => false,
        };
        let runs_programs = self.request.tex_live.as_ref().is_none_or(|t| t.shell_escape);
        engine && !runs_programs && settled.setting == self.setting && self.only_tex_reads(settled)
    }

    /// Whether the files are those there were, and those that are others are TeX's.
    fn only_tex_reads(&self, settled: &Settled) -> bool {
        let now = &self.mirror.hashes;
        now.len() == settled.files.len()
            && now.iter().all(|(path, hash)| match settled.files.get(path) {
                Some(then) => then == hash || OF_TEX.contains(&path.extension()),
                None => false,
            })
    }

    /// Note that nothing is left to do.
    pub(super) fn keep_settled(&self) {
        let settled = Settled { setting: self.setting.clone(), files: self.mirror.hashes.clone() };
        // Without it the next build takes longer, and nothing else.
        if let Ok(text) = serde_json::to_vec(&settled) {
            let _ = replace_preview(&self.folder.join(SETTLED), &text);
        }
    }

    /// What TeX has noted of its last run.
    fn recorded(&self, left: &DiskFolder) -> Option<Recorded> {
        let folder = self.request.root.folder();
        let path = in_work(&ProjectPath::resolve(folder, &self.name("fls")).ok()?)?;
        let fls = left.read(&path).ok()??;
        Some(Recorded::of(&fls, folder))
    }

    fn name(&self, extension: &str) -> String {
        format!("{}.{extension}", self.request.job_name())
    }

    fn left(&self) -> Option<DiskFolder> {
        Some(DiskFolder::open(&self.folder.join("build")).ok()?.with_file_limit(MAX_BYTES))
    }

    /// The files that TeX has made for itself and others, as they are. `None` when one cannot be read.
    pub(super) fn generated(&self) -> Option<Generated> {
        let left = self.left()?;
        let recorded = self.recorded(&left)?;
        let mut files = Generated::new();
        for path in recorded.read.union(&recorded.written).filter(|path| self.is_generated(path)) {
            if let Some(bytes) = left.read(&in_work(path)?).ok()? {
                files.insert(path.as_str().to_owned(), bytes);
            }
        }
        Some(files)
    }

    fn is_generated(&self, path: &ProjectPath) -> bool {
        let is_result = RESULTS.contains(&path.extension())
            && (path.folder() == self.request.root.folder()
                && path.file_name().starts_with(self.request.root.stem()));
        !is_result && !self.mirror.hashes.contains_key(path)
    }

    /// Run passes until nothing changes any more. `None` when that is for latexmk to find out; what a pass has left is
    /// then as good a beginning for it as any.
    pub(super) fn run(
        &self,
        running: &mut Running<'_>,
        latexmk: &Latexmk,
        (format, reason): (Option<&str>, &str),
        pass: RunPass<'_>,
    ) -> Result<Option<Alone>, ContainerError> {
        let mut format = format;
        let mut reason = reason.to_owned();
        let mut convergence = Convergence::default();
        let Some(mut before) = self.generated() else { return Ok(None) };
        let mut passes = 0;
        while passes < self.request.max_passes.max(1) {
            passes += 1;
            let finished = pass(running, latexmk.pass(format), std::mem::take(&mut reason))?;
            if !ended_by_itself(&finished) {
                return Ok(Some(Alone { finished, settled: false, format: format.is_some() }));
            }
            let failed = finished.ended != quire_container::Ended::Exited(0);
            if failed && format.is_some() {
                // Whether the format or the document is wrong, only a pass from the beginning can tell.
                format = None;
                "TeX met an error; once more without the precompiled preamble"
                    .clone_into(&mut reason);
                continue;
            }
            if failed && self.request.options.stop_on_first_error {
                return Ok(Some(Alone { finished, settled: false, format: false }));
            }
            let Some(next) = self.judge(&mut convergence, &before) else { return Ok(None) };
            match next.0 {
                Next::Done => {
                    let format = format.is_some();
                    return Ok(Some(Alone { finished, settled: true, format }));
                }
                Next::Pass(because) => reason = because,
                Next::Latexmk => return Ok(None),
            }
            before = next.1;
        }
        Ok(None)
    }

    /// Judge the pass that has just ended, by the files before it; and the files after it.
    fn judge(
        &self,
        convergence: &mut Convergence,
        before: &Generated,
    ) -> Option<(Next, Generated)> {
        let left = self.left()?;
        let recorded = self.recorded(&left)?;
        let after = self.generated()?;
        let path = ProjectPath::resolve(self.request.root.folder(), &self.name("log")).ok()?;
        let log = left.read(&in_work(&path)?).ok()??;
        if super::output::is_fatal(&log) {
            return Some((Next::Latexmk, after));
        }
        let written = recorded.written.iter().filter(|path| self.is_generated(path)).cloned();
        let next = judge(&recorded.read, &written.collect(), (before, &after), &log, convergence);
        Some((next, after))
    }
}

/// What came of passes without latexmk.
pub(super) struct Alone {
    pub(super) finished: Finished,
    /// Nothing is left to do.
    pub(super) settled: bool,
    /// The last pass stood on a precompiled preamble.
    pub(super) format: bool,
}

fn in_work(path: &ProjectPath) -> Option<ProjectPath> {
    ProjectPath::new(&format!("{WORK}/{path}")).ok()
}

fn judge(
    read: &BTreeSet<ProjectPath>,
    written: &BTreeSet<ProjectPath>,
    (before, after): (&Generated, &Generated),
    log: &[u8],
    convergence: &mut Convergence,
) -> Next {
    for path in written {
        let name = path.as_str();
        let (then, now) = (before.get(name), after.get(name));
        // A new file may have been looked for in vain, or be meant for a program; one that TeX does not read is.
        // logreq's notes tell programs which files there are, and these are compared themselves.
        let is_for_others = !read.contains(path) && !name.ends_with(".run.xml");
        if then.is_none() || (is_for_others && then != now) {
            return Next::Latexmk;
        }
        // BibTeX and makeglossaries read it too.
        let asks = |bytes: Option<&std::sync::Arc<[u8]>>| bytes.map(|bytes| parse_aux(bytes));
        if path.extension() == "aux" && asks(then) != asks(now) {
            return Next::Latexmk;
        }
    }
    let generated = |path: &&ProjectPath| {
        before.contains_key(path.as_str()) || after.contains_key(path.as_str())
    };
    let reads: Vec<ReadFile> = (read.iter().filter(generated))
        .map(|path| ReadFile {
            name: path.as_str().to_owned(),
            path: None,
            origin: FileOrigin::Generated(ContentHash::of(b"")),
        })
        .collect();
    match convergence.judge(&reads, before, after, log) {
        Verdict::Converged => Next::Done,
        Verdict::Rerun(reason) => Next::Pass(reason),
        Verdict::Cycle { .. } => Next::Latexmk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &str)]) -> Generated {
        all.iter().map(|(name, text)| ((*name).into(), text.as_bytes().into())).collect()
    }

    fn next(
        read: &[&str],
        written: &[&str],
        before: &[(&str, &str)],
        after: &[(&str, &str)],
    ) -> Next {
        let paths = |names: &[&str]| -> BTreeSet<ProjectPath> {
            names.iter().map(|name| ProjectPath::new(name).unwrap()).collect()
        };
        let both = (&files(before), &files(after));
        judge(&paths(read), &paths(written), both, b"", &mut Convergence::default())
    }

    const ONE: &str = "\\newlabel{a}{{1}{1}}\n";

    #[test]
    fn a_word_that_moves_nothing_needs_one_pass() {
        let same = [("m.aux", ONE), ("m.idx", "x")];
        let done = next(&["m.tex", "m.aux"], &["m.aux", "m.idx"], &same, &same);
        assert_eq!(done, Next::Done);
    }

    #[test]
    fn a_label_that_moves_needs_another() {
        let after = [("m.aux", "\\newlabel{a}{{1}{2}}\n")];
        let next = next(&["m.aux"], &["m.aux"], &[("m.aux", ONE)], &after);
        assert_eq!(next, Next::Pass("m.aux changed: 1 label".to_owned()));
    }

    #[test]
    fn what_other_programs_read_is_for_latexmk() {
        let cited = format!("{ONE}\\citation{{b}}\n");
        let by_aux = next(&["m.aux"], &["m.aux"], &[("m.aux", ONE)], &[("m.aux", &cited)]);
        assert_eq!(by_aux, Next::Latexmk);
        let index = next(&["m.aux"], &["m.idx"], &[("m.idx", "x")], &[("m.idx", "y")]);
        assert_eq!(index, Next::Latexmk);
        let new = next(&["m.aux"], &["m.toc"], &[], &[("m.toc", "")]);
        assert_eq!(new, Next::Latexmk);
    }

    #[test]
    fn notes_of_what_programs_there_are_ask_for_nothing() {
        let (before, after) = ([("m.run.xml", "x")], [("m.run.xml", "y")]);
        assert_eq!(next(&[], &["m.run.xml"], &before, &after), Next::Done);
    }
}
