//! Where a run comes to a state that an earlier one was in, and the text behind is the same, the rest is the same:
//! it need not be typeset.
//!
//! The run stands still there. Once the author pauses the application hands it the earlier run, and it is put together
//! with what that wrote from there on (see [`assemble`](super::assemble)).

use super::{
    assemble::{self, Begun},
    end, fingerprint, fork, with_live,
};
use crate::{
    live::{Earlier, State},
    protocol::{FromWorker, ToWorker},
    worker::{files::Files, globals},
};
use flate2::{Compression, GzBuilder, read::GzDecoder};
use std::{
    cell::RefCell,
    ffi::c_int,
    io::{Read, Write},
    rc::Rc,
};

/// States that a run compares itself with: each takes a while.
const ATTEMPTS: u32 = 3;

// As in `tectonic_bridge_core.h` of tectonic_bridge_core 0.5.3.
unsafe extern "C" {
    fn ttstub_output_flush(handle: usize) -> c_int;
}

/// What a run knows of the rest of an earlier one.
#[derive(Default)]
pub(super) struct Rest {
    states: Vec<State>,
    attempts: u32,
}

impl Rest {
    pub(super) fn new(states: Vec<State>) -> Self {
        Self { states, attempts: 0 }
    }
}

/// A line start behind an empty line.
pub(super) struct Here<'t> {
    name: &'t str,
    from_end: u64,
    /// How much the C code has on its stack: more than usual when it is in the midst of something.
    depth: usize,
}

impl<'t> Here<'t> {
    /// Must be made where the engine asks for a line, and nowhere deeper.
    #[inline(never)]
    pub(super) fn new(name: &'t str, start: usize, text: &[u8]) -> Option<Self> {
        let on_stack = 0_u8;
        let is_behind_empty_line = text.get(..start)?.ends_with(b"\n\n");
        is_behind_empty_line.then(|| Self {
            name,
            from_end: (text.len() - start) as u64,
            depth: (&raw const on_stack) as usize,
        })
    }

    fn state(&self, files: &Rc<RefCell<Files>>) -> Option<State> {
        let files = files.borrow();
        if files.has_complaints() {
            return None;
        }
        let watch = files.live.as_ref().and_then(|live| live.watch.as_deref());
        let mut whole = fingerprint::of_engine(watch)?.to_le_bytes().to_vec();
        whole.extend(self.depth.to_le_bytes());
        whole.extend(files.outside_the_engine()?);
        Some(State {
            name: self.name.to_owned(),
            from_end: self.from_end,
            pages: globals::pages(),
            fingerprint: fingerprint::of_bytes(&whole),
            so_far: files.so_far(),
        })
    }
}

/// In a snapshot that was asked. A copy of it answers: it goes on sleeping, with no more memory than before.
pub(super) fn tell_state(files: &Rc<RefCell<Files>>, here: Option<&Here<'_>>) {
    if fork() {
        return;
    }
    let state = here.and_then(|here| here.state(files));
    // Whoever asked may have gone.
    let _ = files.borrow_mut().tell(&FromWorker::State(state));
    end();
}

/// In a run.
pub(super) fn stand_still_where_known(files: &Rc<RefCell<Files>>, here: &Here<'_>) {
    let can_be_known = with_live(files, |live| {
        let pages = globals::pages();
        let is_there = |state: &State| {
            state.from_end == here.from_end && state.pages == pages && state.name == here.name
        };
        // Pages of which the application does not know are not the rest.
        live.rest.attempts < ATTEMPTS
            && live.has_shipped
            && live.sent == pages
            && live.rest.states.iter().any(is_there)
    });
    if !can_be_known {
        return;
    }
    let state = here.state(files);
    let is_known = with_live(files, |live| {
        live.rest.attempts += 1;
        state.as_ref().is_some_and(|state| live.rest.states.iter().any(|known| known.is(state)))
    });
    let (true, Some(state)) = (is_known, state) else { return };
    if files.borrow_mut().tell(&FromWorker::Known(state)).is_err() {
        end();
    }
    loop {
        let message = files.borrow_mut().next_message();
        match message {
            // That it need not hold was said of the page with the edit.
            Ok(Some(ToWorker::GoOn)) => {}
            Ok(Some(ToWorker::Rest(None))) => break,
            Ok(Some(ToWorker::Rest(Some(earlier)))) => {
                take_rest(files, *earlier);
                break;
            }
            _ => end(),
        }
    }
    with_live(files, |live| live.rest = Rest::default());
}

