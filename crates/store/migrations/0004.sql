-- Version 4: beside the documents of its files a project has one in which its authors talk about them.

ALTER TABLE documents ADD COLUMN discusses INTEGER REFERENCES projects (key) ON DELETE CASCADE;
CREATE UNIQUE INDEX documents_discusses ON documents (discusses) WHERE discusses IS NOT NULL;
