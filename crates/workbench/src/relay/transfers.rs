//! Bytes of files on their way to the relay and from it, one file after the other, on a thread of its own. They are
//! known by their hash: bytes that have come are in the store, those that were sent the relay has, and the names
//! follow with the next comparison of the lists. What was cut goes on where it was; what the author stops waits until
//! he lets it go on.

use super::{RelayError, Relays};
use crate::{
    Event, Notice, NoticeLevel, Workbench, WorkbenchError, clock,
    desk::{Desk, DeskSender},
};
use bytes::Bytes;
use quire_project::{ContentHash, Hasher, ProjectId, ProjectPath};
use quire_relay_client::{Account, PART_BYTES, ProblemKind};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    fs,
    future::Future,
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::SpooledTempFile;
use tokio::sync::watch;
use ts_rs::TS;

/// Progress is told this often at most.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// The relay may say so often that it wants other bytes than it said before.
const MOST_TURNS: u32 = 8;

/// Whereto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Here,
    There,
}

/// Bytes that a step waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) way: Way,
    pub(super) hash: ContentHash,
    pub(super) bytes: u64,
    /// A file that holds them.
    pub(super) path: ProjectPath,
}

/// A file that is not shared, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct KeptBack {
    /// The file.
    pub path: ProjectPath,
    /// A sentence without capital and stop.
    pub why: String,
}

/// How it stands with files that are no texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FileTransfers {
    /// So many are still to be sent …
    pub to_send: u32,
    /// … and so many to come.
    pub to_come: u32,
    /// The one that is on its way.
    pub current: Option<ProjectPath>,
    /// How much of all is done, from 0 to 100.
    pub percent: u8,
    /// The author has stopped them.
    pub is_stopped: bool,
    /// What is not shared.
    pub kept_back: Vec<KeptBack>,
}

/// The bytes that a project waits for.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    wishes: Vec<Wish>,
    running: Option<Running>,
    /// The relay has these, though no file holds them yet.
    sent: BTreeSet<ContentHash>,
    /// The relay, or the disk, does not take these.
    refused: Vec<Refused>,
    /// Of these the author was told.
    told_refused: BTreeSet<ContentHash>,
    /// What the comparison of the lists has found.
    kept_back: Vec<KeptBack>,
    is_stopped: bool,
    /// Bytes of files that are done since nothing was to be done.
    done: u64,
}

#[derive(Debug)]
struct Refused {
    hash: ContentHash,
    kept_back: KeptBack,
    /// It will never be taken as it is.
    is_for_good: bool,
}

#[derive(Debug)]
struct Running {
    number: u64,
    wish: Wish,
    moved: u64,
    stop: watch::Sender<bool>,
}

impl Transfers {
    /// Something is to be sent.
    pub(super) fn has_outgoing(&self) -> bool {
        self.wishes.iter().any(|wish| wish.way == Way::There)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.wishes.is_empty()
    }

    pub(super) fn told(&self) -> FileTransfers {
        let count = |way| self.wishes.iter().filter(|wish| wish.way == way).count();
        let number = |way| u32::try_from(count(way)).unwrap_or(u32::MAX);
        let left: u64 = self.wishes.iter().map(|wish| wish.bytes).sum();
        let moved = self.running.as_ref().map_or(0, |running| running.moved);
        let percent = (self.done + moved).min(self.done + left) * 100 / (self.done + left).max(1);
        let refused = self.refused.iter().map(|refused| &refused.kept_back);
        FileTransfers {
            to_send: number(Way::There),
            to_come: number(Way::Here),
            current: self.running.as_ref().map(|running| running.wish.path.clone()),
            percent: u8::try_from(percent).unwrap_or(100),
            is_stopped: self.is_stopped && !self.wishes.is_empty(),
            kept_back: self.kept_back.iter().chain(refused).cloned().collect(),
        }
    }

