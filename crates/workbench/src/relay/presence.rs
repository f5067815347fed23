//! Cursors and names. Windows and relay speak y-protocols' awareness; the desk passes it on, and knows from it who is
//! where, also in texts that no window has open.

use super::lines::DocumentLine;
use crate::{
    Event, PeerId, WorkbenchError,
    desk::Desk,
    documents::{Held, OpenDocument},
};
use bytes::Bytes;
use quire_collab::frames::{self, Frame, Presence};
use quire_project::{ProjectId, ProjectPath};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A frame that asks for cursors and names.
const QUERY: &[u8] = &[3];
/// A state that says that its client has gone.
const GONE: &str = "null";

/// Somebody else who has the project open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// His id at the relay.
    pub user: String,
    /// His name, as the relay knows it.
    pub name: String,
    /// Where he is, the place where he was last seen to come first.
    pub places: Vec<PersonPlace>,
}

/// A text in which somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonPlace {
    /// The number by which Yjs knows his window.
    #[ts(type = "number")]
    pub client: u64,
    /// The file.
    pub path: ProjectPath,
}

/// Who is in a document, as its line tells.
#[derive(Debug, Default)]
pub(super) struct Presences {
    here: BTreeMap<u64, Seen>,
    /// Clients of our windows that were told to the relay.
    own: BTreeMap<u64, (PeerId, u32)>,
}

#[derive(Debug)]
struct Seen {
    presence: Presence,
    user: String,
    name: String,
}

impl Presences {
    /// Take what the relay tells; true when somebody came or went.
    pub(super) fn take(&mut self, told: &[Presence]) -> bool {
        let mut is_news = false;
        for presence in told {
            if self.own.contains_key(&presence.client) {
                continue;
            }
            match seen(presence) {
                None => is_news |= self.here.remove(&presence.client).is_some(),
                Some(seen) => {
                    let name = seen.name.clone();
                    let before = self.here.insert(presence.client, seen);
                    is_news |= before.is_none_or(|before| before.name != name);
                }
            }
        }
        is_news
    }

    /// The line was cut.
    pub(super) fn clear(&mut self) {
        self.here.clear();
    }
}

fn seen(presence: &Presence) -> Option<Seen> {
    let state: Value = serde_json::from_str(&presence.state).ok()?;
    let user = state.get("user")?;
    let text = |name: &str| Some(user.get(name)?.as_str()?.to_owned());
    Some(Seen { user: text("id")?, name: text("name")?, presence: presence.clone() })
}

impl OpenDocument {
    /// Ask the windows for their cursors.
    pub(super) fn ask_for_presences(&mut self) {
        self.tell_windows(QUERY);
    }

    /// A window comes: who is here.
    fn all_presences(&self) -> Option<Bytes> {
        let here = &self.line.as_ref()?.presences.here;
        let all: Vec<&Presence> = here.values().map(|seen| &seen.presence).collect();
        (!all.is_empty()).then(|| frames::awareness(all.into_iter()))
    }
}

impl DocumentLine {
    /// A window says where its cursor is.
    fn own_presences(&mut self, peer: PeerId, told: &[Presence]) {
        for presence in told {
            match &*presence.state {
                GONE => drop(self.presences.own.remove(&presence.client)),
                _ => drop(self.presences.own.insert(presence.client, (peer, presence.clock))),
            }
        }
        self.tell(frames::awareness(told.iter()));
    }

    /// A window goes.
    pub(crate) fn window_goes(&mut self, peer: PeerId) {
        let of_peer = self.presences.own.iter().filter(|(_, (of, _))| *of == peer);
        let gone: Vec<Presence> = of_peer
            .map(|(client, (_, clock))| Presence {
                client: *client,
                clock: clock + 1,
                state: GONE.to_owned(),
            })
            .collect();
        if !gone.is_empty() {
            self.own_presences(peer, &gone);
        }
    }
}

impl Desk {
    /// A window's frame about cursors; false when it is about something else.
    pub(crate) fn receive_presence(
        &mut self,
        peer: PeerId,
        frame: &[u8],
    ) -> Result<bool, WorkbenchError> {
        if frame != QUERY && frame.first() != Some(&1) {
            return Ok(false);
        }
        let (id, held) = *self.peers.get(&peer).ok_or(WorkbenchError::NoPeer)?;
        let Some(document) = self.shared_document(id, held) else { return Ok(true) };
        if frame == QUERY {
            if let Some(all) = document.all_presences() {
                document.tell_window(peer, &all);
            }
            return Ok(true);
        }
        let Ok(messages) = frames::read(frame) else { return Ok(true) };
        for message in messages {
            if let (Frame::Awareness(told), Some(line)) = (message, &mut document.line) {
                line.own_presences(peer, &told);
            }
        }
        Ok(true)
    }

    fn shared_document(&mut self, id: ProjectId, held: Held) -> Option<&mut OpenDocument> {
        let document = self.open_document(id, held)?;
        document.line.is_some().then_some(document)
    }

    /// Tell who is here, and where, if the project is shared.
    pub(crate) fn tell_people(&mut self, id: ProjectId) {
        if self.open.get(&id).is_none_or(|project| project.shared.is_none()) {
            return;
        }
        let people = self.people(id);
        self.emit(&Event::Present { project: id, people });
    }

    fn people(&self, id: ProjectId) -> Vec<Person> {
        let mut people: BTreeMap<String, Person> = BTreeMap::new();
        let Some(project) = self.open.get(&id) else { return Vec::new() };
        for (path, entry) in &project.files {
            let document = entry.file.and_then(|file| project.documents.get(&file));
            let line = document.and_then(|document| document.line.as_ref());
            for (client, seen) in line.iter().flat_map(|line| &line.presences.here) {
                let person = people.entry(seen.user.clone()).or_insert_with(|| Person {
                    user: seen.user.clone(),
                    name: seen.name.clone(),
                    places: Vec::new(),
                });
                person.places.push(PersonPlace { client: *client, path: path.clone() });
            }
        }
        people.into_values().collect()
    }
}
