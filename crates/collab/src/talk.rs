//! What is said in a project's discussion, for who has to tell others of it: comments with their replies, and chat, each with
//! whom it says that it is by and to whom it speaks. The windows make and read all of it (`ui/src/state/discussion`); here
//! is only as much as a notification needs, with bounds, because anybody may have written it.

use crate::{Replica, replica::decode};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use yrs::{Any, Doc, Map, MapRef, Observable, Out, ReadTxn, Transact, types::Change};

/// Ids are shorter, or are none.
const ID_BYTES: usize = 64;
/// Of a message so much is read, in characters.
const EXCERPT: usize = 240;
/// A message speaks to at most so many, as the windows have it.
const MENTIONS: usize = 50;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Whom it says that it is by.
    pub by: String,
    /// When it was written, as it says, in milliseconds since 1970: good for an order, and for nothing else.
    pub at: i64,
    /// How it begins, in one line.
    pub excerpt: String,
    /// To whom it speaks.
    pub mentions: BTreeSet<String>,
    /// The comment that it belongs to; chat has none.
    pub thread: Option<Thread>,
}

/// A comment with its replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its id.
    pub id: String,
    /// The text that it is about, as it says.
    pub document: String,
}

/// All messages of a discussion, by id; of two with one id, one.
pub fn messages(replica: &Replica) -> BTreeMap<String, Message> {
    let doc = replica.doc();
    let threads = doc.get_or_insert_map("threads");
    let txn = doc.transact();
    let mut found = BTreeMap::new();
    for (id, thread) in threads.iter(&txn) {
        let Out::YMap(thread) = thread else { continue };
        let Some(Out::YMap(messages)) = thread.get(&txn, "messages") else { continue };
        let document = text(thread.get(&txn, "document"));
        if id.len() > ID_BYTES || document.len() > ID_BYTES {
            continue;
        }
        let thread = Thread { id: id.to_owned(), document };
        for (id, message) in messages.iter(&txn) {
            let Out::YMap(message) = message else { continue };
            let read = |key: &str| any(&txn, &message, key);
            found.extend(checked(id, read, Some(thread.clone())));
        }
    }
    drop(txn);
    for message in chat_of(replica) {
        let Out::Any(Any::Map(message)) = message else { continue };
        let read = |key: &str| message.get(key).cloned();
        if let Some(Any::String(id)) = read("id") {
            found.extend(checked(&id, read, None));
        }
    }
    found
}

/// The list of what was said in the chat. As somebody who is told of it when he opens it: read as a list, letters that a
/// stranger has put into it are read for ever.
fn chat_of(replica: &Replica) -> Vec<Out> {
    let doc = Doc::new();
    let chat = doc.get_or_insert_array("chat");
    let found = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&found);
    chat.observe("chat", move |txn, event| {
        let added = event.delta(txn).iter().filter_map(|change| match change {
            Change::Added(values) => Some(values),
            _ => None,
        });
        told.lock().unwrap_or_else(PoisonError::into_inner).extend(added.flatten().cloned());
    });
    if let Ok(update) = decode(&replica.snapshot()) {
        // What goes wrong on the way leaves those before it.
        let _ = doc.transact_mut().apply_update(update);
    }
    std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner))
}

fn any(txn: &impl ReadTxn, map: &MapRef, key: &str) -> Option<Any> {
    match map.get(txn, key)? {
        Out::Any(any) => Some(any),
        _ => None,
    }
}

fn text(value: Option<Out>) -> String {
    match value {
        Some(Out::Any(Any::String(text))) => text.to_string(),
        _ => String::new(),
    }
}

fn checked(
    id: &str,
    read: impl Fn(&str) -> Option<Any>,
    thread: Option<Thread>,
) -> Option<(String, Message)> {
    let (Any::String(by), Any::String(words)) = (read("by")?, read("text")?) else { return None };
    let is_id = |id: &str| !id.is_empty() && id.len() <= ID_BYTES;
    if !is_id(id) || !is_id(&by) {
        return None;
    }
    let mentions = match read("mentions") {
        Some(Any::Array(mentions)) => {
            mentions.iter().take(MENTIONS).filter_map(mentioned).collect()
        }
        _ => BTreeSet::new(),
    };
    let at = match read("at") {
        Some(Any::Number(at)) => at.as_i64().unwrap_or_default(),
        _ => 0,
    };
    let (id, by, excerpt) = (id.to_owned(), by.to_string(), excerpt(&words));
    let message = Message { id: id.clone(), by, at, excerpt, mentions, thread };
    Some((id, message))
}

fn mentioned(mention: &Any) -> Option<String> {
    let Any::Map(mention) = mention else { return None };
    match mention.get("id")? {
        Any::String(id) if id.len() <= ID_BYTES => Some(id.to_string()),
        _ => None,
    }
}

/// How a message begins, in one line, without what cannot be seen.
fn excerpt(words: &str) -> String {
    // What is skipped is not looked at for ever.
    let visible = words.chars().take(4 * EXCERPT).map(|c| if is_seen(c) { c } else { ' ' });
    let visible: String = visible.collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// Neither a control character nor one that turns the direction of what follows it.
fn is_seen(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
