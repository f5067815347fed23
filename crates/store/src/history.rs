//! The history of a document as people see it: stretches of work by one author.

use crate::{
    ReadTx, Seq, StoreError,
    documents::{row_key, row_keys, seq_of},
};
use quire_project::{DocumentId, UnixMs};

/// Updates that follow each other, by one author, without a longer pause. The state at its end is
/// [`ReadTx::load_at`] with `last`; the state before it with `first - 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// First update.
    pub first: Seq,
    /// Last update.
    pub last: Seq,
    /// Time of the first.
    pub began: UnixMs,
    /// Time of the last.
    pub ended: UnixMs,
    /// Who made them.
    pub author: String,
}

impl ReadTx<'_> {
    /// The history of a document after update `after`, up to and with `through` if that is said, the oldest first. A
    /// pause of more than `pause_ms` milliseconds, or another author, begins a new span.
    pub fn history(
        &self,
        document: DocumentId,
        after: Seq,
        through: Option<Seq>,
        pause_ms: i64,
    ) -> Result<Vec<Span>, StoreError> {
        let key = self.document_key(document)?;
        let mut statement = self.prepare(
            "SELECT u.key, u.time_ms, coalesce(a.label, '')
             FROM updates u LEFT JOIN authors a ON a.key = u.author
             WHERE u.key > ? AND u.key <= ? ORDER BY u.key",
        )?;
        let last = through.map_or(row_keys(key).end - 1, |seq| row_key(key, seq));
        let mut rows = statement.query((row_key(key, after), last))?;
        let mut spans: Vec<Span> = Vec::new();
        while let Some(row) = rows.next()? {
            let (seq, time) = (seq_of(row.get(0)?), UnixMs(row.get(1)?));
            let author = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            match spans.last_mut() {
                Some(span)
                    if span.author == author
                        && time.0.saturating_sub(span.ended.0) <= pause_ms
                        && time >= span.ended =>
                {
                    span.last = seq;
                    span.ended = time;
                }
                _ => spans.push(Span {
                    first: seq,
                    last: seq,
                    began: time,
                    ended: time,
                    author: author.to_owned(),
                }),
            }
        }
        Ok(spans)
    }

    /// The last update of a document that was appended at `time` or before; `None` when the document
    /// did not exist yet.
    pub fn seq_at(&self, document: DocumentId, time: UnixMs) -> Result<Option<Seq>, StoreError> {
        let keys = row_keys(self.document_key(document)?);
        let sql = "SELECT key FROM updates WHERE key >= ? AND key < ? AND time_ms <= ?
                   ORDER BY key DESC LIMIT 1";
        self.row(sql, (keys.start, keys.end, time.0), |row| Ok(seq_of(row.get(0)?)))
    }

    /// When an update was appended.
    pub fn time_of(&self, document: DocumentId, seq: Seq) -> Result<Option<UnixMs>, StoreError> {
        let key = self.document_key(document)?;
        let sql = "SELECT time_ms FROM updates WHERE key = ?";
        self.row(sql, [row_key(key, seq)], |row| Ok(UnixMs(row.get(0)?)))
    }
}