    fn want(&mut self, wishes: Vec<Wish>, kept_back: Vec<KeptBack>) {
        self.kept_back = kept_back;
        // Others are tried again.
        self.refused.retain(|refused| {
            refused.is_for_good && wishes.iter().any(|wish| wish.hash == refused.hash)
        });
        self.wishes.clear();
        for wish in wishes {
            let is_there = |known: &Wish| (known.way, known.hash) == (wish.way, wish.hash);
            let is_refused = self.refused.iter().any(|refused| refused.hash == wish.hash);
            if !is_refused && !self.wishes.iter().any(is_there) {
                self.wishes.push(wish);
            }
        }
        let is_wanted = |running: &Running| self.wishes.contains(&running.wish);
        if let Some(running) = self.running.as_ref().filter(|running| !is_wanted(running)) {
            running.stop.send_replace(true);
        }
    }

    fn end(&mut self, wish: &Wish) {
        self.wishes.retain(|known| (known.way, known.hash) != (wish.way, wish.hash));
        self.done = if self.wishes.is_empty() { 0 } else { self.done + wish.bytes };
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Desk {
    fn transfers(&mut self, id: ProjectId) -> Option<&mut Transfers> {
        Some(&mut self.open.get_mut(&id)?.shared.as_mut()?.transfers)
    }

    /// The steps of a plan wait for these.
    pub(super) fn want_bytes(
        &mut self,
        id: ProjectId,
        wishes: Vec<Wish>,
        kept_back: Vec<KeptBack>,
    ) {
        let Some(transfers) = self.transfers(id) else { return };
        transfers.want(wishes, kept_back);
        self.begin_transfers(id);
        self.tell_sharing(id);
    }

    pub(super) fn is_sent(&mut self, id: ProjectId, hash: ContentHash) -> bool {
        self.transfers(id).is_some_and(|transfers| transfers.sent.contains(&hash))
    }

    pub(super) fn is_not_sent(&mut self, id: ProjectId, hash: ContentHash) {
        if let Some(transfers) = self.transfers(id) {
            transfers.sent.remove(&hash);
        }
    }

    fn begin_transfers(&mut self, id: ProjectId) {
        let (workbench, number) = (self.workbench.clone(), self.number());
        let shared = self.open.get_mut(&id).and_then(|project| project.shared.as_mut());
        let Some(shared) = shared else { return };
        let (transfers, Some(account)) = (&mut shared.transfers, shared.account.clone()) else {
            return;
        };
        if transfers.running.is_some() || transfers.is_stopped {
            return;
        }
        let Some(wish) = transfers.wishes.first().cloned() else { return };
        let (stop, is_stopped) = watch::channel(false);
        transfers.running = Some(Running { number, wish: wish.clone(), moved: 0, stop });
        let carry = move || {
            let sender = workbench.sender();
            let mut carrier = Carrier { workbench, id, account, is_stopped, told: Instant::now() };
            let carried = match wish.way {
                Way::Here => carrier.bring(&wish),
                Way::There => carrier.send(&wish),
            };
            sender.send(move |desk| desk.carried(id, number, &wish, carried));
        };
        if std::thread::Builder::new().name("files".to_owned()).spawn(carry).is_err() {
            transfers.running = None;
        }
    }

    fn carried(
        &mut self,
        id: ProjectId,
        number: u64,
        wish: &Wish,
        carried: Result<(), WorkbenchError>,
    ) {
        let Some(transfers) = self.transfers(id) else { return };
        if transfers.running.take_if(|running| running.number == number).is_none() {
            // Of a log-in before this.
            return;
        }
        match carried {
            Ok(()) => {
                transfers.end(wish);
                if wish.way == Way::There {
                    transfers.sent.insert(wish.hash);
                }
                self.check_share_soon(id);
            }
            Err(WorkbenchError::Cancelled) => {}
            Err(WorkbenchError::Relay(error)) if error.passes() => {
                // It is wished for again when the lists are compared the next time.
                transfers.wishes.clear();
                self.with_standing(id, |standing| standing.not_reached(error.to_string()));
                self.look_for_relay(id);
            }
            // It is looked at again.
            Err(WorkbenchError::Outdated(_) | WorkbenchError::NoFile(_)) => {
                transfers.end(wish);
                self.check_share_soon(id);
            }
            Err(error) => self.refused(id, wish, &error),
        }
        self.begin_transfers(id);
        self.tell_sharing(id);
    }

    fn refused(&mut self, id: ProjectId, wish: &Wish, error: &WorkbenchError) {
        let Some(transfers) = self.transfers(id) else { return };
        transfers.end(wish);
        let is_for_good = matches!(
            error,
            WorkbenchError::Relay(error) if error.kind() == Some(ProblemKind::TooLarge)
        );
        let kept_back = KeptBack { path: wish.path.clone(), why: error.to_string() };
        let text = match wish.way {
            Way::There => format!("{} is not shared: {}.", kept_back.path, kept_back.why),
            Way::Here => format!("{} cannot be brought here: {}.", kept_back.path, kept_back.why),
        };
        let is_news = transfers.told_refused.insert(wish.hash);
        transfers.refused.push(Refused { hash: wish.hash, kept_back, is_for_good });
        if is_news {
            let notice = Notice { level: NoticeLevel::Warning, text };
            self.emit(&Event::Notice { project: Some(id), notice });
        }
    }

    fn moved(&mut self, id: ProjectId, hash: ContentHash, bytes: u64) {
        let running = self.transfers(id).and_then(|transfers| transfers.running.as_mut());
        if let Some(running) = running.filter(|running| running.wish.hash == hash) {
            running.moved = bytes;
            self.tell_sharing(id);
        }
    }
}

impl Workbench {
    /// Let files that are on their way to the relay, or from it, wait; or go on.
    pub fn stop_transfers(&self, id: ProjectId, is_stopped: bool) -> Result<(), WorkbenchError> {
        self.ask(move |desk| {
            let Some(transfers) = desk.transfers(id) else { return };
            transfers.is_stopped = is_stopped;
            if is_stopped {
                if let Some(running) = &transfers.running {
                    running.stop.send_replace(true);
                }
            } else {
                transfers.refused.clear();
                desk.begin_transfers(id);
                desk.check_share(id);
            }
            desk.tell_sharing(id);
        })
    }

    /// Bytes that are coming, until all have come: they go on where they were cut.
    fn coming(&self) -> PathBuf {
        self.config().data.join("coming")
    }

    /// Bytes that came before the last end are of no use: nobody may want them any more.
    pub(crate) fn forget_coming(&self) {
        // Where nothing is, nothing is to be removed; what stays costs room and nothing else.
        let _ = fs::remove_dir_all(self.coming());
    }
}

/// Carries the bytes of one file.
struct Carrier {
    workbench: Workbench,
    id: ProjectId,
    account: Arc<Account>,
    is_stopped: watch::Receiver<bool>,
    told: Instant,
}

impl Carrier {
    fn relays(&self) -> &Relays {
        self.workbench.relays()
    }

    /// Wait for the relay, or until it is no longer wanted.
    fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, RelayError>>,
    ) -> Result<T, WorkbenchError> {
        let mut is_stopped = self.is_stopped.clone();
        let stopped_or = async {
            tokio::select! {
                // Whether it was stopped or is wanted by nobody, it ends.
                _ = is_stopped.wait_for(|is_stopped| *is_stopped) => Ok(None),
                answer = answer => answer.map(Some),
            }
        };
        self.relays().wait(stopped_or)?.ok_or(WorkbenchError::Cancelled)
    }

    fn tell(&mut self, hash: ContentHash, bytes: u64) {
        if self.told.elapsed() > TELL_EVERY {
            self.told = Instant::now();
            let (id, sender): (_, DeskSender) = (self.id, self.workbench.sender());
            sender.send(move |desk| desk.moved(id, hash, bytes));
        }
    }

    /// Bring bytes into the store: no more than were promised, and only those.
    fn bring(&mut self, wish: &Wish) -> Result<(), WorkbenchError> {
        let store = self.workbench.store()?;
        if store.read(|tx| tx.has_blob(wish.hash))? {
            return Ok(());
        }
        let place = self.workbench.coming().join(wish.hash.to_string());
        let failed = |source| WorkbenchError::Io { doing: "write", place: place.clone(), source };
        fs::create_dir_all(self.workbench.coming()).map_err(failed)?;
        let mut file = fs::File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&place)
            .map_err(failed)?;
        let (mut hasher, mut offset) = (Hasher::default(), 0);
        let mut part = vec![0; PART_BYTES];
        loop {
            match file.read(&mut part).map_err(failed)? {
                0 => break,
                count => {
                    hasher.update(&part[..count]);
                    offset += count as u64;
                }
            }
        }
        while offset < wish.bytes {
            let read = self.account.read_blob(self.id, wish.hash, offset);
            let mut coming = self.wait(read)?;
            let before = offset;
            while let Some(bytes) = self.wait(coming.next())? {
                offset += bytes.len() as u64;
                if offset > wish.bytes {
                    break;
                }
                hasher.update(&bytes);
                file.write_all(&bytes).map_err(failed)?;
                self.tell(wish.hash, offset);
            }
            if offset == before {
                break;
            }
        }
        let is_right = offset == wish.bytes && hasher.finish() == wish.hash;
        let stored = match is_right {
            true => file
                .rewind()
                .map_err(failed)
                .and_then(|()| Ok(store.put_blob(&mut file, clock::now())?)),
            false => Err(self.wrong_bytes()),
        };
        // It is in the store, or of no use.
        let _ = fs::remove_file(&place);
        stored.map(drop)
    }

