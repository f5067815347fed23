//! Tickets: for programs that can say who they are nowhere but in an address, as stock clients in a browser. A ticket is
//! for one document, one use and one minute, so that it is worth nothing by the time that a log has it.

use super::secret::{Purpose, Secret, SecretHash};
use crate::directory::{DocumentId, Timestamp, UserId, standing::Credential};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How long a ticket is good, in seconds.
pub const SECONDS: u32 = 60;
/// With more than these, those that have ended are forgotten; and no more are given if none has.
const MAX: usize = 100_000;

/// Who has a ticket, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub user: UserId,
    /// By what he was known.
    pub by: Credential,
    /// When that ends.
    pub expires: Option<Timestamp>,
    /// The document that he may open.
    pub document: DocumentId,
}

/// The tickets that were given and not used. They are lost when the relay ends, and asked for again.
#[derive(Debug, Default)]
pub struct Tickets(Mutex<HashMap<SecretHash, (Holder, Timestamp)>>);

impl Tickets {
    /// Give one, unless there are too many.
    pub fn give(&self, holder: Holder, now: Timestamp) -> Option<Secret> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.len() >= MAX {
            tickets.retain(|_, (_, until)| *until > now);
        }
        let secret = Secret::new(Purpose::Ticket);
        let has_room = tickets.len() < MAX;
        has_room.then(|| {
            tickets.insert(secret.hash(), (holder, now.after(SECONDS)));
            secret
        })
    }

    /// Use one.
    pub fn take(&self, secret: SecretHash, document: DocumentId, now: Timestamp) -> Option<Holder> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (holder, until) = tickets.remove(&secret)?;
        (holder.document == document && until > now).then_some(holder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::LoginId;

    #[test]
    fn a_ticket_is_for_one_document_one_use_and_one_minute() {
        let tickets = Tickets::default();
        let (document, now) = (DocumentId::new(), Timestamp(0));
        let by = Credential::Login(LoginId::new());
        let holder = Holder { user: UserId::new(), by, expires: None, document };
        let give = || tickets.give(holder, now).unwrap().hash();
        let ticket = give();
        assert_eq!(tickets.take(ticket, document, Timestamp(59)), Some(holder));
        assert_eq!(tickets.take(ticket, document, Timestamp(59)), None);
        assert_eq!(tickets.take(give(), document, Timestamp(60)), None);
        assert_eq!(tickets.take(give(), DocumentId::new(), now), None);
    }
}
