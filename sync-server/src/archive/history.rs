//! The history of a document: its whole log, from the first update to the last. Rows that snapshots stand for go into
//! runs, each of which is what one author wrote within some minutes; a version that has a name ends a run, so that it
//! can always be shown as it was.

use super::{ArchiveError, Snapshot, damaged, find, read_only, rows, sum_of, writer::Job};
use crate::ids::Timestamp;
use quire_collab::{Replica, compact, history};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};

/// One author's row is of the same run as his last when it came within so many seconds, …
const PAUSE: i64 = 60;
/// … and the run is not longer than this, …
const LENGTH: i64 = 10 * 60;
/// … nor has more bytes.
const RUN_BYTES: usize = 256 << 10;

/// Updates that are one version: those of one author, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of its first update.
    pub first: u64,
    /// The number of its last: that of the version.
    pub last: u64,
    /// Who, as the relay knew him; not known of what is older than this is kept.
    pub author: Option<String>,
    /// When the first came, …
    pub began_at: Option<Timestamp>,
    /// … and the last.
    pub ended_at: Option<Timestamp>,
    /// The version has a name.
    pub name: Option<String>,
    /// Names that all texts of the project were given at once, when this was the version of this one.
    pub project_names: Vec<String>,
}

impl Entry {
    /// It is to be shown as it is for ever.
    pub fn is_named(&self) -> bool {
        self.name.is_some() || !self.project_names.is_empty()
    }
}

/// Of an entry `e` of document `?1`, in the order in which [`entry_of`] reads it.
const ENTRY: &str = "e.first, e.last, e.author, e.began_at, e.ended_at,
    (SELECT name FROM versions v WHERE v.document = ?1 AND v.number = e.last),
    (SELECT json_group_array(name) FROM project_versions p
        WHERE p.document = ?1 AND p.number = e.last)";

/// Entries, the oldest first, with the updates that they are.
pub type Log = Vec<(Entry, Vec<u8>)>;

/// What came to a document behind a row.
#[derive(Debug)]
pub struct Since {
    /// The document as it was; of a number within an entry of the history, as it was before that.
    pub before: Replica,
    /// What came, by whom.
    pub news: Vec<(Option<String>, Vec<u8>)>,
    /// The number of the last row.
    pub last: u64,
}

/// An entry, and what it changed.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) entry: Entry,
    pub(super) bytes: Vec<u8>,
}

impl Run {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl super::Archive {
    /// The history of a document, the oldest first. Blocks.
    pub fn history(&self, document: &str) -> Result<Vec<Entry>, ArchiveError> {
        let conn = read_only(&self.path)?;
        let reading = conn.unchecked_transaction()?;
        let Some((id, _)) = find(&reading, document)? else { return Ok(Vec::new()) };
        let mut statement = reading.prepare(&format!(
            "SELECT {ENTRY} FROM (
                 SELECT first, last, author, began_at, ended_at FROM history WHERE document = ?1
                 UNION ALL SELECT number, number, author, at, at FROM updates WHERE document = ?1) e
             ORDER BY e.last",
        ))?;
        let entries = statement.query_map([id], entry_of)?;
        Ok(entries.collect::<Result<_, _>>()?)
    }

    /// The number of a document's last update; 0 of an empty one. Blocks.
    pub fn last_number(&self, document: &str) -> Result<u64, ArchiveError> {
        let conn = read_only(&self.path)?;
        Ok(find(&conn, document)?.map_or(0, |(_, last)| last))
    }

    /// A document as it was when this version was the last, and all updates that lead there, with their entries. Of a
    /// number within an entry it is the entry's last. Blocks.
    pub fn version(&self, document: &str, number: u64) -> Result<Option<Log>, ArchiveError> {
        let conn = read_only(&self.path)?;
        let reading = conn.unchecked_transaction()?;
        let Some((id, last_number)) = find(&reading, document)? else { return Ok(None) };
        if number == 0 || number > last_number {
            return Ok(None);
        }
        let runs = everything(&reading, document, id, number)?;
        Ok(Some(runs.into_iter().map(|run| (run.entry, run.bytes)).collect()))
    }

