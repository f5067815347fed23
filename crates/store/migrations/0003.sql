-- Version 3: the oldest state of a file is the one that document and disk last had in common; those
-- after it are of writes that may not have reached the disk. One that the document had with the edit
-- of another program, but not alone, is kept as a state of its own.

DELETE FROM disk_states WHERE key NOT IN (SELECT max(key) FROM disk_states GROUP BY file);
ALTER TABLE disk_states ADD COLUMN merged BLOB;
