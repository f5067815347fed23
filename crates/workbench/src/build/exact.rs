//! The PDF of the text as it is now: who exports or prints it waits for a build of it. What is shown may be older, and what
//! is on the disk may be of a build that was not shown, since it ran away over half-typed text.

use super::{Outcome, Wish};
use crate::{Workbench, WorkbenchError, desk::Desk, tasks::Task};
use quire_project::ProjectId;
use std::{
    fs::File,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    time::Duration,
};

/// Whether it is still wanted is looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Somebody who waits for a build.
pub(super) struct Waiting {
    /// It is to have seen this edit.
    revision: u64,
    answer: Sender<ExactPdf>,
}

/// What the build came to.
pub(crate) struct ExactPdf {
    pub(crate) outcome: Outcome,
    /// The file, which stays what it is whatever is built next. None: there are no pages.
    pub(crate) file: Option<File>,
}

impl Desk {
    fn build_for(&mut self, id: ProjectId) -> Result<Receiver<ExactPdf>, WorkbenchError> {
        let (answer, exact) = mpsc::channel();
        let project = self.project(id)?;
        let revision = project.revision;
        project.builds.waiting.push(Waiting { revision, answer });
        self.begin_build(id, Wish::default());
        Ok(exact)
    }

    /// A build of a revision has come to its end; `has_pages`: those that are shown now.
    pub(super) fn answer_waiting(
        &mut self,
        id: ProjectId,
        revision: u64,
        outcome: Outcome,
        has_pages: bool,
    ) {
        let Some(project) = self.open.get_mut(&id) else { return };
        let is_over = matches!(outcome, Outcome::Cancelled | Outcome::NotBegun);
        if is_over && project.builds.wanted.is_some() {
            return;
        }
        let preview = project.preview.as_ref().filter(|_| has_pages && !is_over);
        let open = || File::open(preview?.pdf()).ok();
        let met = |waiting: &mut Waiting| is_over || waiting.revision <= revision;
        for waiting in project.builds.waiting.extract_if(.., met) {
            // Who has given up does not wait.
            let _ = waiting.answer.send(ExactPdf { outcome, file: open() });
        }
    }
}

impl Workbench {
    /// Build the text of an open project as it is now, and wait for it, as long as the task goes on.
    pub(crate) fn exact_pdf(
        &self,
        id: ProjectId,
        task: Option<&Task>,
    ) -> Result<ExactPdf, WorkbenchError> {
        let exact = self.try_ask(move |desk| desk.build_for(id))?;
        loop {
            match exact.recv_timeout(LOOK_EVERY) {
                Ok(ExactPdf { outcome: Outcome::Cancelled, .. }) => {
                    return Err(WorkbenchError::Cancelled);
                }
                Ok(exact) => return Ok(exact),
                Err(RecvTimeoutError::Timeout) => task.map_or(Ok(()), Task::go_on)?,
                // The project was closed.
                Err(RecvTimeoutError::Disconnected) => return Err(WorkbenchError::Cancelled),
            }
        }
    }

    /// Wait until the pages that are shown are those of the text as it is now.
    pub fn finish_pages(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        let exact = self.exact_pdf(id, None)?;
        exact.file.map(drop).ok_or(WorkbenchError::NoPages)
    }
}
