//! Who wrote something. The store keeps a label with each update: the author's own name for what was written here, and
//! for what came from a relay a name and an id, as the relay told them.

use quire_collab::room::Identity;
use serde::Serialize;
use ts_rs::TS;

/// Divides the name from the id in a label; neither holds it.
const DIVIDER: char = '\u{1f}';
/// A longer name or id is cut: a relay may be anybody's.
const LONGEST: usize = 200;

/// Who wrote a stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Writer {
    /// The author who has this program, here or elsewhere.
    Me,
    /// Somebody else.
    Person {
        /// His name.
        name: String,
        /// His id at the relay, if it was by a relay.
        user: Option<String>,
    },
    /// Somebody whose account is gone.
    Gone,
    /// One or several others, while the relay was not there: what they wrote came in one piece.
    CoAuthors,
    /// It was not kept.
    Unknown,
}

/// The label of what a relay told; nobody is named for what came in one piece.
pub(crate) fn label(by: Option<&Identity>) -> String {
    let clean = |text: &str| -> String {
        text.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
    };
    match by {
        Some(Identity { id, name }) => format!("{}{DIVIDER}{}", clean(name), clean(id)),
        None => DIVIDER.to_string(),
    }
}

/// Whom a label names. `me` is the own label, `user` the own id at the project's relay.
pub(crate) fn writer(label: &str, me: &str, user: Option<&str>) -> Writer {
    match label.split_once(DIVIDER) {
        Some(("", "")) => Writer::CoAuthors,
        Some((_, id)) if user == Some(id) => Writer::Me,
        Some((name, id)) => Writer::Person { name: name.to_owned(), user: Some(id.to_owned()) },
        None if label == me => Writer::Me,
        None if label.is_empty() => Writer::Unknown,
        None => Writer::Person { name: label.to_owned(), user: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_tells_whose_it_is() {
        let bob = Identity { id: "b0b".to_owned(), name: "Bob\u{1f}by\n".to_owned() };
        let label = label(Some(&bob));
        let person = |name: &str, user: Option<&str>| Writer::Person {
            name: name.to_owned(),
            user: user.map(str::to_owned),
        };
        assert_eq!(writer(&label, "ada", Some("ada-id")), person("Bobby", Some("b0b")));
        assert_eq!(writer(&label, "ada", Some("b0b")), Writer::Me, "from another machine");
        assert_eq!(writer(&super::label(None), "ada", None), Writer::CoAuthors);
        assert_eq!(writer("ada", "ada", None), Writer::Me);
        assert_eq!(writer("root", "ada", None), person("root", None));
        assert_eq!(writer("", "ada", None), Writer::Unknown);
    }
}
