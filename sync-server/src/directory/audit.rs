//! The audit log: what was changed, by whom, when and from where. It is only appended to, and each entry holds a hash of
//! itself and of the one before: who changes, removes or inserts one has to write all later ones anew, which the hash of
//! the last, kept elsewhere, shows. `quire-relay verify` reads the chain.

use super::{Act, DirectoryError, ProjectId, Result, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// One thing that was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// Counts the entries of the relay, from 1, without a gap.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who; none for somebody at the machine itself, and for strangers.
    pub actor: Option<UserId>,
    /// From which address.
    pub address: Option<String>,
    /// What, like `member.role`.
    pub action: String,
    /// In which project, if in one.
    pub project: Option<ProjectId>,
    /// To whom or what: an id.
    pub subject: Option<String>,
    /// What else there is to say: a JSON object.
    #[schema(value_type = Object)]
    pub detail: Value,
    #[serde(skip)]
    detail_text: String,
    #[serde(skip)]
    hash: [u8; 32],
}

/// The head of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries there are.
    pub entries: i64,
    /// The hash of the last, in hexadecimal digits.
    pub hash: String,
}

const COLUMNS: &str = "number, at, actor, address, action, project, subject, detail, hash";

/// Add an entry, in the transaction of what it tells of.
pub(super) fn write(
    conn: &Connection,
    act: &Act,
    action: &'static str,
    project: Option<ProjectId>,
    subject: Option<String>,
    detail: &Value,
) -> Result<()> {
    let last: Option<(i64, [u8; 32])> = conn
        .prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (number, previous) = last.unwrap_or((0, [0; 32]));
    let detail_text = detail.to_string();
    let mut entry = Entry {
        number: number + 1,
        at: act.at,
        actor: act.user,
        address: act.address.map(|address| address.to_string()),
        action: action.to_owned(),
        project,
        subject,
        detail: Value::Null,
        detail_text,
        hash: [0; 32],
    };
    entry.hash = entry.hash_after(&previous);
    conn.prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
        params![
            entry.number,
            entry.at,
            entry.actor,
            entry.address,
            entry.action,
            entry.project,
            entry.subject,
            entry.detail_text,
            entry.hash
        ],
    )?;
    Ok(())
}

impl Entry {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let detail_text: String = row.get(7)?;
        Ok(Self {
            number: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            address: row.get(3)?,
            action: row.get(4)?,
            project: row.get(5)?,
            subject: row.get(6)?,
            detail: serde_json::from_str(&detail_text).unwrap_or_default(),
            detail_text,
            hash: row.get(8)?,
        })
    }

    /// Each field behind its length, so that none can pass for a part of another.
    fn hash_after(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(previous);
        field(&self.number.to_be_bytes());
        field(&self.at.0.to_be_bytes());
        field(self.actor.map(String::from).unwrap_or_default().as_bytes());
        field(self.address.as_deref().unwrap_or_default().as_bytes());
        field(self.action.as_bytes());
        field(self.project.map(String::from).unwrap_or_default().as_bytes());
        field(self.subject.as_deref().unwrap_or_default().as_bytes());
        field(self.detail_text.as_bytes());
        hash.finalize().into()
    }
}

/// The newest entries before a number, of one project or of all, the newest first.
///
/// # Errors
/// When the disk fails.
pub fn newest(
    conn: &Connection,
    project: Option<ProjectId>,
    before: Option<i64>,
    count: u32,
) -> Result<Vec<Entry>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM audit WHERE (?1 IS NULL OR project = ?1) AND number < ?2
         ORDER BY number DESC LIMIT ?3"
    ))?;
    let rows =
        statement.query_map(params![project, before.unwrap_or(i64::MAX), count], Entry::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Read the whole chain. `known`: a hash that was the head's at some time, which has to be in it.
///
/// # Errors
/// At the first entry that is not what it was, and when the known hash is in none.
pub fn verify(conn: &Connection, known: Option<&str>) -> Result<Head> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS} FROM audit ORDER BY number"))?;
    let mut rows = statement.query([])?;
    let (mut previous, mut count, mut has_known) = ([0; 32], 0, known.is_none());
    while let Some(row) = rows.next()? {
        let entry = Entry::read(row)?;
        count += 1;
        if entry.number != count || entry.hash != entry.hash_after(&previous) {
            let why = format!("the audit log was changed at entry {count}");
            return Err(DirectoryError::Invalid(why));
        }
        previous = entry.hash;
        has_known |= known == Some(&*hex(&previous));
    }
    if !has_known {
        let why = "the audit log was cut or written anew: the known hash is not in it".to_owned();
        return Err(DirectoryError::Invalid(why));
    }
    Ok(Head { entries: count, hash: hex(&previous) })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
