//! The end of a run: what it wrote is fetched from its process, so that a build can begin with it instead of
//! running all of TeX once more.

use super::{LiveDocument, LivePage};
use crate::build::FirstPass;
use quire_tex_engine::{EngineError, JobSetup, TexReport};
use std::sync::Arc;

/// A run that has written more is not fetched: a build runs by itself then.
const MOST_BYTES: u64 = 256 << 20;

/// A run at the end of the document.
pub(super) struct End {
    report: Box<TexReport>,
    /// Of the outputs that the report names, those that have come.
    outputs: Vec<Vec<u8>>,
}

impl LiveDocument {
    /// The author pauses, and the exact document is wanted: when the run that is on or was the last does not read
    /// the newest files of an earlier pass, one that does begins at once.
    pub fn catch_up(&mut self) -> Result<(), EngineError> {
        if !std::mem::take(&mut self.is_behind) {
            return Ok(());
        }
        self.go_on(None, true)
    }

    /// The last run as a pass for a build to begin with. `None` before its end, when it was given up, and when its
    /// outputs could not be had.
    pub fn pass(&self) -> Option<Arc<FirstPass>> {
        self.pass.clone()
    }

    pub(super) fn begin_end(&mut self, mut report: Box<TexReport>) -> Option<LivePage> {
        let run = self.run.as_mut()?;
        run.gives_sign();
        // Its own clock was begun with the first of its ancestors.
        report.wall = run.begun.elapsed();
        run.end = Some(End { report, outputs: Vec::new() });
        self.fetch_next()
    }

    pub(super) fn take_output(&mut self, bytes: Option<Vec<u8>>) -> Option<LivePage> {
        let run = self.run.as_mut()?;
        run.gives_sign();
        match bytes {
            Some(bytes) => run.end.as_mut()?.outputs.push(bytes),
            None => return self.end_of_run(),
        }
        self.fetch_next()
    }

    fn fetch_next(&mut self) -> Option<LivePage> {
        let run = self.run.as_ref()?;
        let End { report, outputs } = run.end.as_ref()?;
        let bytes: u64 = report.outputs.iter().map(|output| output.bytes).sum();
        match report.outputs.get(outputs.len()) {
            Some(next) if bytes <= MOST_BYTES => {
                self.host.fetch(run.peer, &next.name);
                None
            }
            _ => self.end_of_run(),
        }
    }

    /// The run is over, whether all it wrote has come or not.
    pub(super) fn end_of_run(&mut self) -> Option<LivePage> {
        let run = self.run.as_mut()?;
        let End { report, outputs } = run.end.take()?;
        run.is_done = true;
        let end = run.pages.len();
        self.pages.truncate(end);
        // It keeps the memory of a whole run, and has said all.
        let peer = run.peer;
        self.host.close(peer);
        let is_exact = run.is_exact;
        self.close_spares();
        if is_exact {
            for dropped in self.snapshots.drop_stale(&self.known, true) {
                self.host.close(dropped);
            }
        }
        self.keep_within_memory();
        self.pass = (outputs.len() == report.outputs.len()).then(|| {
            Arc::new(FirstPass {
                engine: self.engine.clone(),
                setup: JobSetup { restored: Vec::new(), ..self.setup.clone() },
                report: TexReport::clone(&report),
                outputs,
            })
        });
        Some(LivePage::Done(report))
    }
}
