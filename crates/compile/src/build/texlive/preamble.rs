//! The precompiled preamble of a pdfLaTeX document: what TeX knows at `\begin{document}`, dumped as a format of its own.
//! A run on it reads the same root, passes over the lines of the preamble and goes on with the line of
//! `\begin{document}`, so that lines, messages and SyncTeX are those of the real file.
//!
//! A format does not hold everything: what is open, what was written to the PDF, fonts' extras are lost. So one is
//! used only once it has made, of the same text, the very PDF that a plain pass has made; and what such a
//! comparison might not show is looked for in the text of the preamble and refused.

use super::{
    TexLive,
    command::{Latexmk, WORK},
    format::{self, LOSING, SCRIPT},
    mirror::Mirror,
    recorder::Recorded,
    running::Running,
};
use crate::{
    build::{BuildDate, BuildRequest, EngineChoice},
    cache::HelperRecord,
    convergence::Generated,
    disk::DiskFolder,
    outputs::replace_preview,
};
use quire_container::{BUILD, Ended};
use quire_project::{ContentHash, FileSource, Hasher, ProjectPath};
use serde::{Deserialize, Serialize};
use std::{fs, io, path::Path};

/// What is known of the preamble from build to build.
const KNOWN: &str = "preamble.json";
/// In the build folder: the format, and the copy that it is tried on.
const FOLDER: &str = "preamble";
/// Another way to make formats is another number.
const VERSION: &[u8] = b"1";

/// What is known of a preamble.
#[derive(Clone, Serialize, Deserialize)]
struct Known {
    key: ContentHash,
    /// Files of the project that it reads, as far as that is known.
    reads: Vec<(ProjectPath, ContentHash)>,
    state: State,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// A build had it. A second one without a change of it shows that the author is at the text.
    Seen,
    /// The format is there and makes the same pages; `log` is what the preamble said.
    Ready { log: String },
    /// No format is used.
    Refused { why: String },
}

/// A document's preamble.
pub(super) struct Preamble<'a> {
    request: &'a BuildRequest,
    tex_live: &'a TexLive,
    mirror: &'a Mirror,
    folder: &'a Path,
    /// The line of `\begin{document}`, counted from one, and the bytes before it.
    begin: Result<(usize, ContentHash), &'static str>,
    known: Option<Known>,
}

impl<'a> Preamble<'a> {
    /// The preamble of a document of pdfLaTeX; `None` for other engines.
    pub(super) fn of(
        request: &'a BuildRequest,
        tex_live: &'a TexLive,
        mirror: &'a Mirror,
        folder: &'a Path,
    ) -> Option<Self> {
        if request.engine != EngineChoice::PdfLatex || tex_live.shell_escape {
            return None;
        }
        let root = request.files.read(&request.root).ok()??;
        let begin = format::split(&root).map(|(line, before)| (line, ContentHash::of(before)));
        let begin = begin.and_then(|begin| plain_name(request).map(|()| begin));
        let known = fs::read(folder.join(KNOWN)).ok();
        let known = known.and_then(|text| serde_json::from_slice(&text).ok());
        Some(Self { request, tex_live, mirror, folder, begin, known })
    }

    /// What the format depends on, but for the files that the preamble reads. `generated` are the files that builds have
    /// made: the preamble may have looked for one in vain.
    fn key(&self, generated: &Generated) -> Option<ContentHash> {
        let (line, before) = self.begin.ok()?;
        let (is_fixed, date) = match self.request.date {
            BuildDate::Fixed(seconds) => (1, seconds),
            // Packages take down the day when they are read.
            BuildDate::Now(seconds) => (0, seconds / (24 * 60 * 60)),
        };
        let mut hasher = Hasher::default();
        hasher.field(VERSION);
        hasher.field(self.tex_live.identity().as_bytes());
        hasher.field(self.request.root.as_str().as_bytes());
        hasher.field(format!("{line}/{before}/{is_fixed}/{date}").as_bytes());
        for name in self
            .mirror
            .hashes
            .keys()
            .map(ProjectPath::as_str)
            .chain(generated.keys().map(String::as_str))
        {
            hasher.field(name.as_bytes());
        }
        Some(hasher.finish())
    }

    /// What is known of the preamble as it is now.
    fn current(&self, generated: &Generated) -> Option<&Known> {
        let known = self.known.as_ref()?;
        let same =
            |(path, hash): &(ProjectPath, ContentHash)| self.mirror.hashes.get(path) == Some(hash);
        (Some(known.key) == self.key(generated) && known.reads.iter().all(same)).then_some(known)
    }

    /// The format to run on, as the engine is told it.
    pub(super) fn format(&self, generated: &Generated) -> Option<String> {
        match self.current(generated)?.state {
            State::Ready { .. } => Some(self.format_place()),
            State::Seen | State::Refused { .. } => None,
        }
    }

