//! Commands and environments that a document defines.

use quire_text::ByteRange;
use serde::{Deserialize, Serialize};

/// What is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DefinitionKind {
    /// A command.
    Command,
    /// A command for an upright name of a function, or a pair of delimiters.
    Operator,
    /// An environment.
    Environment,
    /// A theorem environment.
    Theorem,
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What is defined.
    pub kind: DefinitionKind,
    /// Its name, without backslash.
    pub name: String,
    /// Where the name stands, without backslash.
    pub name_range: ByteRange,
    /// The whole definition.
    pub range: ByteRange,
    /// What it stands for: the last argument.
    pub body: Option<ByteRange>,
    /// How many arguments it takes, optional ones included, a star not.
    pub arity: usize,
}