    fn wrong_bytes(&self) -> WorkbenchError {
        let relay = self.account.signed_in().relay.name().to_owned();
        RelayError::WrongBytes(relay).into()
    }

    /// Send bytes from the place that the relay names, until it has all of them.
    fn send(&mut self, wish: &Wish) -> Result<(), WorkbenchError> {
        let mut sent = self.begin(wish)?;
        if sent.is_complete {
            return Ok(());
        }
        let mut source = self.source(wish)?;
        let (mut turns, mut furthest) = (0, sent.offset);
        while !sent.is_complete {
            let Some(upload) = sent.id.clone().filter(|_| sent.offset <= wish.bytes) else {
                return Err(self.wrong_bytes());
            };
            let part = self.read_part(&mut source, sent.offset)?;
            let send = self.account.send_part(self.id, &upload, sent.offset, part);
            sent = match self.wait(send) {
                Err(WorkbenchError::Relay(error))
                    if matches!(
                        error.kind(),
                        Some(ProblemKind::Conflict | ProblemKind::NotFound)
                    ) && turns < MOST_TURNS =>
                {
                    self.begin(wish)?
                }
                answer => answer?,
            };
            turns = if sent.offset > furthest { 0 } else { turns + 1 };
            furthest = furthest.max(sent.offset);
            if turns > MOST_TURNS {
                return Err(self.wrong_bytes());
            }
            self.tell(wish.hash, sent.offset);
        }
        Ok(())
    }