    fn format_place(&self) -> String {
        format!("{BUILD}/{FOLDER}/made/{}.fmt", self.request.job_name())
    }

    /// What is to be known of a run on the format: the files that the preamble has read, and what it said.
    pub(super) fn part_of_run(&self) -> PartOfRun {
        let Some(Known { reads, state: State::Ready { log }, .. }) = &self.known else {
            return PartOfRun::default();
        };
        PartOfRun { reads: reads.iter().map(|(path, _)| path.clone()).collect(), log: log.clone() }
    }

    /// Why plain passes are run, when no format will do: a note beside the transcripts of programs.
    pub(super) fn refusal(&self) -> Option<HelperRecord> {
        let why = match (self.begin, self.known.as_ref().map(|known| &known.state)) {
            (Err(why), _) => why,
            (Ok(_), Some(State::Refused { why })) => why,
            (Ok(_), Some(State::Seen | State::Ready { .. }) | None) => return None,
        };
        let transcript = format!("The preamble is read anew in each pass: {why}.\n").into_bytes();
        Some(HelperRecord {
            name: "precompiled preamble".to_owned(),
            key: ContentHash::of(&transcript),
            outputs: Vec::new(),
            transcript,
            diagnostics: Vec::new(),
        })
    }

    /// A build without a format has ended, and nothing is left to do. True when it is time to make one.
    pub(super) fn is_due(&mut self, generated: &Generated) -> bool {
        let Some(key) = self.key(generated) else { return false };
        if let Some(known) = self.current(generated) {
            return known.state == State::Seen;
        }
        // The same text that reads other files: that these stand still is seen at the next build.
        let known = self.known.take().filter(|known| known.key == key);
        let reads = known.map(|known| known.reads).unwrap_or_default();
        let now =
            |(path, _): (ProjectPath, _)| Some((path.clone(), *self.mirror.hashes.get(&path)?));
        let reads = reads.into_iter().filter_map(now).collect();
        self.keep(Known { key, reads, state: State::Seen });
        false
    }

    fn keep(&mut self, known: Known) {
        // Without it a format is made once more.
        if let Ok(text) = serde_json::to_vec(&known) {
            let _ = replace_preview(&self.folder.join(KNOWN), &text);
        }
        self.known = Some(known);
    }

    /// Make the format and try it on the text whose PDF a plain pass has just made. Whatever goes wrong, the
    /// build has its result already.
    pub(super) fn make(
        &mut self,
        running: &mut Running<'_>,
        latexmk: &Latexmk,
        (pdf, generated): (&[u8], &Generated),
    ) {
        let (Some(key), Ok((line, _))) = (self.key(generated), self.begin) else { return };
        // Only what the comparison says counts from here on.
        let _ = fs::remove_file(self.folder.join(KNOWN));
        let made = self.write_driver(line).map_err(|error| Failed::For(error.to_string()));
        let made = made
            .and_then(|()| self.run(running, latexmk))
            .and_then(|()| self.judge(pdf, generated));
        // As far as it goes from outside; the next time its own user does it.
        let _ = fs::remove_dir_all(self.folder.join("build").join(FOLDER).join("check"));
        let (reads, state) = match made {
            Ok((reads, log)) => (reads, State::Ready { log }),
            Err(Failed::For(why)) => (Vec::new(), State::Refused { why }),
            Err(Failed::Now) => (Vec::new(), State::Seen),
        };
        self.keep(Known { key, reads, state });
    }

