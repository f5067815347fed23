//! What people are to know of: that they were invited, spoken to, answered. Each account has a list with a bound, from which
//! what is old goes by itself. What concerns a project is told only to who belongs to it when he asks, so that who has lost
//! access reads nothing of it, whatever was kept.

use super::{
    Act, DirectoryError, DocumentId, InvitationId, ProjectId, Result, Timestamp, UserId,
    members::{self, Role},
};
use rusqlite::{
    Connection, OptionalExtension, Row, ToSql, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody's list is not longer: the oldest go.
const MAX_PER_USER: u32 = 500;
/// In an hour one person brings another at most so many.
const MAX_OF_ONE_IN_AN_HOUR: u32 = 30;
/// After so many seconds they go.
pub const KEPT_SECONDS: u32 = 60 * 24 * 3600;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One was invited into a project.
    Invitation,
    /// A message speaks to one.
    Mention,
    /// Somebody has written in a thread in which one has.
    Reply,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Mention => "mention",
            Self::Reply => "reply",
        }
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value.as_str()? {
            "invitation" => Self::Invitation,
            "mention" => Self::Mention,
            "reply" => Self::Reply,
            _ => return Err(FromSqlError::InvalidType),
        })
    }
}

/// How often letters tell of what was not seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// Never.
    Off,
    /// Once in an hour.
    Hourly,
    /// Once in a day.
    #[default]
    Daily,
}

impl Digest {
    fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
        }
    }

    /// In how many seconds one letter is sent.
    fn seconds(self) -> Option<u32> {
        match self {
            Self::Off => None,
            Self::Hourly => Some(3600),
            Self::Daily => Some(24 * 3600),
        }
    }
}

impl ToSql for Digest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for Digest {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value.as_str()? {
            "off" => Self::Off,
            "hourly" => Self::Hourly,
            "daily" => Self::Daily,
            _ => return Err(FromSqlError::InvalidType),
        })
    }
}

/// Something that somebody is to know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Notification {
    /// Its number: later ones have higher ones.
    pub id: i64,
    /// What happened.
    pub kind: Kind,
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub project_name: String,
    /// Who invites, or has written: the account that sent it, whatever a message says.
    pub by: UserId,
    /// His name, as far as it is known.
    pub by_name: Option<String>,
    /// How the message begins, in one line; empty of an invitation.
    pub excerpt: String,
    /// The message.
    pub message: Option<String>,
    /// The comment that it belongs to; chat has none.
    pub thread: Option<String>,
    /// The text that the comment is about.
    pub document: Option<DocumentId>,
    /// The invitation, to be accepted, …
    pub invitation: Option<InvitationId>,
    /// … and as what.
    pub role: Option<Role>,
    /// When it happened.
    pub created_at: Timestamp,
    /// When it was seen.
    pub seen_at: Option<Timestamp>,
}

/// A message that somebody is to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// To whom.
    pub to: UserId,
    /// A mention or a reply.
    pub kind: Kind,
    /// In which project.
    pub project: ProjectId,
    /// By whom.
    pub by: UserId,
    /// The message's id, bounded by who has read it.
    pub message: String,
    /// Its thread's.
    pub thread: Option<String>,
    /// The text that the thread is about.
    pub document: Option<DocumentId>,
    /// How it begins, in one line, bounded.
    pub excerpt: String,
}

