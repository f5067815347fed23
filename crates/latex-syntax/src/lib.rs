//! A tolerant, lossless parser for LaTeX and BibTeX, and what an editor asks of a document: outline,
//! labels, references, files, definitions, text for people. It never fails: what is broken gives
//! [`SyntaxError`]s and a tree that is right before and behind.
//!
//! ```text
//! text ── parse ──▶ Tree (tokens + nodes) ── facts ──▶ outline, labels, words, … with byte ranges
//! ```
//!
//! LaTeX cannot be parsed without running it. What commands take is read from a table
//! (`data/commands.txt`) and from the definitions in the text and, through [`ParseOptions`], in the
//! other files of the project.

pub mod bib;
mod definition;
mod error;
pub mod facts;
mod parser;
mod signature;
mod token;
mod tree;

pub use definition::{Definition, DefinitionKind};
pub use error::{SyntaxError, SyntaxErrorKind};
pub use parser::{ParseOptions, parse, parse_with};
pub use signature::{EnvironmentKind, EnvironmentSignature, Form, Role, Signatures, Slot};
pub use token::TokenKind;
pub use tree::{MathKind, NodeId, NodeKind, Step, TokenId, Tree, Walk};
