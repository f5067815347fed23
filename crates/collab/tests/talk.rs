//! What is read of a discussion, for who tells people of it.

#![allow(clippy::unwrap_used)]

use quire_collab::{Replica, talk};
use std::collections::HashMap;
use yrs::{
    Any, Array, ClientID, Doc, Map, MapPrelim, Options, ReadTxn, StateVector, Text, Transact,
};

fn any<const N: usize>(fields: [(&str, Any); N]) -> Any {
    Any::from(
        fields.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<HashMap<_, _>>(),
    )
}

#[test]
fn comments_and_chat_are_read_and_what_makes_no_sense_is_not() {
    let doc = Doc::with_options(Options::with_client_id(ClientID::new(7)));
    let (threads, chat) = (doc.get_or_insert_map("threads"), doc.get_or_insert_array("chat"));
    let mention = any([("id", "bob".into()), ("name", "Bob".into())]);
    {
        let mut txn = doc.transact_mut();
        let thread = threads.insert(&mut txn, "t", MapPrelim::default());
        thread.insert(&mut txn, "document", "d");
        let messages = thread.insert(&mut txn, "messages", MapPrelim::default());
        let message = messages.insert(&mut txn, "m", MapPrelim::default());
        message.insert(&mut txn, "by", "ann");
        message.insert(&mut txn, "text", "See\n\u{202e}here,\u{7} @Bob");
        message.insert(&mut txn, "mentions", Any::from(vec![mention, Any::Null]));
        messages.insert(&mut txn, "nobody's", MapPrelim::default());
        threads.insert(&mut txn, "no thread", "text");
        let long = "word ".repeat(1000);
        let said = any([("id", "c".into()), ("by", "bob".into()), ("text", (&*long).into())]);
        chat.push_back(&mut txn, said);
        chat.push_back(&mut txn, Any::Null);
        chat.push_back(
            &mut txn,
            any([("id", "x".repeat(65).into()), ("by", "bob".into()), ("text", "".into())]),
        );
    }
    let update = doc.transact().encode_diff_v1(&StateVector::default());
    let found = talk::messages(&Replica::open([&*update]).unwrap());
    assert_eq!(found.keys().collect::<Vec<_>>(), ["c", "m"]);
    let comment = &found["m"];
    assert_eq!((&*comment.by, &*comment.excerpt), ("ann", "See here, @Bob"));
    assert_eq!(comment.mentions.iter().collect::<Vec<_>>(), ["bob"]);
    assert_eq!(comment.thread.as_ref().unwrap().document, "d");
    assert!(found["c"].excerpt.chars().count() <= 241 && found["c"].thread.is_none());
}

#[test]
fn a_discussion_that_is_something_else_says_nothing() {
    let doc = Doc::with_options(Options::with_client_id(ClientID::new(7)));
    let (threads, chat) = (doc.get_or_insert_array("threads"), doc.get_or_insert_text("chat"));
    {
        let mut txn = doc.transact_mut();
        threads.push_back(&mut txn, "text");
        chat.insert(&mut txn, 0, "text");
    }
    let update = doc.transact().encode_diff_v1(&StateVector::default());
    assert!(talk::messages(&Replica::open([&*update]).unwrap()).is_empty());
}
