//! Reads the rows of a damaged database around the damage. Every table has an integer key, so that
//! behind a page that cannot be read the search for the next row can go on by key.

use super::TableLoss;
use crate::StoreError;
use rusqlite::{Connection, ErrorCode, Statement, params_from_iter, types::Value};

/// All tables with rows of their own, in the order in which rows refer to each other. The index for
/// searching is not among them: it is made again.
const TABLES: [&str; 11] = [
    "settings",
    "authors",
    "projects",
    "project_tags",
    "blobs",
    "blob_chunks",
    "documents",
    "updates",
    "snapshots",
    "versions",
    "files",
];

/// Seeks at one distance before the distance is doubled: small enough to miss little between two
/// bad pages, large enough to pass a page of small rows one by one.
const SEEKS: u32 = 64;

/// Copy what can be read of every table from `from` to `to`.
pub(super) fn tables(from: &Connection, to: &Connection) -> Result<Vec<TableLoss>, StoreError> {
    TABLES.iter().map(|table| copy_table(from, to, table)).collect()
}

fn copy_table(
    from: &Connection,
    to: &Connection,
    table: &'static str,
) -> Result<TableLoss, StoreError> {
    let mut loss = TableLoss { table, saved: 0, broken_places: 0 };
    let columns = columns(to, table)?;
    let (names, places) = (columns.join(", "), vec!["?"; columns.len()].join(", "));
    // NOT INDEXED: an index may be damaged where the table is not.
    let rows = format!("SELECT {names} FROM {table} NOT INDEXED WHERE key >= ? ORDER BY key");
    let mut insert = to.prepare(&format!("INSERT INTO {table} ({names}) VALUES ({places})"))?;
    let (mut rows, mut seek) = match (from.prepare(&rows), from.prepare(&format!("{rows} LIMIT 1")))
    {
        (Ok(rows), Ok(seek)) => (rows, seek),
        // The damaged database does not know the table any more.
        _ => {
            loss.broken_places = 1;
            return Ok(loss);
        }
    };
    let mut start = i64::MIN;
    loop {
        match copy_from(&mut rows, start, columns.len(), &mut insert, &mut loss)? {
            Stopped::AtEnd => return Ok(loss),
            Stopped::Before(broken) => {
                loss.broken_places += 1;
                match next_readable(&mut seek, broken, columns.len()) {
                    Some(next) => start = next,
                    None => return Ok(loss),
                }
            }
        }
    }
}

fn columns(conn: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?) ORDER BY cid")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

enum Stopped {
    AtEnd,
    /// The row with this key, or what follows, cannot be read.
    Before(i64),
}

/// Copy rows from `start` on until one cannot be read. An `Err` is a fault of the new database.
fn copy_from(
    rows: &mut Statement<'_>,
    start: i64,
    columns: usize,
    insert: &mut Statement<'_>,
    loss: &mut TableLoss,
) -> Result<Stopped, StoreError> {
    let mut next = start;
    let Ok(mut rows) = rows.query([start]) else { return Ok(Stopped::Before(next)) };
    loop {
        let values = match rows.next() {
            Ok(None) => return Ok(Stopped::AtEnd),
            Ok(Some(row)) => values(row, columns),
            Err(_) => return Ok(Stopped::Before(next)),
        };
        let Ok(values) = values else { return Ok(Stopped::Before(next)) };
        // Keys that do not rise are damage too, and would keep us here for ever.
        let key = match values.first() {
            Some(Value::Integer(key)) if *key >= next => *key,
            _ => return Ok(Stopped::Before(next)),
        };
        match insert.execute(params_from_iter(values)) {
            Ok(_) => loss.saved += 1,
            Err(error) if is_refused(&error) => loss.broken_places += 1,
            Err(error) => return Err(error.into()),
        }
        match key.checked_add(1) {
            Some(after) => next = after,
            None => return Ok(Stopped::AtEnd),
        }
    }
}

fn values(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Vec<Value>> {
    (0..columns).map(|column| row.get(column)).collect()
}

/// The row is not what the table may hold.
fn is_refused(error: &rusqlite::Error) -> bool {
    let codes = [ErrorCode::ConstraintViolation, ErrorCode::TypeMismatch];
    error.sqlite_error_code().is_some_and(|code| codes.contains(&code))
}

/// The smallest key after `broken` that was found from which reading works again; the last key of
/// all when only the end of the table can be reached.
fn next_readable(seek: &mut Statement<'_>, broken: i64, columns: usize) -> Option<i64> {
    let mut readable = |key: i64| match seek.query([key]) {
        Ok(mut rows) => match rows.next() {
            Ok(Some(row)) => values(row, columns).is_ok(),
            Ok(None) => true,
            Err(_) => false,
        },
        Err(_) => false,
    };
    // Before the first key there is nothing to step through.
    let mut unreadable = broken.max(0);
    let mut step = 1;
    let mut good = loop {
        let mut found = None;
        for _ in 0..SEEKS {
            let key = unreadable.checked_add(step)?;
            if readable(key) {
                found = Some(key);
                break;
            }
            unreadable = key;
        }
        match found {
            Some(key) => break key,
            None => step = step.checked_mul(2)?,
        }
    };
    while good - unreadable > 1 {
        let middle = unreadable + (good - unreadable) / 2;
        if readable(middle) { good = middle } else { unreadable = middle }
    }
    Some(good)
}
