//! A live run: copies of the engine sleep at line starts of the sources, each on a channel of its own, and
//! go on from there when the author has changed what they have not read yet.
//!
//! The application hands out the channels; a run without one takes no snapshot. So it bounds how many
//! processes there are, and ends any of them by closing its channel.

mod assemble;
mod channel;
mod dvi;
mod fingerprint;
mod glimpse;
mod input;
mod splice;

#[cfg(target_os = "linux")]
use super::tables::Patterns;
use super::{files::Files, globals, line::Line, signals};
use crate::{
    live::{Asleep, Focus, ReadTo, Resume, ShippedPage},
    protocol::{FromWorker, ToWorker},
    report::EngineMessage,
};
use channel::Channel;
use dvi::{AtShipping, DviBuffer};
use glimpse::Glimpse;
use serde_bytes::ByteBuf;
use std::{
    cell::{Cell, Ref, RefCell},
    collections::BTreeSet,
    os::fd::OwnedFd,
    rc::Rc,
    time::{Duration, Instant},
};

pub(super) use input::LiveInput;

/// What the engine has told, shared with who listens.
type Told = Rc<RefCell<Vec<EngineMessage>>>;

/// Taking snapshots costs at most one part in so many of a run.
const SHARE: u32 = 20;
/// Closer together they spare nothing that one would feel.
const CLOSEST: Duration = Duration::from_millis(25);

/// What a live run keeps beside the files.
pub(super) struct Live {
    /// Channels that nobody uses yet.
    spares: channel::Received,
    /// See [`Asleep::read_to`].
    read_to: ReadTo,
    absent: BTreeSet<String>,
    /// Raised with each change of a text; inputs look again.
    version: u64,
    /// Where a snapshot is still to be taken.
    focus: Option<Focus>,
    /// Where pages are told to be past.
    watched: Option<Focus>,
    last_snapshot: Instant,
    cost: Duration,
    dvi: DviBuffer,
    /// See [`Resume::hold`]; none once it has held.
    hold: Duration,
    glimpse: Glimpse,
    channel: Channel,
    /// Pages that the application knows.
    sent: u32,
    /// Errors of the run so far.
    errors: Rc<Cell<u32>>,
    /// What the engine's tables are to be folded with, until they are.
    #[cfg(target_os = "linux")]
    patterns: Option<Patterns>,
    /// What the engine has told so far, beside the log.
    messages: Told,
    /// The outputs that it has opened, in order.
    outputs: Vec<String>,
    /// It has shipped a page behind the focus.
    has_shipped: bool,
    /// See [`Resume::rest`].
    rest: splice::Rest,
    /// What of the engine's tables has not changed since the first snapshot.
    watch: Option<Rc<fingerprint::Watch>>,
}

impl Live {
    fn new(channel: Channel, spares: channel::Received) -> Self {
        Self {
            spares,
            read_to: ReadTo::new(),
            absent: BTreeSet::new(),
            version: 0,
            focus: None,
            watched: None,
            last_snapshot: Instant::now(),
            cost: Duration::from_millis(2),
            dvi: DviBuffer::new(),
            hold: Duration::ZERO,
            glimpse: Glimpse::None,
            channel,
            sent: 0,
            errors: Rc::default(),
            #[cfg(target_os = "linux")]
            patterns: Patterns::open().ok(),
            messages: Told::default(),
            outputs: Vec::new(),
            has_shipped: false,
            rest: splice::Rest::default(),
            watch: None,
        }
    }

    fn note_read(&mut self, name: &str, to: u64) {
        match self.read_to.get_mut(name) {
            Some(known) => *known = to.max(*known),
            None => {
                self.read_to.insert(name.to_owned(), to);
            }
        }
    }

    /// A file was opened: whatever is in it, that it exists has mattered.
    pub(super) fn note_opened(&mut self, name: &str) {
        self.note_read(name, 0);
    }

    /// A file was looked for in vain.
    pub(super) fn note_absent(&mut self, name: &str) {
        if !self.absent.contains(name) {
            self.absent.insert(name.to_owned());
        }
    }

    /// Bytes of the XDV leave the engine.
    pub(super) fn note_xdv(&mut self, written: &[u8]) {
        self.dvi.note(written);
    }

    pub(super) fn begin_run(&mut self) {
        self.read_to.clear();
        self.absent.clear();
        self.dvi.begin_run();
        self.sent = 0;
        self.errors.set(0);
        self.messages.take();
        self.outputs.clear();
        self.last_snapshot = Instant::now();
    }
}

/// Take standard input as the channel of a live run.
pub(super) fn open_line() -> (Line, Live) {
    is_waited_for(false);
    let (channel, received) = Channel::of_standard_input();
    signals::end_when_closed(channel.as_raw_fd());
    signals::do_not_wait_for_children();
    (Line::over(Box::new(channel.clone()), Box::new(channel.clone())), Live::new(channel, received))
}

