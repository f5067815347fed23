//! Cursors and names of those in a room. They are lossy and bounded, and each belongs to the session that told it
//! first: stock clients repeat what others have told, and say that others have gone. Who somebody is, the relay says.

use super::{Identity, SessionId};
use crate::frames::{self, Presence};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Clients that one session may speak for: a program restarts its document now and then.
const MAX_CLIENTS: usize = 16;
/// A longer state is not taken, in bytes of JSON.
const MAX_STATE_BYTES: usize = 4096;
/// With more than these, those who have gone are forgotten.
const MAX_GONE: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Presences {
    here: BTreeMap<u64, (SessionId, Presence)>,
    /// Clients that have gone, and what they said last: when another repeats it, it is no news.
    gone: BTreeMap<u64, Presence>,
}

impl Presences {
    /// Take what a session says; what of it is news, as a frame for the others.
    pub(super) fn tell(
        &mut self,
        from: SessionId,
        identity: Option<&Identity>,
        told: Vec<Presence>,
    ) -> Option<Bytes> {
        let mut news = Vec::new();
        for mut presence in told {
            if presence.state.len() > MAX_STATE_BYTES {
                continue;
            }
            let is_gone = presence.state == "null";
            let is_news = match self.here.get(&presence.client) {
                // Its line was cut, and it is there again before the old one was given up.
                Some((owner, known)) if *owner != from => {
                    !is_gone && presence.clock > known.clock && is_same(identity, known)
                }
                Some((_, known)) => {
                    presence.clock > known.clock || (is_gone && presence.clock == known.clock)
                }
                None => {
                    !is_gone
                        && self
                            .gone
                            .get(&presence.client)
                            .is_none_or(|last| is_same(identity, last))
                        && self.here.values().filter(|(of, _)| *of == from).count() < MAX_CLIENTS
                }
            };
            if !is_news {
                continue;
            }
            if is_gone {
                self.forget(presence.client);
            } else {
                if let Some(identity) = identity {
                    let Some(state) = introduced(identity, &presence.state) else { continue };
                    presence.state = state;
                }
                self.here.insert(presence.client, (from, presence.clone()));
            }
            news.push(presence);
        }
        (!news.is_empty()).then(|| frames::awareness(news.iter()))
    }

    /// All of them, for one who comes.
    pub(super) fn all(&self) -> Option<Bytes> {
        let all: Vec<&Presence> = self.here.values().map(|(_, presence)| presence).collect();
        (!all.is_empty()).then(|| frames::awareness(all.into_iter()))
    }

    /// The session has gone, and those whom it spoke for.
    pub(super) fn leave(&mut self, session: SessionId) -> Option<Bytes> {
        let of_session = self.here.values().filter(|(owner, _)| *owner == session);
        let gone: Vec<Presence> = of_session
            .map(|(_, presence)| Presence { state: "null".to_owned(), ..presence.clone() })
            .collect();
        for presence in &gone {
            self.forget(presence.client);
        }
        (!gone.is_empty()).then(|| frames::awareness(gone.iter()))
    }

    fn forget(&mut self, client: u64) {
        if self.gone.len() >= MAX_GONE {
            self.gone.clear();
        }
        if let Some((_, presence)) = self.here.remove(&client) {
            self.gone.insert(client, presence);
        }
    }
}

/// The state with the name that the relay knows; none for one that is no object. A color may be chosen.
fn introduced(identity: &Identity, state: &str) -> Option<String> {
    let mut state: Map<String, Value> = serde_json::from_str(state).ok()?;
    let mut user = json!({ "id": identity.id, "name": identity.name });
    for key in ["color", "colorLight"] {
        let said = state.get("user").and_then(|user| user.get(key)).and_then(Value::as_str);
        if let Some(color) = said.filter(|color| is_color(color)) {
            user[key] = color.into();
        }
    }
    state.insert("user".to_owned(), user);
    serde_json::to_string(&state).ok()
}

/// True for `#rgb`, `#rrggbb` or `#rrggbbaa`, and nothing else: what an author says of his color ends up in style sheets.
pub fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 6 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// The client is of the same person.
fn is_same(identity: Option<&Identity>, known: &Presence) -> bool {
    let Some(identity) = identity else { return true };
    let state: Result<Value, _> = serde_json::from_str(&known.state);
    state.is_ok_and(|state| state["user"]["id"] == identity.id)
}
