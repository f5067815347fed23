//! Tickets: for programs that can say who they are nowhere but in an address, as stock clients in a browser. A ticket is
//! for one document, one use and one minute, so that it is worth nothing by the time that a log has it.

use super::{
    once::Once,
    secret::{Purpose, Secret, SecretHash},
};
use crate::directory::{DocumentId, Timestamp, UserId, standing::Credential};

/// How long a ticket is good, in seconds.
pub const SECONDS: u32 = 60;

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

/// The tickets that were given and not used.
#[derive(Debug)]
pub struct Tickets(Once<Holder>);

impl Default for Tickets {
    fn default() -> Self {
        Self(Once::new(Purpose::Ticket, SECONDS))
    }
}

impl Tickets {
    /// Give one, unless there are too many.
    pub fn give(&self, holder: Holder, now: Timestamp) -> Option<Secret> {
        self.0.give(holder, now)
    }

    /// Use one.
    pub fn take(&self, secret: SecretHash, document: DocumentId, now: Timestamp) -> Option<Holder> {
        self.0.take(secret, now).filter(|holder| holder.document == document)
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
