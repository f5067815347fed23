//! The past of a text as one list. Of a shared text the relay tells what was written since it was shared, with its
//! authors; what was before that, what is not there yet, and names that only the author sees, this program adds. When
//! the relay is not there, or does not tell, the list is what the program keeps. No stretch is in it twice.

use crate::{
    HistoryEntry, ShareRole, TextVersion, VersionName, Workbench, WorkbenchError, Writer,
    relay::past::{Past, TextThere, writer_there},
};
use quire_project::{DocumentId, ProjectId, ProjectPath, UnixMs};
use quire_relay_client::VersionInfo;
use quire_store::Seq;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// So many versions of the relay are told at once.
const AT_ONCE: usize = 100;

/// The past of a text, or a part of it, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    /// Versions.
    pub entries: Vec<TimelineEntry>,
    /// Who has told them.
    pub source: TimelineSource,
    /// There are older ones: what to ask with for them.
    pub older: Option<Older>,
}

/// Who tells the past of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum TimelineSource {
    /// This program: the project is not shared.
    Here,
    /// The relay, and this program what the relay does not have.
    Together,
    /// This program, because the relay does not tell.
    Away {
        /// Why, a sentence without capital and stop.
        why: String,
    },
}

/// Where a part of a list ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Older {
    /// The number of the last version of the relay.
    #[ts(type = "number")]
    pub number: u64,
    /// When it ended.
    pub ended: Option<UnixMs>,
}

/// A version of a text, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct TimelineEntry {
    /// The version: the text at its end.
    pub version: TextVersion,
    /// How many updates led to it from the one before; 0 of a version that only has a name.
    #[ts(type = "number")]
    pub changes: u64,
    /// When the first of them was made.
    pub began: Option<UnixMs>,
    /// When the last was.
    pub ended: Option<UnixMs>,
    /// Who wrote.
    pub writers: Vec<Writer>,
    /// Its names.
    pub names: Vec<VersionName>,
    /// What is special about it.
    pub mark: Option<EntryMark>,
}

/// What is special about a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum EntryMark {
    /// The text was made.
    Made,
    /// It came to the relay.
    Shared,
    /// The relay does not have it, or not its name.
    OnlyHere,
}

impl Workbench {
    /// The past of a text: its newest part, or one that is older.
    pub fn timeline(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        older: Option<Older>,
    ) -> Result<Timeline, WorkbenchError> {
        let why = match self.past(id, path, ShareRole::Editor)? {
            Past::Here => None,
            Past::Away(why) => Some(why),
            Past::There(there) => {
                let document = self.document_of(id, path)?;
                match self.timeline_with(document, &there, older) {
                    // What is here is better than nothing, when nothing is shown yet.
                    Err(WorkbenchError::Relay(error)) if older.is_none() => Some(error.to_string()),
                    told => return told,
                }
            }
        };
        let entries = self.history(id, path)?.into_iter().map(entry_here).collect();
        let source = why.map_or(TimelineSource::Here, |why| TimelineSource::Away { why });
        Ok(Timeline { entries, source, older: None })
    }

    fn timeline_with(
        &self,
        document: DocumentId,
        there: &TextThere,
        older: Option<Older>,
    ) -> Result<Timeline, WorkbenchError> {
        // One more tells how many updates led to the last.
        let before = older.map(|older| older.number);
        let mut versions = self.versions_there(there, before, AT_ONCE + 1)?;
        let is_last = versions.len() <= AT_ONCE;
        let below = versions.get(AT_ONCE).map_or(0, |version| version.number);
        versions.truncate(AT_ONCE);
        let newest = versions.first().and_then(|version| version.ended_at);
        let oldest = versions.last().map(|version| (version.number, version.ended_at));
        let first_began = versions.last().and_then(|version| version.began_at);

        let mut entries = Vec::new();
        let only_here = match older {
            None => self.only_here(document, there, newest)?,
            Some(_) => Vec::new(),
        };
        let known_to = only_here.last().map(|entry| Seq(entry.first - 1));
        entries.extend(
            only_here.into_iter().map(|entry| TimelineEntry {
                mark: Some(EntryMark::OnlyHere),
                ..entry_here(entry)
            }),
        );
        let on_page = |time: Option<UnixMs>| {
            let is_after = is_last || oldest.is_none_or(|(_, end)| time > end);
            is_after && older.is_none_or(|older| time <= older.ended)
        };
        let mut both = entries_there(versions, below, there.me());
        both.extend(
            self.named_here(document, there, known_to)?
                .into_iter()
                .filter(|entry| on_page(entry.ended)),
        );
        // Times are of two clocks; versions of the relay stay in its order, for theirs rise.
        both.sort_by_key(|entry| std::cmp::Reverse(entry.ended));
        entries.extend(both);
        if is_last {
            entries.extend(
                self.before_sharing(document, there, first_began)?.into_iter().map(entry_here),
            );
        }
        let older = oldest.filter(|_| !is_last).map(|(number, ended)| Older { number, ended });
        Ok(Timeline { entries, source: TimelineSource::Together, older })
    }