/// End as the earlier run did. Returns only if that cannot be.
fn take_rest(files: &Rc<RefCell<Files>>, earlier: Earlier) {
    let Some(begun) = begun(files) else { return };
    let pages = begun.pages;
    // From the first try on the engine must not go on: its SyncTeX file is not what it would have been.
    let is_at_end = std::cell::Cell::new(false);
    let whole = assemble::whole(begun, earlier, |synctex| {
        is_at_end.set(true);
        joined_synctex(files, synctex, pages)
    });
    match whole {
        Some(assemble::Whole { report, outputs }) => {
            let outputs = files.borrow_mut().end_with(outputs);
            let report = crate::report::TexReport { outputs, ..report };
            let told = files.borrow_mut().tell(&FromWorker::Tex(report));
            serve_outputs(files, told.is_ok())
        }
        None if is_at_end.get() => end(),
        None => {}
    }
}

fn begun(files: &Rc<RefCell<Files>>) -> Option<Begun> {
    let files = files.borrow();
    let pages = globals::pages();
    let log = files.output(&format!("{}.log", files.job_name))?;
    let xdv = files.output(&format!("{}.xdv", files.job_name))?;
    let (xdv, last_page) = files.live.as_ref()?.dvi.to_page(pages, &xdv.borrow())?;
    let (marks, messages) = files.told_so_far();
    Some(Begun {
        job_name: files.job_name.clone(),
        log: log.borrow().clone(),
        marks,
        messages,
        reads: files.reads_so_far().to_vec(),
        xdv,
        last_page,
        pages: pages as usize,
    })
}

/// The engine compresses the file as it writes it: what it has not given away yet is flushed out of it, and the whole
/// is compressed as it would have been.
fn joined_synctex(files: &Rc<RefCell<Files>>, earlier: &[u8], pages: usize) -> Option<Vec<u8>> {
    let name = format!("{}.synctex.gz", files.borrow().job_name);
    let handle = files.borrow().live.as_ref()?.handle_of(&name)?;
    // SAFETY: the engine's own function, with a handle that it has opened and not closed. The engine stands in a call
    // of the same bridge, which looks after files by number and holds no reference to this one; and it is never
    // returned to (see `take_rest`).
    if unsafe { ttstub_output_flush(handle) } != 0 {
        return None;
    }
    let begun = files.borrow().output(&name)?;
    let begun = unpacked(&begun.borrow());
    let earlier = unpacked(earlier);
    let text = assemble::synctex_text(&begun, &earlier, pages)?;
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::default());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        packed.write_all(line).ok()?;
    }
    packed.flush().ok()?;
    packed.finish().ok()
}

/// As far as it goes: one that is still being written has no end.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // That the end is missing is an error, after all that is there.
    let _ = GzDecoder::new(bytes).read_to_end(&mut text);
    text
}

/// Whoever asks for what the run wrote gets it; the engine is not returned to.
fn serve_outputs(files: &Rc<RefCell<Files>>, is_told: bool) -> ! {
    let mut is_heard = is_told;
    while is_heard {
        let message = files.borrow_mut().next_message();
        is_heard = match message {
            Ok(Some(ToWorker::GoOn)) => true,
            Ok(Some(ToWorker::Fetch { name })) => {
                let bytes = files.borrow().fetch(&name);
                files.borrow_mut().tell(&FromWorker::Fetched(bytes)).is_ok()
            }
            _ => false,
        };
    }
    end()
}

impl Files {
    /// What the rest depends on beside the engine: what it has looked for, and what is in the files that it has
    /// written and may read, or the next pass. The log, the XDV and the SyncTeX file are read by none.
    fn outside_the_engine(&self) -> Option<Vec<u8>> {
        let mut digests = Vec::new();
        let mut add = |bytes: &[u8]| digests.extend(fingerprint::of_bytes(bytes).to_le_bytes());
        let live = self.live.as_ref()?;
        live.outputs.iter().for_each(|name| add(name.as_bytes()));
        self.reads_so_far().iter().for_each(|read| add(read.name.as_bytes()));
        let told = ["log", "xdv", "synctex.gz"].map(|told| format!("{}.{told}", self.job_name));
        for (name, bytes) in self.outputs() {
            add(name.as_bytes());
            if !told.contains(name) {
                add(&bytes.borrow());
            }
        }
        digests.extend(live.errors.get().to_le_bytes());
        Some(digests)
    }
}