/// The engine is about to read the line of a source that begins at `start`.
fn at_line_start(files: &Rc<RefCell<Files>>, name: &str, start: usize, text: &[u8]) {
    // The format is loaded, and no copy has been made yet.
    #[cfg(target_os = "linux")]
    if let Some(patterns) = with_live(files, |live| live.patterns.take()) {
        patterns.fold_tables();
    }
    let rest = text.get(start..).unwrap_or_default();
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let place = splice::Here::new(name, start, text);
    let wanted = {
        let mut files = files.borrow_mut();
        let Some(live) = &mut files.live else { return };
        let here = live.focus.as_ref().is_some_and(|focus| {
            let end = start + line.len();
            focus.name == name && (start..=end).contains(&(focus.offset as usize))
        });
        if here {
            live.focus = None;
        }
        let pause = (live.cost * SHARE).max(CLOSEST);
        // Between paragraphs its state can be told: a little later will do.
        let pause = if place.is_some() { pause } else { pause * 2 };
        let is_due = live.last_snapshot.elapsed() >= pause;
        (here || is_due || line.starts_with(b"\\begin{document}"))
            && !live.spares.borrow().is_empty()
    };
    if wanted {
        if line.starts_with(b"\\begin{document}") || globals::pages() > 0 {
            watch(files);
        }
        take_snapshot(files, place.as_ref());
    }
    glimpse::at_line_start(files, name, start);
    if let Some(place) = place {
        splice::stand_still_where_known(files, &place);
    }
}

/// What the preamble has set up changes little: states are told sooner by what does. That takes a moment once, in
/// which nobody waits for a page.
fn watch(files: &Rc<RefCell<Files>>) {
    with_live(files, |live| {
        if live.watch.is_none() && live.watched.is_none() {
            live.watch = fingerprint::watch().map(Rc::new);
        }
    });
}

fn take_snapshot(files: &Rc<RefCell<Files>>, place: Option<&splice::Here<'_>>) {
    let begun = Instant::now();
    let Some(channel) = spare(files) else { return };
    if fork() {
        with_live(files, |live| live.adopt_cost(begun.elapsed()));
        return;
    }
    adopt(files, channel, Vec::new());
    if tell_asleep(files).is_err() {
        end();
    }
    sleep(files, place);
}

/// Wait to be woken. Returns in a copy, which goes on; the snapshot itself stays for the next time.
fn sleep(files: &Rc<RefCell<Files>>, place: Option<&splice::Here<'_>>) {
    loop {
        let message = files.borrow_mut().next_message();
        if let Ok(Some(ToWorker::TellState)) = message {
            splice::tell_state(files, place);
            continue;
        }
        let (Ok(Some(message)), mut channels) = (message, take_spares(files)) else { end() };
        if channels.is_empty() {
            end();
        }
        let own = channels.remove(0);
        if fork() {
            continue;
        }
        adopt(files, own, channels);
        match message {
            ToWorker::Resume(resume) => go_on(files, resume),
            ToWorker::Ready => wait_to_go_on(files),
            _ => end(),
        }
        return;
    }
}

/// The copy is there already when the author's next key comes.
fn wait_to_go_on(files: &Rc<RefCell<Files>>) {
    let message = files.borrow_mut().next_message();
    let Ok(Some(ToWorker::Resume(resume))) = message else { end() };
    go_on(files, resume);
}

fn take_spares(files: &Rc<RefCell<Files>>) -> Vec<OwnedFd> {
    with_live(files, |live| std::mem::take(&mut *live.spares.borrow_mut()))
}

