//! Tables of the directory, version by version. A version that was published is never changed: the next one is added.

use super::{DirectoryError, RelayId};
use rusqlite::Connection;
use std::path::Path;

/// "qrdi": another program's database is not written into.
const APPLICATION_ID: i32 = 0x7172_6469;

const VERSIONS: [&str; 5] = ["
    CREATE TABLE relay (id TEXT NOT NULL) STRICT;
    CREATE TABLE users (
        id TEXT PRIMARY KEY,
        -- In lower case. A guest has none.
        email TEXT UNIQUE,
        name TEXT NOT NULL,
        -- A PHC string of argon2id, or one of bcrypt that was imported. Who has none logs in another way, or was not
        -- given one yet.
        password TEXT,
        is_admin INTEGER NOT NULL DEFAULT 0,
        verified_at INTEGER,
        created_at INTEGER NOT NULL,
        disabled_at INTEGER
    ) STRICT;
    CREATE TABLE logins (
        id TEXT PRIMARY KEY,
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        device TEXT NOT NULL,
        address TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        ended_at INTEGER,
        ended_because TEXT
    ) STRICT;
    CREATE INDEX logins_of_user ON logins (user);
    CREATE TABLE refresh_tokens (
        hash BLOB PRIMARY KEY,
        login TEXT NOT NULL REFERENCES logins (id) ON DELETE CASCADE,
        expires_at INTEGER NOT NULL,
        used_at INTEGER,
        -- The one that took its place; another takes the place of that one when its reply was lost.
        successor BLOB
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX refresh_tokens_of_login ON refresh_tokens (login);
    CREATE TABLE personal_tokens (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        used_at INTEGER,
        expires_at INTEGER
    ) STRICT;
    CREATE INDEX personal_tokens_of_user ON personal_tokens (user);
    -- Secrets that were sent by mail, each good for one use.
    CREATE TABLE letters (
        hash BLOB PRIMARY KEY,
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        purpose TEXT NOT NULL CHECK (purpose IN ('verify', 'reset')),
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE projects (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        archived_at INTEGER,
        deleted_at INTEGER
    ) STRICT;
    CREATE TABLE links (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('editor', 'commenter', 'viewer')),
        admits_guests INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER
    ) STRICT;
    CREATE INDEX links_of_project ON links (project);
    CREATE TABLE members (
        project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'commenter', 'viewer')),
        added_at INTEGER NOT NULL,
        -- The link by which they came.
        link TEXT REFERENCES links (id),
        PRIMARY KEY (project, user)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX projects_of_user ON members (user);
    CREATE UNIQUE INDEX one_owner ON members (project) WHERE role = 'owner';
    CREATE TABLE invitations (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        email TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('editor', 'commenter', 'viewer')),
        invited_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        UNIQUE (project, email)
    ) STRICT;
    CREATE TABLE documents (
        id TEXT PRIMARY KEY,
        project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('text', 'discussion')),
        path TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        deleted_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX one_text_of_a_path ON documents (project, path) WHERE deleted_at IS NULL;
    CREATE TABLE signing_keys (
        id TEXT PRIMARY KEY,
        -- PKCS #8, DER
        private BLOB NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        actor TEXT,
        address TEXT,
        action TEXT NOT NULL,
        project TEXT,
        subject TEXT,
        detail TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE INDEX audit_of_project ON audit (project, number);
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
    CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
", "
    -- Which of the bytes that are kept by their hash a project has: its members may read those, and no others.
    CREATE TABLE blobs (
        project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        hash TEXT NOT NULL,
        size INTEGER NOT NULL,
        -- Since when no file of the project holds them.
        unused_since INTEGER,
        PRIMARY KEY (project, hash)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX blobs_by_hash ON blobs (hash);
    CREATE TABLE files (
        id TEXT PRIMARY KEY,
        project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        hash TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        changed_by TEXT,
        UNIQUE (project, path)
    ) STRICT;
    CREATE TABLE uploads (
        id TEXT PRIMARY KEY,
        project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        hash TEXT NOT NULL,
        size INTEGER NOT NULL,
        -- The last sign of life.
        used_at INTEGER NOT NULL,
        UNIQUE (project, user, hash)
    ) STRICT;
    CREATE INDEX uploads_of_user ON uploads (user);
", "
    -- What its authors have chosen to be built, a document, and with which engine.
    ALTER TABLE projects ADD COLUMN root TEXT;
    ALTER TABLE projects ADD COLUMN engine TEXT;
", "
    -- Who people are at the providers through which they sign in.
    CREATE TABLE identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        provider TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL,
        PRIMARY KEY (issuer, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX identities_of_user ON identities (user);
", "
    -- What people are to know of.
    CREATE TABLE notifications (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('invitation', 'mention', 'reply')),
        project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        actor TEXT NOT NULL,
        -- An invitation, or a message: of which one is told once.
        subject TEXT NOT NULL,
        thread TEXT,
        document TEXT,
        excerpt TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        seen_at INTEGER,
        mailed_at INTEGER,
        UNIQUE (user, project, subject)
    ) STRICT;
    CREATE INDEX notifications_of_user ON notifications (user, number);
    CREATE INDEX notifications_not_seen ON notifications (user)
        WHERE seen_at IS NULL AND mailed_at IS NULL;
    CREATE TABLE digests (
        user TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        digest TEXT NOT NULL CHECK (digest IN ('off', 'hourly', 'daily')),
        sent_at INTEGER
    ) STRICT, WITHOUT ROWID;
    -- Up to which row of a discussion people were told. What was said before they were told of anything is no news: -1.
    CREATE TABLE talks (
        document TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        read_to INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO talks SELECT id, -1 FROM documents WHERE kind = 'discussion';
"];

/// Bring a database to this version; each step is whole or not at all.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), DirectoryError> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: usize = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let id: i32 = tx.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let is_ours = id == APPLICATION_ID || (id == 0 && version == 0);
    if !is_ours || version > VERSIONS.len() {
        return Err(DirectoryError::Foreign(path.to_owned()));
    }
    for step in &VERSIONS[version..] {
        tx.execute_batch(step)?;
    }
    if version == 0 {
        tx.execute("INSERT INTO relay VALUES (?1)", [RelayId::new()])?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", VERSIONS.len())?;
    tx.commit()?;
    Ok(())
}