    /// What came to a document behind a row; nothing, if nothing did. What is known of who sent it is as in its
    /// history. Blocks.
    pub fn since(&self, document: &str, number: u64) -> Result<Option<Since>, ArchiveError> {
        let conn = read_only(&self.path)?;
        let reading = conn.unchecked_transaction()?;
        let found = find(&reading, document)?.filter(|(_, last)| *last > number);
        let Some((id, last)) = found else { return Ok(None) };
        let known = super::snapshots(&reading, id)?.into_iter();
        let mut known = known.filter(|(up_to, _)| *up_to <= number);
        let whole = known.find_map(|(up_to, snapshot)| Some((up_to, snapshot.ok()?)));
        let (from, snapshot) = whole.unwrap_or((0, None));
        let entries = match from {
            0 => everything(&reading, document, id, last)?,
            // What is behind a snapshot is still in rows.
            _ => each(&reading, document, id, from, last)?,
        };
        let (before, news): (Vec<Run>, Vec<Run>) =
            entries.into_iter().partition(|run| run.entry.last <= number);
        let before = snapshot.iter().map(Vec::as_slice).chain(before.iter().map(Run::bytes));
        let before = Replica::open(before).map_err(|error| damaged(document, error))?;
        let news = news.into_iter().map(|run| (run.entry.author, run.bytes)).collect();
        Ok(Some(Since { before, news, last }))
    }

    /// Give a version a name, another, or none. False when there is no such version: it may have become part of a later
    /// one. Blocks.
    pub fn name_version(
        &self,
        document: &str,
        number: u64,
        name: Option<&str>,
    ) -> Result<bool, ArchiveError> {
        let (document_name, name) = (document.to_owned(), name.map(str::to_owned));
        let named =
            self.writer.wait(|done| Job::Name { document: document_name, number, name, done });
        match named {
            Err(ArchiveError::OutOfOrder { .. }) => Ok(false),
            named => named.map(|()| true),
        }
    }

    /// Give the present versions of these documents a name, all in one moment. Those in which nobody has written yet have
    /// none. Blocks.
    pub fn name_all(&self, documents: Vec<String>, name: &str) -> Result<(), ArchiveError> {
        let name = name.to_owned();
        self.writer.wait(|done| Job::NameAll { documents, name, done })
    }

    /// Forget the history of a document, with its named versions: what is left is the document as it is. Blocks.
    pub fn forget_history(&self, document: &str) -> Result<(), ArchiveError> {
        let conn = read_only(&self.path)?;
        let reading = conn.unchecked_transaction()?;
        let Some((id, last_number)) = find(&reading, document)? else { return Ok(()) };
        let runs = everything(&reading, document, id, last_number)?;
        let kept_to = kept_to(&reading, id)?;
        drop(reading);
        let all = runs.iter().map(|run| &*run.bytes);
        let bytes = compact(all).map_err(|error| damaged(document, error))?;
        self.writer.wait(|done| Job::Forget {
            document: id,
            kept_to,
            up_to: last_number,
            bytes,
            done,
        })
    }
}

fn entry_of(row: &SqlRow<'_>) -> rusqlite::Result<Entry> {
    let project_names: String = row.get(6)?;
    Ok(Entry {
        // What SQLite has put together it has put together well.
        project_names: serde_json::from_str(&project_names).unwrap_or_default(),
        first: row.get(0)?,
        last: row.get(1)?,
        author: row.get(2)?,
        began_at: row.get(3)?,
        ended_at: row.get(4)?,
        name: row.get(5)?,
    })
}

/// The number of the last update that is in a run.
pub(super) fn kept_to(conn: &Connection, document: i64) -> Result<u64, rusqlite::Error> {
    conn.prepare_cached("SELECT coalesce(max(last), 0) FROM history WHERE document = ?1")?
        .query_row([document], |row| row.get(0))
}

