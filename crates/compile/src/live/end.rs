//! The end of a run: what it wrote is fetched from its process, so that a build can begin with it instead of
//! running all of TeX once more.

use super::{LiveDocument, LivePage};
use crate::build::FirstPass;
use quire_tex_engine::{EngineError, JobSetup, TexReport};
use std::{sync::Arc, time::Instant};

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

    pub(super) fn begin_end(&mut self, mut report: Box<TexReport>, told: &mut Vec<LivePage>) {
        let Some(run) = &mut self.run else { return };
        run.gives_sign();
        if run.lays && self.is_as_laid(&report) {
            return self.end_laying();
        }
        let Some(run) = &mut self.run else { return };
        self.splices.wrong += u32::from(run.lays);
        // Its own clock was begun with the first of its ancestors.
        report.wall = run.begun.elapsed();
        run.end = Some(End { report, outputs: Vec::new() });
        self.fetch_next(told);
    }

    pub(super) fn take_output(&mut self, bytes: Option<Vec<u8>>, told: &mut Vec<LivePage>) {
        let Some(run) = &mut self.run else { return };
        run.gives_sign();
        match (bytes, &mut run.end) {
            (Some(bytes), Some(end)) => end.outputs.push(bytes),
            _ => return self.end_of_run(told),
        }
        self.fetch_next(told);
    }

    fn fetch_next(&mut self, told: &mut Vec<LivePage>) {
        let Some((run, end)) = self.run.as_ref().and_then(|run| Some((run, run.end.as_ref()?)))
        else {
            return;
        };
        let End { report, outputs } = end;
        let bytes: u64 = report.outputs.iter().map(|output| output.bytes).sum();
        match report.outputs.get(outputs.len()) {
            Some(next) if bytes <= MOST_BYTES => {
                self.host.fetch(run.peer, &next.name);
            }
            _ => self.end_of_run(told),
        }
    }

    /// What a run that lays snapshots came to was told already.
    fn end_laying(&mut self) {
        self.is_short = false;
        if let Some(run) = &mut self.run {
            run.is_done = true;
            self.host.close(run.peer);
        }
        self.last_done = Instant::now();
        self.close_spares();
        self.keep_within_memory();
    }

    /// The run is over, whether all it wrote has come or not.
    pub(super) fn end_of_run(&mut self, told: &mut Vec<LivePage>) {
        let end = self.run.as_mut().and_then(|run| run.end.take());
        let (Some(End { report, outputs }), Some(mut run)) = (end, self.run.take()) else { return };
        run.is_done = true;
        self.longest_silence = self.longest_silence.max(run.longest_silence);
        self.is_short = run.standing.is_some();
        self.splices.joined += u32::from(self.is_short);
        told.extend(self.judge(&run, &report));
        self.pass = (outputs.len() == report.outputs.len()).then(|| {
            Arc::new(FirstPass {
                engine: self.engine.clone(),
                setup: JobSetup { restored: Vec::new(), ..self.setup.clone() },
                report: TexReport::clone(&report),
                outputs,
            })
        });
        self.keep_rest(&run, self.pass.clone());
        // It keeps the memory of a whole run, and has said all.
        self.host.close(run.peer);
        let is_exact = run.is_exact;
        self.run = Some(run);
        self.close_spares();
        if is_exact {
            for dropped in self.snapshots.drop_stale(&self.known, true) {
                self.host.close(dropped);
            }
        }
        self.keep_within_memory();
        told.push(LivePage::Done(report));
    }
}