    fn write_driver(&self, line: usize) -> io::Result<()> {
        let folder = self.folder.join("project").join(FOLDER);
        fs::create_dir_all(&folder)?;
        let driver = format::driver(line, self.request.root.file_name());
        let place = folder.join("dump.tex");
        fs::write(&place, driver)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
            fs::set_permissions(&place, fs::Permissions::from_mode(0o644))?;
        }
        Ok(())
    }

    fn run(&self, running: &mut Running<'_>, latexmk: &Latexmk) -> Result<(), Failed> {
        let mut command =
            ["/bin/sh", "-c", SCRIPT, "sh", self.request.job_name()].map(str::to_owned).to_vec();
        command.extend(latexmk.engine_with(Some(&self.format_place())));
        let finished = running.run(command, &mut |_| {}).map_err(|_| Failed::Now)?;
        Err(match finished.ended {
            Ended::Exited(0) => return Ok(()),
            Ended::Exited(122) => Failed::For("TeX could not make a format of it".to_owned()),
            Ended::Exited(_) => Failed::For("TeX failed on its format".to_owned()),
            Ended::TimedOut | Ended::PrintedTooMuch | Ended::WroteTooMuch => {
                Failed::For("its format passes a limit".to_owned())
            }
            Ended::OutOfMemory | Ended::OutOfProcesses => {
                Failed::For("its format passes a limit".to_owned())
            }
            Ended::Cancelled | Ended::Died => Failed::Now,
        })
    }

    /// Whether the format may be used: what it reads, and what it said.
    fn judge(&self, pdf: &[u8], generated: &Generated) -> Result<Made, Failed> {
        let for_good = |why: &str| Failed::For(why.to_owned());
        let left = DiskFolder::open(&self.folder.join("build")).map_err(|_| Failed::Now)?;
        let file = |name: String| -> Result<Vec<u8>, Failed> {
            let path = ProjectPath::new(&format!("{FOLDER}/{name}")).map_err(|_| Failed::Now)?;
            let bytes = left.read(&path).ok().flatten();
            bytes.map(|bytes| bytes.to_vec()).ok_or_else(|| for_good("its format left no notes"))
        };
        let job = self.request.job_name();
        let recorded = Recorded::of(&file(format!("made/{job}.fls"))?, self.request.root.folder());
        let reads = self.reads(&recorded)?;
        let log = String::from_utf8_lossy(&file(format!("made/{job}.log"))?).into_owned();
        let log = format::said(&log, self.request.root.file_name())
            .ok_or_else(|| for_good("what it says cannot be told from the rest"))?;
        let place = ProjectPath::resolve(self.request.root.folder(), &format!("{job}.pdf"));
        let place = place.map_err(|_| Failed::Now)?;
        if format::without_id(&file(format!("check/{WORK}/{place}"))?) != format::without_id(pdf) {
            return Err(for_good("the pages on its format are not the same"));
        }
        for (name, bytes) in generated {
            if file(format!("check/{WORK}/{name}"))? != **bytes {
                return Err(for_good("the files on its format are not the same"));
            }
        }
        Ok((reads, log))
    }

    /// The project's files that the preamble reads, if it does nothing that a format would lose.
    fn reads(&self, recorded: &Recorded) -> Result<Vec<(ProjectPath, ContentHash)>, Failed> {
        let made = format!("{BUILD}/{FOLDER}/made/{}.", self.request.job_name());
        let stray = recorded.outputs.iter().find(|name| {
            let extension = name.strip_prefix(&made);
            !extension.is_some_and(|extension| ["fls", "fmt", "log", "pdf"].contains(&extension))
        });
        if let Some(name) = stray {
            return Err(Failed::For(format!("the preamble writes the file {name}")));
        }
        let plain = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        if let Some(name) =
            recorded.names.iter().map(|n| plain(n)).find(|n| LOSING.contains(&n.as_str()))
        {
            return Err(Failed::For(format!("{name} does what a format would lose")));
        }
        let mut reads = Vec::new();
        for path in &recorded.read {
            let Some(hash) = self.mirror.hashes.get(path) else {
                return Err(Failed::For(format!("the preamble reads {path}, which builds make")));
            };
            // The root is known by its first lines alone.
            let is_root = *path == self.request.root;
            let bytes = self.request.files.read(path).ok().flatten().ok_or(Failed::Now)?;
            let text = if is_root {
                format::split(&bytes).map_or(&bytes[..], |(_, before)| before)
            } else {
                &bytes
            };
            if let Some(lost) = format::loses(text) {
                return Err(Failed::For(format!("{path} has {lost}, which a format would lose")));
            }
            if !is_root {
                reads.push((path.clone(), *hash));
            }
        }
        Ok(reads)
    }
}

/// Begin from nothing: what is known of the preamble is not believed any more.
pub(super) fn forget(folder: &Path) {
    // There may be nothing known yet; what cannot be removed was made of the same preamble all the same.
    let _ = fs::remove_file(folder.join(KNOWN));
}

/// The files that a preamble reads, by their hashes, and what it says.
type Made = (Vec<(ProjectPath, ContentHash)>, String);

/// Why there is no format.
enum Failed {
    /// As long as the preamble is what it is.
    For(String),
    /// It was broken off.
    Now,
}

/// What a run on a format leaves out.
#[derive(Default)]
pub(super) struct PartOfRun {
    /// Files of the project.
    pub(super) reads: Vec<ProjectPath>,
    log: String,
}

impl PartOfRun {
    /// A log as if the run had read the preamble itself.
    pub(super) fn whole_log(&self, log: &[u8]) -> Vec<u8> {
        format::whole_log(log, &self.log)
    }
}

/// TeX takes a command line apart at blanks and more.
fn plain_name(request: &BuildRequest) -> Result<(), &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.+/".contains(c);
    let (path, name) = (request.root.as_str(), request.root.file_name());
    match path.chars().all(is_plain) && !name.starts_with('-') {
        true => Ok(()),
        false => Err("the file's name has characters that TeX's command line takes apart"),
    }
}
