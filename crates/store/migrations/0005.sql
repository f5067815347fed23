-- Version 5: a version may be that of a text when the whole project was given a name.

ALTER TABLE versions ADD COLUMN of_project INTEGER NOT NULL DEFAULT 0;
