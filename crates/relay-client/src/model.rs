//! What a relay tells: as in its `/openapi.json`.

use crate::BuildChoice;
use quire_project::{ContentHash, DocumentId, FileId, ProjectId};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// What somebody may do in a project. Each may do all that the ones before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Role {
    /// Reads.
    Viewer,
    /// Takes part in the discussion.
    Commenter,
    /// Writes.
    Editor,
    /// Decides who belongs to the project.
    Owner,
}

/// Somebody who has an account, or is a guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// His id.
    pub id: String,
    /// His address; a guest has none.
    pub email: Option<String>,
    /// What others see.
    pub name: String,
}

/// A project, as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ProjectInfo {
    /// Its id, here and there.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// What one may do.
    pub role: Role,
    /// The document that holds comments and chat.
    pub discussion: DocumentId,
    /// How many belong to it.
    pub members: u32,
    /// What it is built from, and with; a relay that does not keep that says nothing.
    #[serde(default)]
    pub build: BuildChoice,
    /// Since when nobody writes in it.
    pub archived_at: Option<String>,
    /// Since when it is in its owner's trash.
    pub deleted_at: Option<String>,
}

/// A text of a project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DocumentInfo {
    /// Its id.
    pub id: DocumentId,
    /// Where it is in the project.
    pub path: String,
}

/// A file of a project that is no text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FileInfo {
    /// Its id.
    pub id: FileId,
    /// Where it is in the project.
    pub path: String,
    /// SHA-256 of what it holds.
    #[serde(deserialize_with = "hash")]
    pub hash: ContentHash,
    /// How many bytes that are.
    pub size: u64,
}

fn hash<'de, D: Deserializer<'de>>(from: D) -> Result<ContentHash, D::Error> {
    let text = String::deserialize(from)?;
    ContentHash::from_hex(&text).ok_or_else(|| D::Error::custom("not a SHA-256"))
}

/// Somebody who belongs to a project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Member {
    /// Who.
    pub user: String,
    /// What others see.
    pub name: String,
    /// His address, which only the owner is told.
    pub email: Option<String>,
    /// He came by a link and has no account.
    pub is_guest: bool,
    /// What he may do.
    pub role: Role,
}

/// A link into a project, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LinkInfo {
    /// Its id.
    pub id: String,
    /// What who comes by it may do.
    pub role: Role,
    /// People without an account may come by it.
    pub admits_guests: bool,
    /// When it ends, as RFC 3339 has it.
    pub expires_at: Option<String>,
    /// How many belong to the project because of it.
    pub members: u32,
}

/// A new link.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MadeLink {
    /// To pass on; told this once.
    pub url: String,
    /// The link.
    #[serde(flatten)]
    pub link: LinkInfo,
}

/// What a link promises.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Offer {
    /// The project's name.
    pub project_name: String,
    /// What one will be able to do.
    pub role: Role,
    /// One needs no account.
    pub admits_guests: bool,
}

/// An invitation that waits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InvitationInfo {
    /// Its id.
    pub id: String,
    /// To whom it was sent.
    pub email: String,
    /// What he will be able to do.
    pub role: Role,
    /// When it ends, as RFC 3339 has it.
    pub expires_at: String,
}

/// What a log-in, or a refresh of it, brings.
#[derive(Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) expires_in: u64,
    pub(crate) refresh_token: String,
    pub(crate) session: String,
    pub(crate) user: User,
}
