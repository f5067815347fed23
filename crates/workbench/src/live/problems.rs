//! What is wrong with a text while it is written: one error at most, once the author has paused. On a thread of its
//! own, so that the next key does not wait for the explanation.

use crate::{
    Event, Lines, build::problem_while_typing, desk::DeskSender, snapshot::ProjectSnapshot,
};
use quire_bundle::{BundleDir, CommandIndex};
use quire_compile::diagnostics::{Place, SourceFile, command_index, errors_of_run, new_error};
use quire_project::{FileSource, ProjectId, ProjectPath};
use quire_tex_engine::TexReport;
use quire_text::{ByteOffset, LineNumber};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

/// Who has not written for so long may be told what is wrong; before, it is half typed.
pub(super) const CALM: Duration = Duration::from_millis(700);

/// A run that ended with errors.
pub(super) struct Failed {
    pub(super) report: Box<TexReport>,
    pub(super) sources: Arc<ProjectSnapshot>,
    /// Where was written last, in bytes.
    pub(super) edited: Option<(ProjectPath, u64)>,
    pub(super) edited_at: Instant,
}

enum Word {
    /// The text has changed: what was to be told may be mended.
    Edited,
    /// A run has ended well.
    Mended,
    Failed(Failed),
}

/// Dropping it ends the thread.
pub(super) struct Problems(Sender<Word>);

impl Problems {
    pub(super) fn start(
        id: ProjectId,
        root: ProjectPath,
        bundle: BundleDir,
        sender: DeskSender,
    ) -> io::Result<Self> {
        let (words, inbox) = mpsc::channel();
        let teller = Teller { id, root, bundle, sender, index: None, is_told: false };
        let thread = std::thread::Builder::new().name("live-problems".to_owned());
        thread.spawn(move || teller.run(&inbox))?;
        Ok(Self(words))
    }

    // Without the thread errors are told by the next build.

    pub(super) fn edited(&self) {
        let _ = self.0.send(Word::Edited);
    }

    pub(super) fn mended(&self) {
        let _ = self.0.send(Word::Mended);
    }

    pub(super) fn failed(&self, failed: Failed) {
        let _ = self.0.send(Word::Failed(failed));
    }
}

struct Teller {
    id: ProjectId,
    root: ProjectPath,
    bundle: BundleDir,
    sender: DeskSender,
    index: Option<CommandIndex>,
    is_told: bool,
}

impl Teller {
    fn run(mut self, inbox: &Receiver<Word>) {
        let mut failed: Option<Failed> = None;
        loop {
            let word = match &failed {
                Some(waiting) => {
                    let due = waiting.edited_at + CALM;
                    inbox.recv_timeout(due.saturating_duration_since(Instant::now()))
                }
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match (word, failed.take()) {
                (Ok(Word::Edited), _) => {}
                (Ok(Word::Failed(newer)), _) => failed = Some(newer),
                (Ok(Word::Mended), _) => {
                    if std::mem::take(&mut self.is_told) {
                        let project = self.id;
                        self.sender.send(move |desk| {
                            desk.emit(&Event::LiveProblem { project, problem: None });
                        });
                    }
                }
                (Err(RecvTimeoutError::Timeout), Some(due)) => self.tell(due),
                (Err(RecvTimeoutError::Timeout), None) => {}
                (Err(RecvTimeoutError::Disconnected), _) => return,
            }
        }
    }

    fn tell(&mut self, Failed { report, sources, edited, .. }: Failed) {
        let (index, bundle) = (std::cell::OnceCell::new(), &self.bundle);
        if let Some(known) = self.index.take() {
            let _ = index.set(known);
        }
        let commands = || index.get_or_init(|| command_index(bundle)).clone();
        let errors = errors_of_run(&report, &self.root, &*sources, &commands);
        self.index = index.into_inner();
        self.is_told = true;
        let here = edited.map(|(path, offset)| {
            let line = line_at(&sources, &path, offset);
            (path, line)
        });
        let project = self.id;
        self.sender.send(move |desk| {
            let Some(open) = desk.open.get(&project) else { return };
            if open.revision != sources.revision {
                // It is being mended.
                return;
            }
            let last = open.builds.last.clone();
            let built = last.as_ref().map_or(&[][..], |last| &last.diagnostics);
            let here = here.as_ref().map(|(path, line)| (path, *line));
            let told = new_error(errors, built, here).map(|mut told| {
                // What TeX noticed at the end of all files came of what was written last.
                told.place = told.place.or_else(|| here.map(|(path, line)| line_of(path, line)));
                told
            });
            let problem = told.map(|told| problem_while_typing(&told, &sources));
            desk.emit(&Event::LiveProblem { project, problem });
        });
    }
}

fn line_of(path: &ProjectPath, line: LineNumber) -> Place {
    let file = SourceFile::Project(path.clone());
    Place { file, first_line: line, last_line: line, range: None }
}

fn line_at(sources: &ProjectSnapshot, path: &ProjectPath, offset: u64) -> LineNumber {
    let bytes = sources.read(path).ok().flatten().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    LineNumber(Lines::new(&text).position(ByteOffset(offset)).line)
}