    /// What was written here and the relay does not have. `newest`: what it has last.
    fn only_here(
        &self,
        document: DocumentId,
        there: &TextThere,
        newest: Option<UnixMs>,
    ) -> Result<Vec<HistoryEntry>, WorkbenchError> {
        if there.has_all {
            return Ok(Vec::new());
        }
        let after = there.has_to.or(there.before).unwrap_or(Seq(0));
        let entries = self.entries(document, after, None, Some(there.me()))?;
        let is_only_here = |entry: &HistoryEntry| {
            entry.author == Writer::Me
                && (there.has_to.is_some() || newest.is_none_or(|newest| entry.ended > newest))
        };
        Ok(entries.into_iter().filter(is_only_here).collect())
    }

    /// What was written before the text was shared. `began`: when the first was that the relay has.
    fn before_sharing(
        &self,
        document: DocumentId,
        there: &TextThere,
        began: Option<UnixMs>,
    ) -> Result<Vec<HistoryEntry>, WorkbenchError> {
        let entries = self.entries(document, Seq(0), there.before, Some(there.me()))?;
        match there.before {
            Some(_) => Ok(entries),
            // Not told when it was shared: what ended before the relay's history begins.
            None => Ok(entries.into_iter().filter(|entry| Some(entry.ended) < began).collect()),
        }
    }

    /// Versions since sharing that were given a name which the relay does not have.
    fn named_here(
        &self,
        document: DocumentId,
        there: &TextThere,
        known_to: Option<Seq>,
    ) -> Result<Vec<TimelineEntry>, WorkbenchError> {
        let since = there.before.unwrap_or(Seq(0));
        Ok(self.store()?.read(|tx| {
            let versions = tx.versions(document)?.into_iter();
            let versions = versions.filter(|version| {
                version.seq > since && known_to.is_none_or(|known_to| version.seq <= known_to)
            });
            versions
                .map(|version| {
                    let ended = tx.time_of(document, version.seq)?;
                    Ok(TimelineEntry {
                        version: TextVersion::Here { update: version.seq.0 },
                        changes: 0,
                        began: ended,
                        ended,
                        writers: Vec::new(),
                        names: vec![VersionName {
                            name: version.name,
                            of_project: version.of_project,
                        }],
                        mark: Some(EntryMark::OnlyHere),
                    })
                })
                .collect()
        })?)
    }
}

fn entry_here(entry: HistoryEntry) -> TimelineEntry {
    let is_made = (entry.first, entry.last) == (1, 1);
    TimelineEntry {
        version: TextVersion::Here { update: entry.last },
        changes: entry.last - entry.first + 1,
        began: Some(entry.began),
        ended: Some(entry.ended),
        writers: vec![entry.author],
        names: entry.names,
        mark: is_made.then_some(EntryMark::Made),
    }
}

/// `below`: the number of the version before the last of these; 0 when there is none.
fn entries_there(versions: Vec<VersionInfo>, below: u64, me: &str) -> Vec<TimelineEntry> {
    let numbers: Vec<u64> = versions.iter().map(|version| version.number).collect();
    let below = numbers.into_iter().skip(1).chain([below]);
    let entry = |(version, below): (VersionInfo, u64)| {
        let given = |name, of_project| VersionName { name, of_project };
        let own = version.name.into_iter().map(|name| given(name, false));
        let of_project = version.project_names.into_iter().map(|name| given(name, true));
        TimelineEntry {
            version: TextVersion::Relay { number: version.number },
            changes: version.number.saturating_sub(below),
            began: version.began_at,
            ended: version.ended_at,
            writers: version.authors.into_iter().map(|author| writer_there(author, me)).collect(),
            names: own.chain(of_project).collect(),
            mark: (below == 0).then_some(EntryMark::Shared),
        }
    };
    versions.into_iter().zip(below).map(entry).collect()
}
