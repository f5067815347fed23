//! What the relay, an author's program and the window read of each other: frames, updates, and what becomes of them.

use quire_collab::{
    Change, ClientId, Contents, RelayLine, Replica, TextDocument, changes_between,
    frames::{self, Frame, Origin},
    room::{Access, Identity, Limits, Output, ReadOnly, Room, SessionId},
    session::{self, Event},
    talk,
};

/// Steps of one story.
const STEPS: usize = 64;

/// A story: for each step a tag and its bytes, of which their number tells how many.
fn steps(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[tag, low, high], rest) = bytes.split_first_chunk::<3>()?;
        let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        bytes = rest;
        Some((tag, piece))
    })
    .take(STEPS)
}

/// Frames of the sync protocol. What was read can be said again, and is read as the same.
pub fn frame(bytes: &[u8]) {
    if let Some(token) = frames::renewal(bytes) {
        assert_eq!(frames::renewal(&frames::renew(token)), Some(token));
    }
    let Ok(messages) = frames::read(bytes) else { return };
    for message in messages {
        let again = match &message {
            Frame::Ask(state) => frames::ask(state),
            Frame::Answer(update) => frames::answer(update),
            Frame::Update(update) => frames::update(update),
            Frame::Numbered { origin, update } => frames::numbered(*origin, update),
            Frame::Kept(sequence) => frames::kept(*sequence),
            Frame::Refused(sequence) => frames::refused(*sequence),
            Frame::Awareness(presences) => frames::awareness(presences.iter()),
            Frame::Denied(reason) => frames::denied(reason),
            Frame::By { id, name } => frames::by(id, name),
            Frame::QueryAwareness | Frame::WantsAuthors | Frame::Unknown => continue,
        };
        assert_eq!(frames::read(&again).as_deref(), Ok(&[message][..]));
    }
}

const WRITER: SessionId = SessionId(1);
const VIEWER: SessionId = SessionId(2);
const REMOVER: SessionId = SessionId(3);

/// What three send to a room: one who writes, one who reads, and one who may remove what is there.
pub fn room(bytes: &[u8]) {
    let takes = [Contents::Text, Contents::Discussion][bytes.len() % 2];
    let mut story = Story::begin(takes);
    for (tag, piece) in steps(bytes) {
        if story.room.is_over() {
            return;
        }
        story.step(tag, piece);
    }
    story.commit();
    if !story.room.is_over() {
        assert!(story.log.is_same(&story.durable), "rows are left over");
    }
    // Whatever it is, people are told of what it says.
    for message in talk::messages(&story.durable).into_values() {
        assert!(message.excerpt.chars().count() <= 241 && message.mentions.len() <= 50);
    }
}

struct Story {
    room: Room,
    /// Every row that was handed out, and those of them that are told to be durable.
    log: Replica,
    durable: Replica,
    in_flight: Vec<(u64, Vec<u8>)>,
    here: [bool; 3],
}

impl Story {
    fn begin(takes: Contents) -> Self {
        let limits = Limits {
            frame_bytes: 32 << 10,
            unread_bytes: 2 << 10,
            unread_answer_bytes: 8 << 10,
            ..Limits::default()
        };
        let room = Room::new(Replica::default().taking(takes), 0, (0, 0), limits);
        let (log, durable) = (Replica::default(), Replica::default());
        Self { room, log, durable, in_flight: Vec::new(), here: [false; 3] }
    }

    fn step(&mut self, tag: u8, piece: &[u8]) {
        let nth = usize::from(tag % 3);
        let who = [WRITER, VIEWER, REMOVER][nth];
        if !self.here[nth] {
            self.here[nth] = true;
            let access = match who {
                WRITER => Access::Write,
                VIEWER => Access::Read(ReadOnly::Viewer),
                _ => Access::Remove(ReadOnly::Full),
            };
            let identity = Identity { id: nth.to_string(), name: "Ann".to_owned() };
            self.act(who, |room, out| room.join(who, access, Some(identity), out));
        }
        let origin = Origin { session: 1 + nth as u64, sequence: u64::from(tag) };
        match tag / 3 % 8 {
            0 | 1 => self.receive(who, piece),
            2 | 3 => self.receive(who, &frames::update(piece)),
            4 => self.receive(who, &frames::answer(piece)),
            5 => self.receive(who, &frames::numbered(origin, piece)),
            6 => self.commit(),
            _ if piece.is_empty() => {
                self.here[nth] = false;
                self.act(who, |room, out| room.leave(who, out));
            }
            _ => {
                let bytes = piece.len() * 256;
                self.act(who, |room, out| room.written(who, bytes, out));
            }
        }
    }

    fn receive(&mut self, who: SessionId, frame: &[u8]) {
        self.act(who, |room, out| room.receive(who, frame, out));
    }

    fn commit(&mut self) {
        let Some((last, _)) = self.in_flight.last() else { return };
        let last = *last;
        for (_, update) in self.in_flight.drain(..) {
            assert!(self.durable.apply(&update).is_ok_and(|taken| !taken.is_missing));
        }
        self.act(WRITER, |room, out| room.committed(last, out));
    }

