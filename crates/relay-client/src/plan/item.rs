//! What a project has, by its id, and how it is written down.

use quire_project::{ContentHash, DocumentId, FileId, IdError, ProjectPath};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that a project has. Written as its id, that of a file with the word before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Item {
    /// A text, by its lineage.
    Text(DocumentId),
    /// A file that is no text.
    File(FileId),
}

/// Where something is, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct At {
    /// Where.
    pub path: ProjectPath,
    /// SHA-256 of what a file holds; what a text holds its line brings.
    pub holds: Option<ContentHash>,
}

/// All that a project has.
pub type List = BTreeMap<Item, At>;

const FILE: &str = "file ";

impl From<Item> for String {
    fn from(item: Item) -> Self {
        match item {
            Item::Text(document) => document.to_string(),
            Item::File(file) => format!("{FILE}{file}"),
        }
    }
}

impl TryFrom<String> for Item {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        match text.strip_prefix(FILE) {
            Some(file) => Ok(Self::File(FileId::try_from(file.to_owned())?)),
            None => Ok(Self::Text(DocumentId::try_from(text)?)),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(ProjectPath),
    File { path: ProjectPath, hash: String },
}

impl From<At> for Written {
    fn from(At { path, holds }: At) -> Self {
        match holds {
            Some(hash) => Self::File { path, hash: hash.to_string() },
            None => Self::Text(path),
        }
    }
}

impl TryFrom<Written> for At {
    type Error = &'static str;
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        Ok(match written {
            Written::Text(path) => Self { path, holds: None },
            Written::File { path, hash } => {
                let hash = ContentHash::from_hex(&hash).ok_or("not a SHA-256")?;
                Self { path, holds: Some(hash) }
            }
        })
    }
}
