-- A database as version 5 made it: its schema, frozen, and rows in every table.

-- Version 1. Every table has an integer key, so that a damaged database can be read around its
-- damage (src/recover). Once released this file never changes; the next version is another file.

CREATE TABLE projects (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'archived', 'trashed')),
    state_since_ms INTEGER NOT NULL,
    linked_folder TEXT,
    root_file INTEGER REFERENCES files (key) ON DELETE SET NULL,
    engine TEXT NOT NULL,
    settings TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;
CREATE INDEX projects_root_file ON projects (root_file) WHERE root_file IS NOT NULL;

CREATE TABLE project_tags (
    key INTEGER PRIMARY KEY,
    project INTEGER NOT NULL REFERENCES projects (key) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    UNIQUE (project, tag)
) STRICT;

CREATE TABLE settings (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT;

CREATE TABLE blobs (
    key INTEGER PRIMARY KEY,
    hash BLOB UNIQUE CHECK (length(hash) = 32), -- null while the bytes still come in
    bytes INTEGER NOT NULL,
    used_ms INTEGER NOT NULL -- last time a file took or left it: the grace time counts from here
) STRICT;

CREATE TABLE blob_chunks (
    key INTEGER PRIMARY KEY, -- blob << 32 | number of the chunk
    bytes BLOB NOT NULL
) STRICT;
CREATE TRIGGER blob_chunks_go AFTER DELETE ON blobs BEGIN
    DELETE FROM blob_chunks WHERE key >= old.key << 32 AND key < (old.key + 1) << 32;
END;

CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE authors (
    key INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE updates (
    key INTEGER PRIMARY KEY, -- document << 32 | sequence number, from 1
    time_ms INTEGER NOT NULL,
    author INTEGER NOT NULL, -- authors.key; not a foreign key: an update outlives a lost label
    sum INTEGER NOT NULL, -- first eight bytes of the SHA-256 of key and payload
    payload BLOB NOT NULL
) STRICT;

CREATE TABLE snapshots (
    key INTEGER PRIMARY KEY, -- document << 32 | last sequence number that is part of the state
    time_ms INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;
CREATE TRIGGER document_parts_go AFTER DELETE ON documents BEGIN
    DELETE FROM updates WHERE key >= old.key << 32 AND key < (old.key + 1) << 32;
    DELETE FROM snapshots WHERE key >= old.key << 32 AND key < (old.key + 1) << 32;
END;

CREATE TABLE versions (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX versions_document ON versions (document, seq);

CREATE TABLE files (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    project INTEGER NOT NULL REFERENCES projects (key) ON DELETE CASCADE,
    path TEXT NOT NULL,
    folded TEXT NOT NULL, -- the path as a file system that ignores case and composition sees it
    document INTEGER UNIQUE REFERENCES documents (key),
    blob INTEGER REFERENCES blobs (key),
    modified_ms INTEGER NOT NULL,
    trashed_ms INTEGER,
    indexed_seq INTEGER, -- sequence number of the document that file_text shows
    CHECK ((document IS NULL) <> (blob IS NULL))
) STRICT;
CREATE UNIQUE INDEX files_path ON files (project, path) WHERE trashed_ms IS NULL;
CREATE INDEX files_folded ON files (project, folded) WHERE trashed_ms IS NULL;
CREATE INDEX files_blob ON files (blob) WHERE blob IS NOT NULL;

CREATE VIRTUAL TABLE file_text USING fts5(text, tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER file_parts_go AFTER DELETE ON files BEGIN
    DELETE FROM file_text WHERE rowid = old.key;
    DELETE FROM documents WHERE key = old.document;
END;

CREATE TABLE disk_states (
    key INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files (key) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX disk_states_file ON disk_states (file);

ALTER TABLE disk_states ADD COLUMN merged BLOB;

ALTER TABLE documents ADD COLUMN discusses INTEGER REFERENCES projects (key) ON DELETE CASCADE;
CREATE UNIQUE INDEX documents_discusses ON documents (discusses) WHERE discusses IS NOT NULL;

ALTER TABLE versions ADD COLUMN of_project INTEGER NOT NULL DEFAULT 0;

PRAGMA application_id = 0x51756972;
PRAGMA user_version = 5;

INSERT INTO settings (name, value) VALUES ('theme', '"dark"');
INSERT INTO projects VALUES (1, randomblob(16), 'Thèse', 1000, 2000, 'active', 1000, NULL, NULL, 'xetex', '{"wrap":true}');
INSERT INTO project_tags (project, tag) VALUES (1, 'science');
INSERT INTO blobs VALUES (1, x'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 3, 1000);
INSERT INTO blob_chunks VALUES (1 << 32, x'616263');
INSERT INTO documents VALUES (1, x'00112233445566778899aabbccddeeff', 1000, NULL);
INSERT INTO documents VALUES (2, x'102132435465768798a9bacbdcedfe0f', 1700, 1);
INSERT INTO authors VALUES (1, 'Ada');
INSERT INTO updates VALUES ((1 << 32) | 1, 1000, 1, -6325948641079932756, x'616263');
INSERT INTO snapshots VALUES ((1 << 32) | 1, 1500, -6325948641079932756, x'616263');
INSERT INTO versions VALUES (1, randomblob(16), 1, 1, 'handed in', 1600, 1);
INSERT INTO files VALUES (1, randomblob(16), 1, 'main.tex', 'main.tex', 1, NULL, 1000, NULL, 1);
INSERT INTO files VALUES (2, randomblob(16), 1, 'Fig.png', 'fig.png', NULL, 1, 1000, NULL, NULL);
INSERT INTO file_text (rowid, text) VALUES (1, 'abc');
UPDATE projects SET root_file = 1;
INSERT INTO disk_states (file, seq, hash, merged) VALUES (1, 0, x'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', x'616263');
INSERT INTO disk_states (file, seq, hash) VALUES (1, 1, x'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
