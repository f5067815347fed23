//! What commands and environments take: a table of the common ones, and what a document defines.

use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

/// How an argument is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `*`.
    Star,
    /// `[…]`, which may be absent.
    Optional,
    /// `[…]`, only directly behind what stands before it.
    OptionalTight,
    /// `{…}`, or one token where that is usual.
    Mandatory,
    /// `{…}`, which may be absent.
    OptionalBraces,
    /// `<…>` of beamer.
    Overlay,
    /// `(…)` of a picture.
    Coordinates,
    /// One token, such as the delimiter behind `\left`.
    Token,
    /// Between two equal characters, as with `\verb`.
    Delimited,
    /// What stands between the name and the body of a `\def`.
    ParameterText,
    /// `=` of `\let`.
    Equals,
}

/// What an argument is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Options, lengths, names: nothing to read.
    #[default]
    Keys,
    /// Text for people.
    Text,
    /// A title.
    Heading,
    /// A caption.
    Caption,
    /// A footnote, a margin note.
    Footnote,
    /// Mathematics.
    Math,
    /// The label that is set.
    Label,
    /// Labels that are referred to, divided by commas.
    References,
    /// Keys of a bibliography, divided by commas.
    Citations,
    /// Files, packages, classes.
    Path,
    /// Code that runs later: what opens in it need not close in it.
    Code,
    /// The command that is defined.
    CommandName,
    /// The environment that is defined.
    EnvironmentName,
    /// Not looked into.
    Verbatim,
    /// Printed as it stands, in text or in a formula.
    Printed,
    /// Of a command that nobody described.
    Unknown,
}

impl Role {
    /// True where a paragraph cannot end within the argument, so that an empty line shows that its
    /// brace is missing.
    pub(crate) fn is_short(self) -> bool {
        match self {
            Self::Heading
            | Self::Label
            | Self::References
            | Self::Citations
            | Self::Path
            | Self::CommandName
            | Self::EnvironmentName => true,
            Self::Keys
            | Self::Text
            | Self::Caption
            | Self::Footnote
            | Self::Math
            | Self::Code
            | Self::Verbatim
            | Self::Printed
            | Self::Unknown => false,
        }
    }
}

/// One argument of a command or environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// How it is written.
    pub form: Form,
    /// What it is for.
    pub role: Role,
}

/// What an environment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EnvironmentKind {
    /// `document`.
    Document,
    /// Text, or nothing that we know.
    #[default]
    Text,
    /// An abstract.
    Abstract,
    /// A formula.
    Math,
    /// Code that is printed as it is.
    Verbatim,
    /// What is left out.
    Comment,
    /// A drawing.
    Picture,
    /// A float with a figure.
    Figure,
    /// A float with a table, or a long table.
    Table,
    /// A theorem or what is numbered like one.
    Theorem,
    /// A list.
    List,
    /// A float with an algorithm.
    Algorithm,
    /// A float with code.
    Listing,
    /// A slide.
    Frame,
}

/// What an environment is and takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSignature {
    /// What it is.
    pub kind: EnvironmentKind,
    /// Its arguments behind `\begin{name}`.
    pub slots: Arc<[Slot]>,
}

/// Commands (without backslash) and environments by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    /// Arguments of each command.
    pub commands: HashMap<String, Arc<[Slot]>>,
    /// Kind and arguments of each environment.
    pub environments: HashMap<String, EnvironmentSignature>,
}

impl Signatures {
    /// The common commands and environments of LaTeX and its packages.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Signatures> = LazyLock::new(|| {
            let mut signatures = Signatures::default();
            for (names, slots) in lines(include_str!("../data/commands.txt")) {
                let slots: Arc<[Slot]> = slots.split_whitespace().filter_map(slot).collect();
                for name in names.split_whitespace() {
                    // `\\` is written with its backslash, to be seen.
                    let name = if name == "\\\\" { "\\" } else { name };
                    signatures.commands.insert(name.to_owned(), slots.clone());
                }
            }
            for (names, rest) in lines(include_str!("../data/environments.txt")) {
                let mut words = rest.split_whitespace();
                let kind = words.next().and_then(environment_kind).unwrap_or_default();
                let slots: Arc<[Slot]> = words.filter_map(slot).collect();
                for name in names.split_whitespace() {
                    let signature = EnvironmentSignature { kind, slots: slots.clone() };
                    signatures.environments.insert(name.to_owned(), signature);
                }
            }
            signatures
        });
        &BUILT_IN
    }

    /// Adds what another file defines; what comes later wins.
    pub fn extend(&mut self, other: &Self) {
        self.commands.extend(other.commands.iter().map(|(n, s)| (n.clone(), s.clone())));
        self.environments.extend(other.environments.iter().map(|(n, s)| (n.clone(), s.clone())));
    }
}

/// The lines of a table, as names and what they have in common.
fn lines(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" :"))
}

fn slot(word: &str) -> Option<Slot> {
    let (form, role) = word.split_once(':').unwrap_or((word, "k"));
    let form = match form {
        "s" => Form::Star,
        "o" => Form::Optional,
        "O" => Form::OptionalTight,
        "m" => Form::Mandatory,
        "g" => Form::OptionalBraces,
        "d" => Form::Overlay,
        "p" => Form::Coordinates,
        "t" => Form::Token,
        "v" => Form::Delimited,
        "P" => Form::ParameterText,
        "=" => Form::Equals,
        _ => return None,
    };
    let role = match role {
        "k" => Role::Keys,
        "t" => Role::Text,
        "h" => Role::Heading,
        "c" => Role::Caption,
        "f" => Role::Footnote,
        "m" => Role::Math,
        "l" => Role::Label,
        "r" => Role::References,
        "b" => Role::Citations,
        "p" => Role::Path,
        "d" => Role::Code,
        "n" => Role::CommandName,
        "e" => Role::EnvironmentName,
        "v" => Role::Verbatim,
        _ => return None,
    };
    Some(Slot { form, role })
}

fn environment_kind(word: &str) -> Option<EnvironmentKind> {
    Some(match word {
        "document" => EnvironmentKind::Document,
        "text" => EnvironmentKind::Text,
        "abstract" => EnvironmentKind::Abstract,
        "math" => EnvironmentKind::Math,
        "verbatim" => EnvironmentKind::Verbatim,
        "comment" => EnvironmentKind::Comment,
        "picture" => EnvironmentKind::Picture,
        "figure" => EnvironmentKind::Figure,
        "table" => EnvironmentKind::Table,
        "theorem" => EnvironmentKind::Theorem,
        "list" => EnvironmentKind::List,
        "algorithm" => EnvironmentKind::Algorithm,
        "listing" => EnvironmentKind::Listing,
        "frame" => EnvironmentKind::Frame,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_tables_is_understood() {
        for (names, slots) in lines(include_str!("../data/commands.txt")) {
            let known = slots.split_whitespace().filter_map(slot).count();
            assert_eq!(known, slots.split_whitespace().count(), "{names} :{slots}");
        }
        for (names, rest) in lines(include_str!("../data/environments.txt")) {
            let mut words = rest.split_whitespace();
            assert!(words.next().and_then(environment_kind).is_some(), "{names}");
            assert!(words.all(|word| slot(word).is_some()), "{names} :{rest}");
        }
        assert!(Signatures::built_in().commands.len() > 500);
        assert_eq!(Signatures::built_in().commands["\\"].len(), 2);
    }
}