    fn begin(&self, wish: &Wish) -> Result<quire_relay_client::Sent, WorkbenchError> {
        self.wait(self.account.begin_upload(self.id, wish.hash, wish.bytes))
    }

    /// The bytes as they were when they were hashed.
    fn source(&self, wish: &Wish) -> Result<SpooledTempFile, WorkbenchError> {
        let mut spool = self.workbench.spool();
        if self.workbench.is_linked(self.id)? {
            let bytes = self.workbench.file_bytes(self.id, &wish.path)?;
            if ContentHash::of(&bytes) != wish.hash {
                return Err(WorkbenchError::Outdated(wish.path.clone()));
            }
            spool.write_all(&bytes).map_err(|error| self.spool_failed(error))?;
        } else {
            self.workbench.store()?.read(|tx| tx.copy_blob(wish.hash, &mut spool))?;
        }
        Ok(spool)
    }

    fn spool_failed(&self, source: io::Error) -> WorkbenchError {
        let place = self.workbench.config().data.clone();
        WorkbenchError::Io { doing: "write", place, source }
    }

    fn read_part(&self, source: &mut SpooledTempFile, from: u64) -> Result<Bytes, WorkbenchError> {
        let mut part = Vec::with_capacity(PART_BYTES);
        source
            .seek(SeekFrom::Start(from))
            .and_then(|_| source.take(PART_BYTES as u64).read_to_end(&mut part))
            .map_err(|error| self.spool_failed(error))?;
        Ok(part.into())
    }
}
