//! One run of the engine, and what it is told when it goes on from a snapshot.

use super::{
    LiveDocument, LivePage, PATIENCE_RESUMED, SPARES,
    calm::Pages,
    end::End,
    look_up::{self, Known, Text},
    rest::Standing,
    snapshots::{Snapshot, Snapshots},
};
use quire_tex_engine::{Asleep, EngineError, Focus, LiveHost, PeerId, Resume, ShippedPage};
use serde_bytes::ByteBuf;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// A run that is on, or has ended and lives on in its snapshots.
pub(super) struct Run {
    pub(super) peer: PeerId,
    pub(super) pages: Pages,
    pub(super) texts: BTreeMap<String, Arc<[u8]>>,
    pub(super) begun: Instant,
    pub(super) last_sign: Instant,
    /// The longest time between two signs.
    pub(super) longest_silence: Duration,
    /// The first page that is not told: from it on pages may be damaged.
    pub(super) held_from: Option<usize>,
    /// The first page behind the focus.
    pub(super) edited_page: Option<usize>,
    /// It has told or asked anything yet.
    pub(super) has_spoken: bool,
    /// It goes on from a snapshot.
    pub(super) resumed: bool,
    pub(super) focus: Option<Focus>,
    /// It only leads to a snapshot at its focus.
    pub(super) prepares: bool,
    /// It reads the newest files of an earlier pass.
    pub(super) is_exact: bool,
    /// It has come to the end of the document, and what it wrote is being fetched.
    pub(super) end: Option<End>,
    pub(super) is_done: bool,
    /// When the page with the edit was shipped; none once that has been made use of.
    pub(super) shipped: Option<Instant>,
    /// It has come to where the rest is known.
    pub(super) standing: Option<Standing>,
    /// It only lays snapshots: what it comes to is known.
    pub(super) lays: bool,
    /// It was told not to hold.
    pub(super) is_let_go: bool,
    /// Snapshots that it has taken before we know the pages before them.
    pub(super) early: Vec<(PeerId, Asleep)>,
    /// Channels for its snapshots that it has not used.
    pub(super) spares: Vec<PeerId>,
}

impl Run {
    /// A run from the beginning.
    pub(super) fn new(
        peer: PeerId,
        spares: Vec<PeerId>,
        texts: BTreeMap<String, Arc<[u8]>>,
    ) -> Self {
        Self {
            peer,
            pages: Pages::default(),
            texts,
            begun: Instant::now(),
            last_sign: Instant::now(),
            longest_silence: Duration::ZERO,
            held_from: None,
            edited_page: None,
            has_spoken: false,
            resumed: false,
            focus: None,
            prepares: false,
            is_exact: true,
            end: None,
            is_done: false,
            shipped: None,
            standing: None,
            lays: false,
            is_let_go: false,
            early: Vec::new(),
            spares,
        }
    }

    pub(super) fn gives_sign(&mut self) {
        let now = Instant::now();
        self.longest_silence = self.longest_silence.max(now - self.last_sign);
        self.last_sign = now;
        self.has_spoken = true;
    }

    /// It has shipped a page; `None` when that cannot be read, or pages before it are not known.
    pub(super) fn push(&mut self, page: ShippedPage, known: &Known) -> Option<()> {
        let index = page.number.checked_sub(1)? as usize;
        if index == 0 {
            self.pages = Pages::new(&page.preamble);
        }
        self.pages.truncate(index);
        if self.pages.len() < index {
            return None;
        }
        if page.is_past_focus {
            self.edited_page.get_or_insert(index);
        }
        self.pages.push(page, known)
    }
}

impl LiveDocument {
    /// How long the run that is on may still be silent.
    pub(super) fn patience_left(&self) -> Option<Duration> {
        let run = self.run.as_ref().filter(|run| !run.is_done)?;
        let patience = match run.focus {
            Some(_) => self.patience.min(PATIENCE_RESUMED.max(self.longest_silence * 2)),
            None => self.patience,
        };
        Some(patience.saturating_sub(run.last_sign.elapsed()))
    }

    pub(super) fn give_up(&mut self, fault: Option<EngineError>) -> Option<LivePage> {
        let lays = self.run.as_ref().is_some_and(|run| run.lays);
        self.is_short &= !lays;
        self.end_run();
        if self.early.is_some() {
            // The next is begun at once.
            return None;
        }
        self.is_given_up |= !lays;
        (!lays).then_some(LivePage::GivenUp(fault))
    }

    /// From nothing: the change is before the first snapshot, or there is none.
    pub(super) fn restart(&mut self) -> Result<(), EngineError> {
        let mut setup = self.setup.clone();
        setup.restored = self.generated.iter().map(|(n, b)| (n.clone(), b.to_vec())).collect();
        let (mut host, first, spares) = LiveHost::start(&self.options, setup, SPARES)?;
        host.wake_as(&mut self.host);
        self.host = host;
        self.ready = None;
        self.snapshots = Snapshots::default();
        self.run = Some(Run::new(first, spares, self.generated.clone()));
        Ok(())
    }

    pub(super) fn end_run(&mut self) {
        self.glimpses.forget();
        if let Some(run) = &self.run {
            self.host.close(run.peer);
        }
        self.close_spares();
        self.run = None;
    }

    pub(super) fn close_spares(&mut self) {
        if let Some(run) = &mut self.run {
            let early = run.early.drain(..).map(|(peer, _)| peer);
            for spare in run.spares.drain(..).chain(early) {
                self.host.close(spare);
            }
        }
    }
}

/// How the files that a snapshot knows differ from those of now, and these. What it has read of earlier passes
/// stays as it was, unless it is to be exact.
pub(super) fn resume(
    snapshot: &Snapshot,
    known: &Known,
    generated: &BTreeMap<String, Arc<[u8]>>,
    exactly: bool,
) -> (Resume, BTreeMap<String, Arc<[u8]>>) {
    let mut texts = snapshot.texts.clone();
    let mut resume = Resume::default();
    for (name, old) in &mut texts {
        let new = match (generated.get(name), known.get(name)) {
            (Some(_), _) if !exactly && snapshot.has_asked_for(name) => continue,
            (Some(new), _) | (None, Some(Text { bytes: Some(new), .. })) => new,
            (None, _) => continue,
        };
        if !Arc::ptr_eq(old, new) {
            resume.changes.extend(look_up::change(name, old, new));
            *old = new.clone();
        }
    }
    for (name, new) in generated {
        if !texts.contains_key(name) && (exactly || !snapshot.has_asked_for(name)) {
            resume.generated.push((name.clone(), ByteBuf::from(new.to_vec())));
            texts.insert(name.clone(), new.clone());
        }
    }
    (resume, texts)
}
