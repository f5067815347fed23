//! A database whose first page is gone cannot be opened at all: SQLite finds every table through
//! it. But what it holds is the same in all our databases, so that it can be taken from a new one.

use super::{remove, schema};
use crate::{StoreError, open::connect};
use rusqlite::Connection;
use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

/// Open the damaged database at `copy`; with it comes its version. `scratch` is the path of a
/// database that may be made on the way and is removed.
pub(super) fn open_damaged(copy: &Path, scratch: &Path) -> Result<(Connection, usize), StoreError> {
    match open(copy) {
        Err(StoreError::Damaged(_)) => {
            graft_first_page(copy, scratch)?;
            open(copy)
        }
        opened => opened,
    }
}

fn open(copy: &Path) -> Result<(Connection, usize), StoreError> {
    let mut conn = Connection::open(copy)?;
    // Read what is there, however wrong it looks.
    conn.pragma_update(None, "cell_size_check", false)?;
    let count = "SELECT count(*) FROM sqlite_schema";
    let tables: u32 = conn.query_row(count, [], |row| row.get(0))?;
    let version: usize = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 && tables == 0 {
        return Err(StoreError::Damaged("the first page is empty".to_owned()));
    }
    // Checks whose it is and whether we know its version; with no migration to run it writes nothing.
    let known = &schema::MIGRATIONS[..version.min(schema::MIGRATIONS.len())];
    schema::migrate(&mut conn, known)?;
    Ok((conn, version))
}

/// Replace the pages with the list of tables in the database at `copy` by those of a new one.
///
/// Tables have the same place in both when they were made by the first migration, before there were
/// rows. Where this does not hold the rows of another table are met, which the types and checks of
/// the new database refuse.
fn graft_first_page(copy: &Path, scratch: &Path) -> Result<(), StoreError> {
    let mut new = connect(scratch)?;
    schema::migrate(&mut new, schema::MIGRATIONS)?;
    let page: usize = new.pragma_query_value(None, "page_size", |row| row.get(0))?;
    new.close().map_err(|(_, error)| StoreError::from(error))?;
    let mut whole = fs::read(scratch).map_err(|error| StoreError::io(scratch, &error))?;
    remove(scratch)?;
    // Bytes of the header (https://www.sqlite.org/fileformat.html#the_database_header): no free
    // pages are known (32..40), and the number of pages is to be taken from the file's length, since
    // the header was valid for another change counter (92..96).
    whole[32..40].fill(0);
    for byte in &mut whole[92..96] {
        *byte = !*byte;
    }
    write_pages(copy, &whole, page).map_err(|error| StoreError::io(copy, &error))
}

fn write_pages(copy: &Path, whole: &[u8], page: usize) -> io::Result<()> {
    let bytes = fs::metadata(copy)?.len();
    let mut file = File::options().write(true).open(copy)?;
    // A last page that is there in part is not there.
    file.set_len((bytes - bytes % page as u64).max(page as u64))?;
    let below = pages_below_first(whole).into_iter().map(|number| (number - 1) * page);
    for start in std::iter::once(0).chain(below) {
        if let Some(contents) = whole.get(start..start + page) {
            file.seek(SeekFrom::Start(start as u64))?;
            file.write_all(contents)?;
        }
    }
    file.sync_all()
}

/// Numbers of the pages, from 1, over which the list of tables is spread; none when it fits the
/// first (https://www.sqlite.org/fileformat.html#b_tree_pages). A list of three levels would be one
/// of a hundred tables.
fn pages_below_first(whole: &[u8]) -> Vec<usize> {
    const HEADER: usize = 100;
    const INTERIOR: u8 = 5;
    let number = |at: usize| {
        let bytes = whole.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize).filter(|number| *number > 0)
    };
    let short =
        |at: usize| Some(usize::from(u16::from_be_bytes([*whole.get(at)?, *whole.get(at + 1)?])));
    if whole.get(HEADER) != Some(&INTERIOR) {
        return Vec::new();
    }
    let cells = short(HEADER + 3).unwrap_or(0);
    let children = (0..cells).filter_map(|cell| number(short(HEADER + 12 + 2 * cell)?));
    children.chain(number(HEADER + 8)).collect()
}