/// Somebody is told of a message, once: false when he was before, does not belong to the project, or was told enough by
/// the same person lately.
///
/// # Errors
/// When the disk fails.
pub fn said(conn: &Connection, said: &Said, now: Timestamp) -> Result<bool> {
    let Said { to, kind, project, by, message, thread, document, excerpt } = said;
    let as_reader = Act { user: Some(*to), at: now, address: None };
    match members::role(conn, &as_reader, *project) {
        Err(DirectoryError::NotFound(_)) => return Ok(false),
        role => role?,
    };
    if to == by {
        return Ok(false);
    }
    let lately: u32 = conn
        .prepare_cached(
            "SELECT count(*) FROM notifications WHERE user = ?1 AND actor = ?2 AND created_at > ?3",
        )?
        .query_row(params![to, by, Timestamp(now.0 - 3600)], |row| row.get(0))?;
    if lately >= MAX_OF_ONE_IN_AN_HOUR {
        tracing::info!(%project, %by, "somebody speaks to one person too often to be told of");
        return Ok(false);
    }
    let added = conn
        .prepare_cached(
            "INSERT OR IGNORE INTO notifications
                 (user, kind, project, actor, subject, thread, document, excerpt, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![to, kind.word(), project, by, message, thread, document, excerpt, now])?;
    bound(conn, *to)?;
    Ok(added > 0)
}

/// Whoever has the address of an invitation, and has proven it, is told of it: who that is, if there is somebody.
///
/// # Errors
/// When the disk fails.
pub(super) fn invited(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    invitation: InvitationId,
    email: &str,
) -> Result<Option<UserId>> {
    let to: Option<UserId> = conn
        .prepare_cached(
            "SELECT id FROM users
             WHERE email = ?1 AND verified_at IS NOT NULL AND disabled_at IS NULL",
        )?
        .query_row([email], |row| row.get(0))
        .optional()?;
    let Some(to) = to else { return Ok(None) };
    conn.prepare_cached(
        "INSERT INTO notifications (user, kind, project, actor, subject, excerpt, created_at)
         VALUES (?1, 'invitation', ?2, ?3, ?4, '', ?5)",
    )?
    .execute(params![to, project, act.user()?, invitation, act.at])?;
    bound(conn, to)?;
    Ok(Some(to))
}

fn bound(conn: &Connection, user: UserId) -> Result<()> {
    conn.prepare_cached(
        "DELETE FROM notifications WHERE user = ?1 AND number <=
             (SELECT number FROM notifications WHERE user = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![user, MAX_PER_USER])?;
    Ok(())
}

/// Those of one person (?1) that he may read now (?2): invitations that wait, and what is said where he belongs.
const READABLE: &str = "
    FROM notifications n JOIN projects p ON p.id = n.project JOIN users u ON u.id = n.user
        LEFT JOIN users a ON a.id = n.actor
        LEFT JOIN members m ON m.project = n.project AND m.user = n.user
        LEFT JOIN links l ON l.id = m.link
        LEFT JOIN invitations i ON n.kind = 'invitation' AND i.id = n.subject
    WHERE n.user = ?1 AND p.deleted_at IS NULL AND CASE n.kind
        WHEN 'invitation' THEN i.email = u.email AND i.expires_at > ?2
        ELSE m.user IS NOT NULL AND (u.email IS NOT NULL
            OR l.revoked_at IS NULL AND coalesce(l.expires_at > ?2, TRUE)) END";

const COLUMNS: &str = "n.number, n.kind, n.project, p.name, n.actor, a.name, n.excerpt, n.subject, n.thread, n.document,
    i.role, n.created_at, n.seen_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Notification> {
    let kind: Kind = row.get(1)?;
    let (mut message, mut invitation) = (None, None);
    match kind {
        Kind::Invitation => invitation = Some(row.get(7)?),
        Kind::Mention | Kind::Reply => message = Some(row.get(7)?),
    }
    Ok(Notification {
        id: row.get(0)?,
        kind,
        project: row.get(2)?,
        project_name: row.get(3)?,
        by: row.get(4)?,
        by_name: row.get(5)?,
        excerpt: row.get(6)?,
        message,
        thread: row.get(8)?,
        document: row.get(9)?,
        invitation,
        role: row.get(10)?,
        created_at: row.get(11)?,
        seen_at: row.get(12)?,
    })
}

/// The latest of somebody's, before one of them; and how many of all he has not seen.
///
/// # Errors
/// When the disk fails.
pub fn list(
    conn: &Connection,
    user: UserId,
    before: Option<i64>,
    count: u32,
    now: Timestamp,
) -> Result<(Vec<Notification>, u32)> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} {READABLE} AND n.number < ?3 ORDER BY n.number DESC LIMIT ?4"
    ))?;
    let rows = statement.query_map(params![user, now, before.unwrap_or(i64::MAX), count], read)?;
    let found = rows.collect::<rusqlite::Result<_>>()?;
    let unseen = conn
        .prepare_cached(&format!("SELECT count(*) {READABLE} AND n.seen_at IS NULL"))?
        .query_row(params![user, now], |row| row.get(0))?;
    Ok((found, unseen))
}

/// Somebody has seen one of his.
///
/// # Errors
/// When he has none with this number.
pub fn seen(conn: &Connection, user: UserId, id: i64, now: Timestamp) -> Result<()> {
    let found = conn
        .prepare_cached(
            "UPDATE notifications SET seen_at = coalesce(seen_at, ?3)
             WHERE user = ?1 AND number = ?2",
        )?
        .execute(params![user, id, now])?;
    if found == 0 {
        return Err(DirectoryError::NotFound("notification"));
    }
    Ok(())
}

/// Somebody has seen all of his up to one of them.
///
/// # Errors
/// When the disk fails.
pub fn all_seen(conn: &Connection, user: UserId, up_to: i64, now: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "UPDATE notifications SET seen_at = ?3
         WHERE user = ?1 AND number <= ?2 AND seen_at IS NULL",
    )?
    .execute(params![user, up_to, now])?;
    Ok(())
}

/// What is too old goes.
///
/// # Errors
/// When the disk fails.
pub fn forget_before(conn: &Connection, before: Timestamp) -> Result<()> {
    conn.prepare_cached("DELETE FROM notifications WHERE created_at < ?1")?.execute([before])?;
    Ok(())
}

