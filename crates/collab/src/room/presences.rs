//! Cursors and names of those in a room. They are lossy and bounded, and each belongs to the session that told it
//! first: stock clients repeat what others have told, and say that others have gone.

use super::SessionId;
use crate::frames::{self, Presence};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Clients that one session may speak for: a program restarts its document now and then.
const MAX_CLIENTS: usize = 16;
/// A longer state is not taken, in bytes of JSON.
const MAX_STATE_BYTES: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Presences(BTreeMap<u64, (SessionId, Presence)>);

impl Presences {
    /// Take what a session says; what of it is news, as a frame for the others.
    pub(super) fn tell(&mut self, from: SessionId, told: Vec<Presence>) -> Option<Bytes> {
        let mut news = Vec::new();
        for presence in told {
            if presence.state.len() > MAX_STATE_BYTES {
                continue;
            }
            let is_gone = presence.state == "null";
            let is_news = match self.0.get(&presence.client) {
                // Its line was cut, and it is there again before the old one was given up.
                Some((owner, known)) if *owner != from => !is_gone && presence.clock > known.clock,
                Some((_, known)) => {
                    presence.clock > known.clock || (is_gone && presence.clock == known.clock)
                }
                None => {
                    !is_gone && self.0.values().filter(|(of, _)| *of == from).count() < MAX_CLIENTS
                }
            };
            if !is_news {
                continue;
            }
            if is_gone {
                self.0.remove(&presence.client);
            } else {
                self.0.insert(presence.client, (from, presence.clone()));
            }
            news.push(presence);
        }
        (!news.is_empty()).then(|| frames::awareness(news.iter()))
    }

    /// All of them, for one who comes.
    pub(super) fn all(&self) -> Option<Bytes> {
        let all: Vec<&Presence> = self.0.values().map(|(_, presence)| presence).collect();
        (!all.is_empty()).then(|| frames::awareness(all.into_iter()))
    }

    /// The session has gone, and those whom it spoke for.
    pub(super) fn leave(&mut self, session: SessionId) -> Option<Bytes> {
        let gone: Vec<Presence> = self
            .0
            .extract_if(.., |_, (owner, _)| *owner == session)
            .map(|(_, (_, presence))| Presence { state: "null".to_owned(), ..presence })
            .collect();
        (!gone.is_empty()).then(|| frames::awareness(gone.iter()))
    }
}