    fn act(&mut self, who: SessionId, call: impl FnOnce(&mut Room, &mut Vec<Output>)) {
        let mut out = Vec::new();
        let text = self.log.text("text");
        call(&mut self.room, &mut out);
        for output in out {
            match output {
                Output::Append(row) => {
                    assert_ne!(who, VIEWER, "bytes of a reader on their way to the log");
                    let taken = self.log.apply(&row.update);
                    assert!(
                        taken.is_ok_and(|taken| !taken.is_missing && !taken.update.is_empty()),
                        "a row that is of no use"
                    );
                    let is_shorter = self.log.text("text").len() <= text.len();
                    assert!(who != REMOVER || is_shorter, "he may remove, and has added");
                    self.in_flight.push((row.number, row.update.to_vec()));
                }
                Output::Send { frames, .. } => {
                    frames.iter().for_each(|frame| self.check_leaving(frame));
                }
                Output::Close { session, .. } => self.here[session.0 as usize - 1] = false,
                Output::Compact { .. } => {}
            }
        }
    }

    fn check_leaving(&self, frame: &[u8]) {
        let messages = frames::read(frame);
        let message = match messages.as_deref() {
            Ok([message]) => message,
            // For who wants to know.
            Ok([Frame::By { name: "Ann", .. }, message @ Frame::Update(_)]) => message,
            _ => panic!("not one message: {messages:?}"),
        };
        if let Frame::Update(update) | Frame::Answer(update) = message {
            let is_durable = self.durable.holds(update);
            assert!(
                matches!(is_durable, Ok(true)),
                "it left before it was durable: {is_durable:?}"
            );
        }
    }
}

/// A text with an author, and what the editor shows of it.
struct Shown {
    document: TextDocument,
    text: Vec<u16>,
    /// What the store keeps.
    log: Vec<Vec<u8>>,
}

impl Shown {
    fn begin() -> Self {
        let document = TextDocument::new(ClientId::from_random(1));
        let mut shown = Self { document, text: Vec::new(), log: Vec::new() };
        let change = Change { at: 0, removed: 0, inserted: "Grüße 𝛂\n".to_owned() };
        if let Ok(update) = shown.document.edit(std::slice::from_ref(&change)) {
            shown.follow(&[change], update);
        }
        shown
    }

    fn follow(&mut self, changes: &[Change], update: Vec<u8>) {
        // Of one that changes nothing, nothing is kept.
        self.log.extend(Some(update).filter(|update| !update.is_empty()));
        for change in changes.iter().rev() {
            let (at, removed) = (change.at as usize, change.removed as usize);
            self.text.splice(at..at + removed, change.inserted.encode_utf16());
        }
    }

    /// What the editor was told is what there is, and what is kept is what there is.
    fn check(&self) {
        let text = self.document.text();
        assert_eq!(String::from_utf16_lossy(&self.text), text, "the editor shows something else");
        let kept = self.log.iter().map(|update| &**update);
        let again = TextDocument::open(ClientId::from_random(2), kept);
        assert!(again.is_ok_and(|again| again.text() == text), "it is not opened as it was");
    }
}

/// What a relay sends to an author's program.
pub fn line(bytes: &[u8]) {
    let mut shown = Shown::begin();
    let mut line = RelayLine::new(7);
    let _ = line.connected(&shown.document);
    for (tag, piece) in steps(bytes) {
        let frame = match tag % 4 {
            0 => frames::update(piece),
            1 => frames::answer(piece),
            _ => piece.to_vec().into(),
        };
        // A line that says what makes no sense is cut, and the document opened anew.
        let Ok(received) = line.receive(&mut shown.document, &frame) else { return };
        for frame in received.frames {
            assert!(frames::read(&frame).is_ok_and(|messages| messages.len() == 1));
        }
        for applied in received.applied {
            shown.follow(&applied.change.changes, applied.change.update);
        }
        shown.check();
    }
}

/// What a window sends to the desk, one that may write and one that may not.
pub fn window(bytes: &[u8]) {
    let mut shown = Shown::begin();
    for (tag, piece) in steps(bytes) {
        let may_write = tag % 4 > 0;
        let before = shown.document.text();
        let mut events = Vec::new();
        let taken = session::receive(&mut shown.document, piece, may_write, &mut events);
        for event in events {
            if let Event::Changed(applied) = event {
                shown.follow(&applied.changes, applied.update);
            }
        }
        assert!(may_write || shown.document.text() == before, "a reader has written");
        if taken.is_err() {
            return;
        }
        shown.check();
    }
}

/// Two texts, divided by a NUL byte: what changed leads from one to the other.
pub fn changes(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (old, new) = text.split_once('\0').unwrap_or((&*text, ""));
    let mut units: Vec<u16> = old.encode_utf16().collect();
    for change in changes_between(old, new).iter().rev() {
        let (at, removed) = (change.at as usize, change.removed as usize);
        units.splice(at..at + removed, change.inserted.encode_utf16());
    }
    assert_eq!(String::from_utf16_lossy(&units), new);
}
