//! Who a session is, and what it may do, as the relay tells the room.

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read; nothing of it comes into the log.
    Read(ReadOnly),
    /// Read, and remove what is there; nothing that adds comes into the log.
    Remove(ReadOnly),
    /// Read and write.
    Write,
}

/// Why a session may only read, in words for its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadOnly {
    /// His role.
    #[error("you are a viewer of this project: only its editors can change the text")]
    Viewer,
    /// His role, in a text.
    #[error(
        "you are a commenter of this project: you can comment, and only its editors can change the text"
    )]
    Commenter,
    /// Nobody writes in this project.
    #[error("this project is archived: nobody can change it")]
    Archived,
    /// The project has as much as it may have.
    #[error(
        "this project is full: text can be removed, and nothing can be added until there is room"
    )]
    Full,
    /// The document has as much as it may have.
    #[error("this document is as long as it may be: text can be removed, and nothing can be added")]
    TooLong,
}

/// Who a session is, as the relay knows it: others are told this, and not what the session says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Never another's.
    pub id: String,
    /// What others see.
    pub name: String,
}
