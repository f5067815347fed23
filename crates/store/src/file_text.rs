//! Search in the current text of a project's files (SQLite's FTS5). The text is a copy that the
//! application gives after edits: it can be made again at any time.

use crate::{ReadTx, Seq, StoreError, Thing, WriteTx, tx::bytes};
use quire_project::{DocumentId, FileId, ProjectId, ProjectPath};
use quire_text::{ByteRange, LineNumber};
use std::fmt::Write;

/// A line in which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchLine {
    /// Its number.
    pub line: LineNumber,
    /// The line without its end.
    pub text: String,
    /// What was found, as bytes of `text`.
    pub matches: Vec<ByteRange>,
}

/// A file in which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// The file.
    pub file: FileId,
    /// Where it is.
    pub path: ProjectPath,
    /// The first lines with a match.
    pub lines: Vec<SearchLine>,
}

/// Stand around matches in what FTS5 gives back; control characters that no source needs, and that
/// become spaces when a text is indexed.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

impl ReadTx<'_> {
    /// The files of a project that hold every word of `query` (the last may be the beginning of
    /// one; words in `"…"` must follow each other), the best first, with at most `lines` lines of
    /// each and at most `files` files. Case and accents do not matter. Punctuation separates words.
    pub fn search(
        &self,
        project: ProjectId,
        query: &str,
        files: u32,
        lines: usize,
    ) -> Result<Vec<SearchHit>, StoreError> {
        let key = self.project_key(project)?;
        let Some(expression) = expression(query) else { return Ok(Vec::new()) };
        let sql = "SELECT f.id, f.path, highlight(file_text, 0, char(1), char(2))
                   FROM file_text JOIN files f ON f.key = file_text.rowid
                   WHERE file_text MATCH ? AND f.project = ? AND f.trashed_ms IS NULL
                   ORDER BY file_text.rank, f.path LIMIT ?";
        let rows = self.rows(sql, (expression, key, files), |row| {
            let marked = row.get_ref(2)?.as_str()?;
            Ok((FileId(bytes(row, 0)?), row.get::<_, String>(1)?, lines_of(marked, lines)))
        })?;
        rows.into_iter()
            .map(|(file, path, lines)| {
                Ok(SearchHit { file, path: crate::files::checked(&path)?, lines })
            })
            .collect()
    }

    /// The text files of the projects in the gallery whose document has gone on since their text was
    /// indexed.
    pub fn unindexed(&self) -> Result<Vec<(FileId, DocumentId)>, StoreError> {
        let sql = "SELECT f.id, d.id FROM files f JOIN documents d ON d.key = f.document
                   JOIN projects p ON p.key = f.project
                   WHERE f.trashed_ms IS NULL AND p.state = 'active'
                   AND coalesce(f.indexed_seq, 0) < (SELECT max(key) & 0xffffffff FROM updates
                       WHERE key >= d.key << 32 AND key < (d.key + 1) << 32)";
        self.rows(sql, [], |row| Ok((FileId(bytes(row, 0)?), DocumentId(bytes(row, 1)?))))
    }
}

impl WriteTx<'_> {
    /// Replace the text by which a file is found: the text of its document after update `seq`. An
    /// older text than the one that is there changes nothing.
    pub fn index_text(&self, file: FileId, seq: Seq, text: &str) -> Result<(), StoreError> {
        let sql = "SELECT key, indexed_seq FROM files WHERE id = ?";
        let found = self
            .row(sql, [file.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<u64>>(1)?)))?;
        let (key, indexed) = found.ok_or(StoreError::NotFound(Thing::File(file)))?;
        if indexed.is_some_and(|indexed| indexed > seq.0) {
            return Ok(());
        }
        self.execute("DELETE FROM file_text WHERE rowid = ?", [key])?;
        let text = text.replace([OPEN, CLOSE], " ");
        self.execute("INSERT INTO file_text (rowid, text) VALUES (?, ?)", (key, text))?;
        self.execute("UPDATE files SET indexed_seq = ? WHERE key = ?", (seq.0, key)).map(drop)
    }
}

/// What the user typed as an FTS5 expression that cannot be a syntax error; `None` when there is no
/// word in it.
fn expression(query: &str) -> Option<String> {
    let mut expression = String::new();
    let parts: Vec<&str> = query.split('"').collect();
    for (i, part) in parts.iter().enumerate() {
        // Between a pair of quotation marks; a lone last one counts for nothing.
        let quoted = i % 2 == 1 && i + 1 < parts.len();
        let words: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
        for word in words.iter().filter(|word| word.contains(char::is_alphanumeric)) {
            let _ = write!(expression, "\"{}\" ", word.replace('\0', " "));
        }
    }
    let expression = expression.trim_end();
    if expression.is_empty() {
        return None;
    }
    let typing = query.ends_with(char::is_alphanumeric);
    Some(if typing { format!("{expression} *") } else { expression.to_owned() })
}

/// The lines with marks in them, without the marks.
fn lines_of(marked: &str, limit: usize) -> Vec<SearchLine> {
    let mut found = Vec::new();
    // A match of several words may go on over the end of a line.
    let mut open = false;
    let lines = marked.split('\n').flat_map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.split('\r')
    });
    for (i, line) in lines.enumerate() {
        if found.len() >= limit {
            break;
        }
        if !open && !line.contains(OPEN) {
            continue;
        }
        let (mut text, mut matches) = (String::with_capacity(line.len()), Vec::new());
        let mut start = 0;
        for letter in line.chars() {
            match letter {
                OPEN => (open, start) = (true, text.len()),
                CLOSE => {
                    open = false;
                    matches.push(ByteRange::new(start, text.len()));
                }
                _ => text.push(letter),
            }
        }
        if open {
            matches.push(ByteRange::new(start, text.len()));
        }
        let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
        found.push(SearchLine { line: LineNumber(number), text, matches });
    }
    found
}
