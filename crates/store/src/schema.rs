//! The version of a database and how it gets to the newest: each migration is a file of SQL, all of
//! them run in one transaction. A database of a newer program is refused and left alone.

use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// Marks a SQLite file as ours ("Quir").
const APPLICATION_ID: i32 = 0x5175_6972;

/// The SQL that leads from version `n` to version `n + 1`, at index `n`.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001.sql"),
    include_str!("../migrations/0002.sql"),
    include_str!("../migrations/0003.sql"),
    include_str!("../migrations/0004.sql"),
    include_str!("../migrations/0005.sql"),
];

/// Bring the database to the newest version of `migrations`; the version it had is returned.
pub(crate) fn migrate(conn: &mut Connection, migrations: &[&str]) -> Result<u32, StoreError> {
    let found = pragma(conn, "user_version")?;
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    if pragma(conn, "application_id")? != APPLICATION_ID {
        let tables: u32 =
            conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if found != 0 || tables != 0 {
            return Err(StoreError::Foreign);
        }
    }
    let found = u32::try_from(found).map_err(|_| StoreError::Foreign)?;
    if found > known {
        return Err(StoreError::NewerVersion { found, known });
    }
    if found < known {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for sql in &migrations[found as usize..] {
            tx.execute_batch(sql)?;
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", known)?;
        tx.commit()?;
    }
    Ok(found)
}

fn pragma(conn: &Connection, name: &str) -> Result<i32, StoreError> {
    Ok(conn.pragma_query_value(None, name, |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a later version may do: a new column that is filled from an old one.
    const LATER: &str = "ALTER TABLE projects ADD COLUMN sort_name TEXT NOT NULL DEFAULT '';
                         UPDATE projects SET sort_name = lower(name);";
    /// A database as version 1 left it, with rows in every table. Frozen.
    const MADE_BY_1: &str = include_str!("../tests/databases/made_by_1.sql");
    /// The same, made by version 2.
    const MADE_BY_2: &str = include_str!("../tests/databases/made_by_2.sql");
    /// The same, made by version 3.
    const MADE_BY_3: &str = include_str!("../tests/databases/made_by_3.sql");
    /// The same, made by version 4.
    const MADE_BY_4: &str = include_str!("../tests/databases/made_by_4.sql");
    /// The same, made by version 5.
    const MADE_BY_5: &str = include_str!("../tests/databases/made_by_5.sql");
    /// One for every released version.
    const MADE_BY: &[(u32, &str)] =
        &[(1, MADE_BY_1), (2, MADE_BY_2), (3, MADE_BY_3), (4, MADE_BY_4), (5, MADE_BY_5)];

    fn made_by(sql: &str) -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(sql).unwrap();
        conn
    }

    fn schema(conn: &Connection) -> Vec<String> {
        let mut statement = conn
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_database_of_every_earlier_version_becomes_what_a_new_one_is() {
        assert_eq!(MADE_BY.len(), MIGRATIONS.len(), "keep a database of each version");
        for &(version, sql) in MADE_BY {
            let mut old = made_by(sql);
            assert_eq!(migrate(&mut old, MIGRATIONS), Ok(version));
            let mut new = Connection::open_in_memory().unwrap();
            assert_eq!(migrate(&mut new, MIGRATIONS), Ok(0));
            assert_eq!(schema(&old), schema(&new), "a released migration was changed");
            let names: String =
                old.query_row("SELECT name FROM projects", [], |row| row.get(0)).unwrap();
            assert_eq!(names, "Thèse");
        }
    }

    #[test]
    fn a_later_migration_keeps_the_rows() {
        let mut conn = made_by(MADE_BY_1);
        assert_eq!(migrate(&mut conn, &[MIGRATIONS, &[LATER]].concat()), Ok(1));
        let read = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(read("SELECT sort_name FROM projects"), "thèse");
        assert_eq!(read("SELECT path FROM files WHERE blob IS NULL"), "main.tex");
        assert_eq!(pragma(&conn, "user_version"), Ok(6));
    }

    /// Version 2 did not tell which states the disk had come to: almost always, the newest.
    #[test]
    fn of_the_states_of_a_file_the_newest_stays() {
        let older = "INSERT INTO disk_states (file, seq, hash) VALUES (1, 7, zeroblob(32));
                     INSERT INTO disk_states (file, seq, hash) VALUES (2, 3, zeroblob(32));";
        let mut conn = made_by(&[MADE_BY_2, older].concat());
        assert_eq!(migrate(&mut conn, MIGRATIONS), Ok(2));
        let mut statement = conn.prepare("SELECT file, seq FROM disk_states ORDER BY key").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let left: Vec<(i64, i64)> = rows.map(Result::unwrap).collect();
        assert_eq!(left, [(1, 7), (2, 3)]);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_old_version() {
        let mut conn = made_by(MADE_BY_1);
        let before = schema(&conn);
        let broken = "CREATE TABLE half (done TEXT); SELECT no_such_function();";
        assert!(migrate(&mut conn, &[MIGRATIONS[0], LATER, broken]).is_err());
        assert_eq!(schema(&conn), before);
        assert_eq!(pragma(&conn, "user_version"), Ok(1));
    }

    #[test]
    fn newer_and_foreign_databases_are_refused() {
        let mut newer = made_by(MADE_BY_1);
        newer.pragma_update(None, "user_version", 7).unwrap();
        let refused = StoreError::NewerVersion { found: 7, known: 5 };
        assert_eq!(migrate(&mut newer, MIGRATIONS), Err(refused));

        let mut foreign = made_by("CREATE TABLE bookmarks (url TEXT);");
        assert_eq!(migrate(&mut foreign, MIGRATIONS), Err(StoreError::Foreign));
    }
}
