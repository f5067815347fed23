-- Version 2: what a file of a linked folder was when document and disk last agreed.

CREATE TABLE disk_states (
    key INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files (key) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX disk_states_file ON disk_states (file);