/// The whole log up to the entry that holds this number, without a gap.
pub(super) fn everything(
    conn: &Connection,
    document: &str,
    id: i64,
    to: u64,
) -> Result<Vec<Run>, ArchiveError> {
    let mut statement = conn.prepare(&format!(
        "SELECT {ENTRY}, e.bytes, e.sum FROM (
             SELECT first, last, author, began_at, ended_at, bytes, sum FROM history
                 WHERE document = ?1 AND first <= ?2
             UNION ALL SELECT number, number, author, at, at, bytes, sum FROM updates
                 WHERE document = ?1 AND number <= ?2) e
         ORDER BY e.last",
    ))?;
    let mut found = statement.query(params![id, to])?;
    let (mut runs, mut last) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let (entry, bytes, sum) =
            (entry_of(row)?, row.get::<_, Vec<u8>>(7)?, row.get::<_, Vec<u8>>(8)?);
        if entry.first != last + 1 {
            return Err(damaged(document, format!("what is before {} is missing", entry.first)));
        }
        if sum != sum_of(&bytes) {
            return Err(damaged(document, format!("the sum of its history at {}", entry.last)));
        }
        last = entry.last;
        runs.push(Run { entry, bytes });
    }
    if last < to {
        return Err(damaged(document, format!("what is before {to} is missing")));
    }
    Ok(runs)
}

/// The rows up to `to` that are in no run yet, as runs. `snapshots`: those that there are, the newest first.
pub(super) fn runs(
    conn: &Connection,
    document: &str,
    id: i64,
    to: u64,
    snapshots: &[Snapshot],
) -> Result<(u64, Vec<Run>), ArchiveError> {
    let kept_to = kept_to(conn, id)?;
    if to <= kept_to {
        return Ok((kept_to, Vec::new()));
    }
    let each = each(conn, document, id, kept_to, to)?;
    // What was before, to try them on.
    let before = match kept_to {
        0 => Some(Vec::new()),
        _ => snapshots.iter().find(|(up_to, _)| *up_to == kept_to).and_then(|(_, snapshot)| {
            snapshot.as_ref().ok().map(|bytes| bytes.iter().map(Vec::as_slice).collect())
        }),
    };
    let grouped = before.and_then(|before| grouped(&before, &each));
    // What cannot be shown to be the same stays in pieces.
    Ok((kept_to, grouped.unwrap_or(each)))
}

/// The rows after `from` up to `to`, each by itself.
fn each(
    conn: &Connection,
    document: &str,
    id: i64,
    from: u64,
    to: u64,
) -> Result<Vec<Run>, ArchiveError> {
    let updates = rows(conn, document, id, from, to)?;
    let mut statement = conn.prepare(&format!(
        "SELECT {ENTRY} FROM (SELECT number AS first, number AS last, author, at AS began_at, at AS ended_at
             FROM updates WHERE document = ?1 AND number > ?2 AND number <= ?3) e
         ORDER BY e.last",
    ))?;
    let entries = statement.query_map(params![id, from, to], entry_of)?;
    let entries = entries.collect::<Result<Vec<Entry>, _>>()?;
    Ok(entries.into_iter().zip(updates).map(|(entry, bytes)| Run { entry, bytes }).collect())
}

/// Each run tried on what is before it.
fn grouped(before: &[&[u8]], each: &[Run]) -> Option<Vec<Run>> {
    let mut groups: Vec<&[Run]> = Vec::new();
    let mut from = 0;
    for to in 1..=each.len() {
        if to == each.len() || !goes_on(&each[from..to], &each[to]) {
            groups.push(&each[from..to]);
            from = to;
        }
    }
    let merged = groups.into_iter().map(|group| {
        let updates: Vec<&[u8]> = group.iter().map(|run| &*run.bytes).collect();
        let (first, last) = (&group.first()?.entry, &group.last()?.entry);
        let bytes = history::merge(&updates).ok()?;
        let entry = Entry { first: first.first, began_at: first.began_at, ..last.clone() };
        Some(Run { entry, bytes })
    });
    let merged = merged.collect::<Option<Vec<Run>>>()?;
    let open = |runs: &[Run]| {
        Replica::open(before.iter().copied().chain(runs.iter().map(|run| &*run.bytes))).ok()
    };
    let (one, other) = (open(each)?, open(&merged)?);
    (one.is_same(&other) && one.snapshot() == other.snapshot()).then_some(merged)
}

fn goes_on(group: &[Run], next: &Run) -> bool {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return false };
    let since = |then: Option<Timestamp>| Some(next.entry.ended_at?.0.saturating_sub(then?.0));
    let bytes: usize = group.iter().map(|run| run.bytes.len()).sum();
    !last.entry.is_named()
        && last.entry.author == next.entry.author
        && since(last.entry.ended_at).is_some_and(|pause| (0..=PAUSE).contains(&pause))
        && since(first.entry.began_at).is_some_and(|length| length <= LENGTH)
        && bytes + next.bytes.len() <= RUN_BYTES
}

