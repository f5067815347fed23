//! Somebody who writes in a project's discussion, as the windows do.

use super::{Author, Pass, http::Client};
use quire_relay::directory::DocumentId;
use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, Ordering},
};
use yrs::{
    Any, Array, ClientID, Doc, Map, MapPrelim, MapRef, Options, Out, ReadTxn, Transact, Update,
    updates::decoder::Decode,
};

/// With a line to the discussion, and a copy of it.
pub(crate) struct Voice {
    pub(crate) user: String,
    author: Author,
    doc: Doc,
}

/// The discussion of a project.
pub(crate) fn discussion(of: &Client, project: &str) -> DocumentId {
    of.get(&format!("/projects/{project}")).text("discussion").parse().unwrap()
}

impl Voice {
    pub(crate) fn new(number: u64, who: &Client, discussion: DocumentId, address: &str) -> Self {
        let pass = Pass { token: who.token.clone().unwrap(), document: discussion };
        let mut author = Author::new(number, &pass);
        assert!(author.connect(address));
        author.until("open", |author| author.line.is_open());
        let doc = Doc::with_options(Options::with_client_id(ClientID::new(number)));
        Self { user: who.get("/me").text("id"), author, doc }
    }

    /// Change the discussion; the others have it then too, and it is durable.
    pub(crate) fn change(&mut self, others: &[&Self], change: impl FnOnce(&Doc)) {
        let before = self.doc.transact().state_vector();
        change(&self.doc);
        let update = self.doc.transact().encode_diff_v1(&before);
        for other in others {
            let update = Update::decode_v1(&update).unwrap();
            other.doc.transact_mut().apply_update(update).unwrap();
        }
        self.author.send_update(&update);
        self.author.until("saved", |author| author.line.is_saved());
    }

    /// Begin a thread: with this id, and one message of the same.
    pub(crate) fn comment(&mut self, others: &[&Self], id: &str, text: &str, mentions: &[&str]) {
        let user = self.user.clone();
        self.change(others, |doc| {
            let threads = doc.get_or_insert_map("threads");
            let mut txn = doc.transact_mut();
            let thread = threads.insert(&mut txn, id, MapPrelim::default());
            thread.insert(&mut txn, "document", DOCUMENT);
            let messages = thread.insert(&mut txn, "messages", MapPrelim::default());
            message(&messages, &mut txn, id, &user, text, mentions);
        });
    }

    /// Write in a thread, as whomever.
    pub(crate) fn reply(
        &mut self,
        others: &[&Self],
        (thread, id): (&str, &str),
        by: &str,
        text: &str,
        mentions: &[&str],
    ) {
        self.change(others, |doc| {
            let threads = doc.get_or_insert_map("threads");
            let mut txn = doc.transact_mut();
            let Some(Out::YMap(thread)) = threads.get(&txn, thread) else { panic!("no thread") };
            let Some(Out::YMap(messages)) = thread.get(&txn, "messages") else { panic!() };
            message(&messages, &mut txn, id, by, text, mentions);
        });
    }

    /// Say something in the chat.
    pub(crate) fn say(&mut self, others: &[&Self], id: &str, text: &str, mentions: &[&str]) {
        let user = self.user.clone();
        self.change(others, |doc| {
            let chat = doc.get_or_insert_array("chat");
            let mut txn = doc.transact_mut();
            let said = HashMap::from([
                ("id".to_owned(), Any::from(id)),
                ("by".to_owned(), Any::from(&*user)),
                ("at".to_owned(), Any::from(now())),
                ("text".to_owned(), Any::from(text)),
                ("mentions".to_owned(), spoken_to(mentions)),
            ]);
            chat.push_back(&mut txn, Any::from(said));
        });
    }
}

/// The text that all comments are about.
pub(crate) const DOCUMENT: &str = "0123456789abcdef0123456789abcdef";

/// Later each time.
fn now() -> f64 {
    static TIME: AtomicU32 = AtomicU32::new(1);
    f64::from(TIME.fetch_add(1, Ordering::Relaxed))
}

fn spoken_to(mentions: &[&str]) -> Any {
    let each = |id: &&str| {
        Any::from(HashMap::from([
            ("id".to_owned(), Any::from(*id)),
            ("name".to_owned(), Any::from("whoever")),
        ]))
    };
    Any::from(mentions.iter().map(each).collect::<Vec<_>>())
}

fn message(
    messages: &MapRef,
    txn: &mut yrs::TransactionMut<'_>,
    id: &str,
    by: &str,
    text: &str,
    mentions: &[&str],
) {
    let message = messages.insert(txn, id, MapPrelim::default());
    message.insert(txn, "by", by);
    message.insert(txn, "text", text);
    message.insert(txn, "at", now());
    message.insert(txn, "mentions", spoken_to(mentions));
}
