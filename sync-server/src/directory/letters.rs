//! Secrets that are sent by mail: who brings one back reads the mail of the address. Each is good for one use and some
//! time, and the last one sent is the only one that is good.

use super::{DirectoryError, Result, Timestamp, UserId};
use crate::auth::secret::{Purpose, Secret, SecretHash};
use rusqlite::{Connection, OptionalExtension, params};

/// What a letter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// To prove that the address is his.
    Verify,
    /// To choose a password.
    Reset,
}

impl Letter {
    fn word(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
        }
    }

    /// How long it is good, in seconds.
    pub fn seconds(self) -> u32 {
        match self {
            Self::Verify => 3 * 24 * 3600,
            Self::Reset => 3600,
        }
    }
}

/// A secret to be sent.
///
/// # Errors
/// When the disk fails.
pub fn write(conn: &Connection, user: UserId, letter: Letter, now: Timestamp) -> Result<Secret> {
    conn.prepare_cached("DELETE FROM letters WHERE user = ?1 AND purpose = ?2")?
        .execute(params![user, letter.word()])?;
    let secret = Secret::new(Purpose::Letter);
    conn.prepare_cached("INSERT INTO letters VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        secret.hash(),
        user,
        letter.word(),
        now.after(letter.seconds())
    ])?;
    Ok(secret)
}

/// A secret was brought back: whose it is. It is good no more.
///
/// # Errors
/// When it is not good.
pub fn take(
    conn: &Connection,
    secret: SecretHash,
    letter: Letter,
    now: Timestamp,
) -> Result<UserId> {
    conn.prepare_cached(
        "DELETE FROM letters WHERE hash = ?1 AND purpose = ?2 AND expires_at > ?3 RETURNING user",
    )?
    .query_row(params![secret, letter.word(), now], |row| row.get(0))
    .optional()?
    .ok_or(DirectoryError::BadSecret("this link was used, or is too old: ask for another"))
}