/// Put runs in the place of the rows up to `to`: nothing is changed when somebody else has meanwhile, or has named a
/// version within one.
pub(super) fn keep(
    conn: &Connection,
    document: i64,
    kept_to: u64,
    to: u64,
    runs: &[Run],
) -> Result<bool, rusqlite::Error> {
    if self::kept_to(conn, document)? != kept_to {
        return Ok(false);
    }
    let mut is_named = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM versions
                 WHERE document = ?1 AND number >= ?2 AND number < ?3)
             OR EXISTS (SELECT 1 FROM project_versions
                 WHERE document = ?1 AND number >= ?2 AND number < ?3)",
    )?;
    for run in runs {
        let within = params![document, run.entry.first, run.entry.last];
        if is_named.query_row(within, |row| row.get(0))? {
            return Ok(false);
        }
    }
    let mut insert =
        conn.prepare_cached("INSERT INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for Run { entry, bytes } in runs {
        let Entry { first, last, author, began_at, ended_at, .. } = entry;
        insert.execute(params![
            document,
            first,
            last,
            author,
            began_at,
            ended_at,
            bytes,
            sum_of(bytes)
        ])?;
    }
    conn.prepare_cached("DELETE FROM updates WHERE document = ?1 AND number <= ?2")?
        .execute(params![document, to])?;
    Ok(true)
}

/// Only what a snapshot stands for is left.
pub(super) fn forget(
    conn: &Connection,
    document: i64,
    kept_to: u64,
    up_to: u64,
    bytes: &[u8],
) -> Result<bool, rusqlite::Error> {
    if self::kept_to(conn, document)? != kept_to {
        return Ok(false);
    }
    for table in ["history", "snapshots", "versions", "project_versions"] {
        let sql = format!("DELETE FROM {table} WHERE document = ?1");
        conn.prepare_cached(&sql)?.execute([document])?;
    }
    conn.prepare_cached("DELETE FROM updates WHERE document = ?1 AND number <= ?2")?
        .execute(params![document, up_to])?;
    let sum = sum_of(bytes);
    conn.prepare_cached("INSERT INTO snapshots VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![document, up_to, bytes, sum])?;
    conn.prepare_cached("INSERT INTO history VALUES (?1, 1, ?2, NULL, NULL, NULL, ?3, ?4)")?
        .execute(params![document, up_to, bytes, sum])?;
    Ok(true)
}

/// Name a version, or take its name; false when there is none.
pub(super) fn name(
    conn: &Connection,
    document: &str,
    number: u64,
    name: Option<&str>,
) -> Result<bool, rusqlite::Error> {
    let id: Option<i64> = conn
        .prepare_cached(
            "SELECT id FROM documents d WHERE name = ?1
                 AND (EXISTS (SELECT 1 FROM updates WHERE document = d.id AND number = ?2)
                     OR EXISTS (SELECT 1 FROM history WHERE document = d.id AND last = ?2))",
        )?
        .query_row(params![document, number], |row| row.get(0))
        .optional()?;
    let Some(id) = id else { return Ok(false) };
    match name {
        Some(name) => conn
            .prepare_cached(
                "INSERT INTO versions VALUES (?1, ?2, ?3)
                 ON CONFLICT (document, number) DO UPDATE SET name = excluded.name",
            )?
            .execute(params![id, number, name])?,
        None => conn
            .prepare_cached("DELETE FROM versions WHERE document = ?1 AND number = ?2")?
            .execute(params![id, number])?,
    };
    Ok(true)
}

/// Name what the newest versions of these documents are now.
pub(super) fn name_all(
    conn: &Connection,
    documents: &[String],
    name: &str,
) -> Result<(), rusqlite::Error> {
    let mut insert = conn.prepare_cached(
        "INSERT OR IGNORE INTO project_versions
             SELECT id, last_number, ?2 FROM documents WHERE name = ?1",
    )?;
    for document in documents {
        insert.execute(params![document, name])?;
    }
    Ok(())
}
