//! What the files of a live run are besides.

use super::{Files, Found};
use crate::protocol::FromWorker;

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
}
