//! Who wrote which part of a text, and when: of a shared text by what its relay keeps, else by what this program does.

use crate::{
    ShareRole, TextVersion, TimelineSource, Workbench, WorkbenchError, Writer,
    relay::past::{Past, TextThere, writer_there},
    writers::writer,
};
use quire_collab::history::brought;
use quire_project::{ProjectId, ProjectPath, UnixMs};
use quire_store::Seq;
use serde::Serialize;
use std::ops::Range;
use ts_rs::TS;

/// What one author wrote side by side, with shorter pauses, is one part.
const PAUSE_MS: i64 = 5 * 60_000;
/// So much of a part is told, in characters.
const EXCERPT: usize = 120;

/// Who wrote a stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct WhoWrote {
    /// Its parts, in their order.
    pub parts: Vec<WrittenPart>,
    /// Who has told it.
    pub source: TimelineSource,
}

/// Part of a text, by one author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct WrittenPart {
    /// Where it begins, in UTF-16 code units.
    pub at: u32,
    /// How long it is.
    pub length: u32,
    /// Its beginning.
    pub text: String,
    /// Who.
    pub writer: Writer,
    /// When.
    pub time: Option<UnixMs>,
    /// In which version; none when one may not look at it.
    pub version: Option<TextVersion>,
}

impl Workbench {
    /// Who wrote what stands between two places of a file, in UTF-16 code units.
    pub fn who_wrote(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        range: Range<u32>,
    ) -> Result<WhoWrote, WorkbenchError> {
        // Places are of the text here: the relay has to have the same.
        let is_there = self.wait_for_relay(id, path)?;
        let why = match self.past(id, path, ShareRole::Viewer)? {
            Past::Here => None,
            Past::Away(why) => Some(why),
            Past::There(_) if !is_there => {
                Some("the relay does not have yet what was written last".to_owned())
            }
            Past::There(there) => {
                let may_look = matches!(self.past(id, path, ShareRole::Editor)?, Past::There(_));
                match self.parts_there(&there, range.clone(), may_look) {
                    Ok(parts) => {
                        let parts = self.with_text(id, path, parts)?;
                        return Ok(WhoWrote { parts, source: TimelineSource::Together });
                    }
                    Err(WorkbenchError::Relay(error)) => Some(error.to_string()),
                    Err(error) => return Err(error),
                }
            }
        };
        let parts = self.parts_here(id, path, range)?;
        let parts = self.with_text(id, path, parts)?;
        let source = why.map_or(TimelineSource::Here, |why| TimelineSource::Away { why });
        Ok(WhoWrote { parts, source })
    }

    fn parts_there(
        &self,
        there: &TextThere,
        range: Range<u32>,
        may_look: bool,
    ) -> Result<Vec<WrittenPart>, WorkbenchError> {
        let parts = self.written_there(there, range.start, range.end)?;
        let part = |part: quire_relay_client::WrittenInfo| WrittenPart {
            at: part.at,
            length: part.length,
            text: String::new(),
            writer: part.author.map_or(Writer::Unknown, |author| writer_there(author, there.me())),
            time: part.written_at,
            version: may_look.then_some(TextVersion::Relay { number: part.number }),
        };
        Ok(joined(parts.into_iter().map(part)))
    }

    fn parts_here(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        range: Range<u32>,
    ) -> Result<Vec<WrittenPart>, WorkbenchError> {
        let document = self.document_of(id, path)?;
        let user =
            self.try_ask(move |desk| Ok(desk.project(id)?.sharing().map(|sharing| sharing.user)))?;
        let updates =
            self.store()?.read(|tx| tx.updates(document, Seq(0), tx.document(document)?.last))?;
        let parts = brought(updates.iter().map(|update| &*update.payload))?;
        let me = &self.config().author;
        let part = |part: quire_collab::history::Brought| {
            let (from, to) = (part.at.max(range.start), (part.at + part.length).min(range.end));
            let update = updates.get(part.by)?;
            (from < to).then(|| WrittenPart {
                at: from,
                length: to - from,
                text: String::new(),
                writer: writer(&update.author, me, user.as_deref()),
                time: Some(update.time),
                version: Some(TextVersion::Here { update: update.seq.0 }),
            })
        };
        Ok(joined(parts.into_iter().filter_map(part)))
    }

    /// With how each part begins, as the text is now.
    fn with_text(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        mut parts: Vec<WrittenPart>,
    ) -> Result<Vec<WrittenPart>, WorkbenchError> {
        let text: Vec<u16> = self.text(id, path.clone())?.encode_utf16().collect();
        for part in &mut parts {
            let from = (part.at as usize).min(text.len());
            let to = (from + part.length as usize).min(text.len());
            let units = &text[from..to.min(from + EXCERPT)];
            part.text = String::from_utf16_lossy(units);
        }
        Ok(parts)
    }
}

/// What one author wrote side by side at about the same time, as one; its version is the later one.
fn joined(parts: impl Iterator<Item = WrittenPart>) -> Vec<WrittenPart> {
    let mut all: Vec<WrittenPart> = Vec::new();
    for part in parts {
        let near = |one: Option<UnixMs>, other: Option<UnixMs>| match (one, other) {
            (Some(one), Some(other)) => one.0.abs_diff(other.0) <= PAUSE_MS.unsigned_abs(),
            (one, other) => one == other,
        };
        match all.last_mut() {
            Some(last)
                if last.at + last.length == part.at
                    && last.writer == part.writer
                    && near(last.time, part.time) =>
            {
                last.length += part.length;
                if part.time >= last.time {
                    (last.time, last.version) = (part.time, part.version);
                }
            }
            _ => all.push(part),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_one_author_typed_are_one_part() {
        let part = |at, length, writer: &Writer, minutes: i64| WrittenPart {
            at,
            length,
            text: String::new(),
            writer: writer.clone(),
            time: Some(UnixMs(minutes * 60_000)),
            version: Some(TextVersion::Here { update: u64::from(at) + 1 }),
        };
        let bob = Writer::Person { name: "Bob".to_owned(), user: None };
        let parts = [
            part(0, 1, &Writer::Me, 3),
            part(1, 1, &Writer::Me, 1),
            part(2, 4, &bob, 1),
            part(6, 1, &bob, 60),
            // Something between them is not asked for.
            part(9, 1, &bob, 60),
        ];
        let found = joined(parts.into_iter());
        let found: Vec<_> = found.iter().map(|part| (part.at, part.length, part.version)).collect();
        let here = |update| Some(TextVersion::Here { update });
        assert_eq!(found, [(0, 2, here(1)), (2, 4, here(3)), (6, 1, here(7)), (9, 1, here(10))]);
    }
}