/// How often somebody wants letters.
///
/// # Errors
/// When the disk fails.
pub fn digest(conn: &Connection, user: UserId) -> Result<Digest> {
    let mut statement = conn.prepare_cached("SELECT digest FROM digests WHERE user = ?1")?;
    Ok(statement.query_row([user], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Somebody wants letters so often.
///
/// # Errors
/// When the disk fails.
pub fn set_digest(conn: &Connection, user: UserId, digest: Digest) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO digests (user, digest) VALUES (?1, ?2)
         ON CONFLICT (user) DO UPDATE SET digest = excluded.digest",
    )?
    .execute(params![user, digest])?;
    Ok(())
}

/// A letter that tells what was not seen.
#[derive(Clone, Debug)]
pub struct Due {
    /// To which address.
    pub email: String,
    /// Whose.
    pub name: String,
    /// How often he gets one.
    pub digest: Digest,
    /// What he has not seen and was sent no letter about, the latest first.
    pub unseen: Vec<Notification>,
}

/// In a letter are at most so many.
const MAX_IN_A_LETTER: u32 = 50;

/// Letters that are to be sent now: to who has proven his address, when the oldest of what he has not seen waits for as long as
/// he wants letters apart, and the last was sent as long ago. They count as sent; what is in none for its length is not
/// sent later.
///
/// # Errors
/// When the disk fails.
pub fn take_due(conn: &Connection, now: Timestamp) -> Result<Vec<Due>> {
    let mut statement = conn.prepare_cached(
        "SELECT n.user, u.email, u.name, d.digest, d.sent_at, min(n.created_at)
         FROM notifications n JOIN users u ON u.id = n.user LEFT JOIN digests d ON d.user = n.user
         WHERE n.seen_at IS NULL AND n.mailed_at IS NULL AND u.email IS NOT NULL
             AND u.verified_at IS NOT NULL AND u.disabled_at IS NULL
         GROUP BY n.user",
    )?;
    let waiting = statement.query_map([], |row| {
        let digest: Option<Digest> = row.get(3)?;
        let (user, email, name): (UserId, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (sent_at, oldest): (Option<Timestamp>, Timestamp) = (row.get(4)?, row.get(5)?);
        let is_due = digest.unwrap_or_default().seconds().is_some_and(|apart| {
            oldest.after(apart) <= now && sent_at.is_none_or(|sent_at| sent_at.after(apart) <= now)
        });
        let due = Due { email, name, digest: digest.unwrap_or_default(), unseen: Vec::new() };
        Ok(is_due.then_some((user, due)))
    })?;
    let waiting = waiting.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut letters = Vec::new();
    for (user, mut due) in waiting.into_iter().flatten() {
        let mut unseen = conn.prepare_cached(&format!(
            "SELECT {COLUMNS} {READABLE} AND n.seen_at IS NULL AND n.mailed_at IS NULL
             ORDER BY n.number DESC LIMIT ?3"
        ))?;
        let unseen = unseen.query_map(params![user, now, MAX_IN_A_LETTER], read)?;
        due.unseen = unseen.collect::<rusqlite::Result<_>>()?;
        conn.prepare_cached(
            "UPDATE notifications SET mailed_at = ?2 WHERE user = ?1 AND mailed_at IS NULL",
        )?
        .execute(params![user, now])?;
        if !due.unseen.is_empty() {
            conn.prepare_cached(
                "INSERT INTO digests (user, digest, sent_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (user) DO UPDATE SET sent_at = excluded.sent_at",
            )?
            .execute(params![user, due.digest, now])?;
            letters.push(due);
        }
    }
    Ok(letters)
}

/// A discussion that may hold what nobody was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its document.
    pub document: DocumentId,
    /// Its project.
    pub project: ProjectId,
    /// Up to which row of it people were told; none is known of one from before they were.
    pub read_to: Option<u64>,
}

/// The discussion that this document is, if it is one that somebody may read.
///
/// # Errors
/// When the disk fails.
pub fn discussion(conn: &Connection, document: DocumentId) -> Result<Option<Unread>> {
    Ok(discussions(conn, Some(document))?.pop())
}

/// All discussions.
///
/// # Errors
/// When the disk fails.
pub fn all_discussions(conn: &Connection) -> Result<Vec<Unread>> {
    discussions(conn, None)
}

fn discussions(conn: &Connection, document: Option<DocumentId>) -> Result<Vec<Unread>> {
    let mut statement = conn.prepare_cached(
        "SELECT d.id, d.project, coalesce(t.read_to, 0) FROM documents d
             JOIN projects p ON p.id = d.project LEFT JOIN talks t ON t.document = d.id
         WHERE d.kind = 'discussion' AND p.deleted_at IS NULL AND d.id = coalesce(?1, d.id)",
    )?;
    let rows = statement.query_map([document], |row| {
        let read_to: i64 = row.get(2)?;
        let read_to = u64::try_from(read_to).ok();
        Ok(Unread { document: row.get(0)?, project: row.get(1)?, read_to })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// People were told of a discussion up to this row.
///
/// # Errors
/// When the disk fails.
pub fn told_to(conn: &Connection, document: DocumentId, row: u64) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO talks VALUES (?1, ?2)
         ON CONFLICT (document) DO UPDATE SET read_to = excluded.read_to",
    )?
    .execute(params![document, row])?;
    Ok(())
}