/// Whether somebody waits for the page that this process is at. Otherwise keys and scrolling go first; but not for
/// good, as with `nice`: copies of this process will be waited for.
fn is_waited_for(is_waited_for: bool) {
    #[cfg(target_os = "linux")]
    {
        let policy = if is_waited_for { libc::SCHED_OTHER } else { libc::SCHED_BATCH };
        // SAFETY: reads a struct of integers, all of which may be zero, and changes this process only.
        unsafe {
            let parameters: libc::sched_param = std::mem::zeroed();
            libc::sched_setscheduler(0, policy, &raw const parameters);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = is_waited_for;
}

fn go_on(files: &Rc<RefCell<Files>>, resume: Resume) {
    is_waited_for(resume.focus.is_some());
    let mut files = files.borrow_mut();
    for change in resume.changes {
        files.change(&change);
    }
    for (name, bytes) in resume.generated {
        files.put(name, bytes.into_vec());
    }
    if let Some(live) = &mut files.live {
        live.version += 1;
        live.focus = resume.focus.clone();
        live.watched = resume.focus;
        live.hold = resume.hold;
        live.rest = splice::Rest::new(resume.rest);
        live.has_shipped = false;
        live.glimpse = if resume.is_glimpse_wanted { Glimpse::Wanted } else { Glimpse::None };
        live.last_snapshot = Instant::now();
    }
}

fn spare(files: &Rc<RefCell<Files>>) -> Option<OwnedFd> {
    with_live(files, |live| live.spares.borrow_mut().pop())
}

/// Speak over another channel from now on, and let go of all those inherited.
fn adopt(files: &Rc<RefCell<Files>>, channel: OwnedFd, spares: Vec<OwnedFd>) {
    let (channel, received) = Channel::new(channel);
    signals::end_when_closed(channel.as_raw_fd());
    *received.borrow_mut() = spares;
    let mut files = files.borrow_mut();
    files.adopt(Line::over(Box::new(channel.clone()), Box::new(channel.clone())));
    if let Some(live) = &mut files.live {
        live.channel = channel;
        live.spares = received;
    }
}

fn tell_asleep(files: &Rc<RefCell<Files>>) -> std::io::Result<()> {
    let mut files = files.borrow_mut();
    let Some(live) = &files.live else { return Ok(()) };
    let asleep = Asleep {
        pid: std::process::id(),
        pages: globals::pages(),
        told: live.sent,
        read_to: live.read_to.clone(),
        absent: live.absent.iter().cloned().collect(),
    };
    files.tell(&FromWorker::Asleep(asleep))
}

fn with_live<T: Default>(files: &Rc<RefCell<Files>>, act: impl FnOnce(&mut Live) -> T) -> T {
    files.borrow_mut().live.as_mut().map(act).unwrap_or_default()
}

impl Live {
    /// What a snapshot costs, smoothed.
    fn adopt_cost(&mut self, cost: Duration) {
        self.cost = (self.cost * 3 + cost) / 4;
        self.last_snapshot = Instant::now();
    }

    fn is_past_focus(&self) -> bool {
        self.watched.as_ref().is_some_and(|focus| {
            self.read_to.get(&focus.name).is_some_and(|read| *read > focus.offset)
        })
    }

    /// Where the errors of the run are counted, and its messages kept.
    pub(super) fn counts(&self) -> (Rc<Cell<u32>>, Told) {
        (self.errors.clone(), self.messages.clone())
    }

    pub(super) fn messages(&self) -> Ref<'_, Vec<EngineMessage>> {
        self.messages.borrow()
    }

    /// An output was opened.
    pub(super) fn note_output(&mut self, name: &str) {
        self.outputs.push(name.to_owned());
    }

    /// By which the engine knows an output: they are numbered from one.
    fn handle_of(&self, name: &str) -> Option<usize> {
        Some(self.outputs.iter().position(|output| output == name)? + 1)
    }

    /// Stand still, once in a run, until the application says otherwise.
    pub(super) fn hold(&mut self) {
        // The page is there.
        if std::mem::take(&mut self.glimpse) == Glimpse::Taking {
            end();
        }
        let hold = std::mem::take(&mut self.hold);
        if !hold.is_zero() {
            self.channel.wait_for_word(hold);
        }
        is_waited_for(false);
    }

    /// The pages that have been shipped since the last time, as far as their bytes can be had.
    pub(super) fn new_pages(&mut self, written: &[u8]) -> Vec<ShippedPage> {
        let Some(start) = globals::last_page() else { return Vec::new() };
        let now = AtShipping {
            start,
            is_past_focus: self.is_past_focus(),
            errors: self.errors.get(),
            open_groups: globals::open_groups(),
        };
        self.dvi.note_page(globals::pages(), now);
        let mut pages = Vec::new();
        while let Some((preamble, xdv)) = self.dvi.page(self.sent + 1, written)
            && let Some(then) = self.dvi.shipped(self.sent + 1)
        {
            self.sent += 1;
            self.has_shipped |= then.is_past_focus;
            pages.push(ShippedPage {
                number: self.sent,
                preamble: ByteBuf::from(preamble),
                xdv: ByteBuf::from(xdv),
                is_past_focus: then.is_past_focus,
                errors: then.errors,
                open_groups: then.open_groups,
            });
        }
        pages
    }
}

/// True in the process that goes on as it was, false in the copy. A copy that cannot be had is one that
/// is not needed: the run goes on without.
fn fork() -> bool {
    // SAFETY: the process has one thread, so the copy is whole; it goes on with the same code, and shares
    // nothing with this one but file descriptors, of which it lets go in `adopt`.
    unsafe { libc::fork() != 0 }
}

/// Leave without the engine's clean-up: that is of use to nobody.
fn end() -> ! {
    // SAFETY: ends the process; what it wrote has been flushed with each message.
    unsafe { libc::_exit(0) }
}
