//! What the files of a live run are besides.

use super::{Files, Found, Growing};
use crate::{
    live::SoFar,
    protocol::FromWorker,
    report::{EngineMessage, LogMark, OutputFile, ReadFile},
};

impl Files {
    /// To a live run's application: the pages that have been shipped since the last time.
    pub(in crate::worker) fn tell_new_pages(&mut self) {
        let xdv = self.current.get(&format!("{}.xdv", self.job_name)).cloned();
        let (Some(live), Some(xdv)) = (&mut self.live, xdv) else { return };
        let pages = live.new_pages(&xdv.borrow());
        let is_past_focus = pages.iter().any(|page| page.is_past_focus);
        for page in pages {
            // An application that has gone ends this process by itself.
            let _ = self.tell(&FromWorker::Page(page));
        }
        if is_past_focus && let Some(live) = &mut self.live {
            live.hold();
        }
    }

    /// Whether the text that a name stands for can change under the engine that reads it.
    pub(in crate::worker) fn can_change(&self, name: &str) -> bool {
        self.live.is_some() && !self.current.contains_key(name) && self.text(name).is_some()
    }

    /// Whether a name stands for a file of the project.
    pub(in crate::worker) fn is_source(&self, name: &str) -> bool {
        !self.generated.contains_key(name) && self.served.contains_key(name)
    }

    /// For a live run: how a name was found.
    pub(super) fn note_found(&mut self, name: &str, found: &Found) {
        // What this very run wrote follows from the rest.
        if self.live.is_none() || self.current.contains_key(name) {
            return;
        }
        let is_text = self.text(name).is_some();
        let Some(live) = &mut self.live else { return };
        match found {
            Found::Memory(_) if is_text => live.note_opened(name),
            Found::Memory(_) => {}
            Found::Bundle(_) | Found::Nothing => live.note_absent(name),
        }
    }

    /// The engine has opened an output: the how manieth it is is its handle.
    pub(in crate::worker) fn note_output(&mut self, name: &str) {
        if let Some(live) = &mut self.live {
            live.note_output(name);
        }
    }

    /// How much the run has told by now.
    pub(in crate::worker) fn so_far(&self) -> SoFar {
        let log = self.output(&format!("{}.log", self.job_name));
        SoFar {
            log: log.map_or(0, |log| log.borrow().len() as u64),
            messages: self.live.as_ref().map_or(0, |live| live.messages().len() as u64),
        }
    }

    /// What the run has written under a name.
    pub(in crate::worker) fn output(&self, name: &str) -> Option<Growing> {
        self.current.get(name).cloned()
    }

    /// Whether something is wrong that is told when the run ends, not when it happens.
    pub(in crate::worker) fn has_complaints(&self) -> bool {
        !self.refused_outputs.is_empty() || !self.unusable_pictures.is_empty()
    }

    /// The files that the run has looked for by now.
    pub(in crate::worker) fn reads_so_far(&self) -> &[ReadFile] {
        &self.read_list
    }

    /// Places of the log, and messages, by now.
    pub(in crate::worker) fn told_so_far(&self) -> (Vec<LogMark>, Vec<EngineMessage>) {
        let marks = each_once(self.marks.clone());
        (marks, self.live.as_ref().map(|live| live.messages().clone()).unwrap_or_default())
    }

    /// The run is over, and has written these.
    pub(in crate::worker) fn end_with(
        &mut self,
        outputs: Vec<(String, Vec<u8>)>,
    ) -> Vec<OutputFile> {
        self.current.clear();
        for (name, bytes) in outputs {
            self.current.insert(name, Growing::new(bytes.into()));
        }
        self.end_run().1
    }
}

/// A line of a file that is read twice is told once.
pub(super) fn each_once(mut marks: Vec<LogMark>) -> Vec<LogMark> {
    marks.dedup_by(|next, mark| next.line == mark.line && next.file == mark.file);
    marks
}
