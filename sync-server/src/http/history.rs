//! The history of a text: what was written when and by whom, and what changed between two versions.
//! For editors: in a history is what was removed, and whoever may only read was not given that to read.

use super::{
    Api,
    extract::{Asked, At, Caller, Json},
    problem::{Kind, Problem, ProblemBody},
};
use crate::{
    archive::{Archive, ArchiveError, Entry, Log},
    directory::{DocumentId, ProjectId, Timestamp, UserId, documents, members::Role, users},
};
use axum::extract::State;
use quire_collab::{Replica, changes_between, history};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};

/// What is written with shorter pauses, in seconds, is one version, …
const PAUSE: i64 = 5 * 60;
/// … unless it goes on for longer than this.
const LENGTH: i64 = 30 * 60;
const MAX_VERSIONS: usize = 500;

/// Somebody who wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Author {
    user: UserId,
    /// What others see; none when the account is gone.
    name: Option<String>,
}

/// A version of a text: it as it was after some writing.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Version {
    /// Counts the updates of the text.
    number: u64,
    /// When the writing began that led to it; none for what is older than the history.
    began_at: Option<Timestamp>,
    /// When it ended.
    ended_at: Option<Timestamp>,
    /// Who wrote.
    authors: Vec<Author>,
    /// Its name, if it was given one.
    name: Option<String>,
    /// Names that all texts of the project were given at once, when this was the version of this one.
    project_names: Vec<String>,
}

/// Which part of a history.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Versions before this number; the newest, if it is not said.
    #[serde(default)]
    before: Option<u64>,
    /// At most so many, and at most 500.
    #[serde(default = "hundred")]
    count: usize,
    /// Only those that have a name.
    #[serde(default)]
    named: bool,
}

fn hundred() -> usize {
    100
}

/// The versions of a text, the newest first, as an editor
///
/// What was written with pauses of less than five minutes is one version; one that has a name stands for itself.
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/documents/{document}/history",
    tag = "history",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path), Page),
    security(("token" = [])),
    responses((status = 200, body = [Version]), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    At((project, document)): At<(ProjectId, DocumentId)>,
    Asked(page): Asked<Page>,
) -> Result<Json<Vec<Version>>, Problem> {
    may(&api, &caller, project, document, Role::Editor).await?;
    let entries = read(&api, document, |archive, name| archive.history(name)).await?;
    let (before, count) = (page.before.unwrap_or(u64::MAX), page.count.min(MAX_VERSIONS));
    let groups: Vec<Vec<Entry>> = versions(entries)
        .into_iter()
        .rev()
        .filter(|group| group.last().is_some_and(|last| last.last < before))
        .filter(|group| !page.named || group.last().is_some_and(Entry::is_named))
        .take(count)
        .collect();
    let names = names(&api, groups.iter().flatten()).await?;
    let version = |group: Vec<Entry>| {
        let users: BTreeSet<UserId> = group.iter().filter_map(author).collect();
        let last = group.last()?;
        Some(Version {
            number: last.last,
            began_at: group.first()?.began_at,
            ended_at: last.ended_at,
            authors: users.into_iter().map(|user| known(&names, user)).collect(),
            name: last.name.clone(),
            project_names: last.project_names.clone(),
        })
    };
    Ok(Json(groups.into_iter().filter_map(version).collect()))
}

/// Entries that are one version to a reader, the oldest first.
fn versions(entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut groups: Vec<Vec<Entry>> = Vec::new();
    for entry in entries {
        let goes_on = groups.last().is_some_and(|group| {
            let (Some(first), Some(last)) = (group.first(), group.last()) else { return false };
            let since = |then: Option<Timestamp>, now: Option<Timestamp>| {
                Some(now?.0.saturating_sub(then?.0))
            };
            !last.is_named()
                && since(last.ended_at, entry.began_at).is_some_and(|pause| pause < PAUSE)
                && since(first.began_at, entry.ended_at).is_some_and(|length| length < LENGTH)
        });
        match groups.last_mut() {
            Some(group) if goes_on => group.push(entry),
            _ => groups.push(vec![entry]),
        }
    }
    groups
}

/// A text as it was.
#[derive(Serialize, ToSchema)]
pub(super) struct TextThen {
    /// The version; a later one when that which was asked for has become part of it.
    number: u64,
    ended_at: Option<Timestamp>,
    name: Option<String>,
    pub(super) text: String,
}

/// A text as it was, as an editor
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}",
    tag = "history",
    params(
        ("project" = ProjectId, Path),
        ("document" = DocumentId, Path),
        ("number" = String, Path, description = "of a version, or `latest`")
    ),
    security(("token" = [])),
    responses((status = 200, body = TextThen), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn text(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, Number)>,
) -> Result<Json<TextThen>, Problem> {
    may(&api, &caller, project, document, Role::Editor).await?;
    Ok(Json(text_at(&api, document, number).await?))
}

/// The number of a version, or the latest.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Number(pub(super) Option<u64>);

impl TryFrom<String> for Number {
    type Error = std::num::ParseIntError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "latest" {
            Ok(Self(None))
        } else {
            text.parse().map(|number| Self(Some(number)))
        }
    }
}

pub(super) async fn text_at(
    api: &Api,
    document: DocumentId,
    number: Number,
) -> Result<TextThen, Problem> {
    read(api, document, move |archive, name| {
        let Some(log) = log_of(archive, name, number)? else { return Ok(None) };
        let last = log.last().map(|(entry, _)| entry.clone());
        let replica = replica(name, log.iter().map(|(_, update)| &**update))?;
        let text = replica.text("text");
        Ok(last.map(|last| TextThen {
            number: last.last,
            ended_at: last.ended_at,
            name: last.name,
            text,
        }))
    })
    .await?
    .ok_or_else(no_version)
}

fn log_of(archive: &Archive, name: &str, number: Number) -> Result<Option<Log>, ArchiveError> {
    let number = match number.0 {
        Some(number) => number,
        None => archive.last_number(name)?,
    };
    archive.version(name, number)
}

fn replica<'u>(
    name: &str,
    updates: impl Iterator<Item = &'u [u8]>,
) -> Result<Replica, ArchiveError> {
    Replica::open(updates).map_err(|error| ArchiveError::Damaged {
        document: name.to_owned(),
        what: error.to_string(),
    })
}

/// From which version.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Since {
    /// The number of the other version; 0 is the empty text.
    since: u64,
}

/// Text in the place of other text.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Replaced {
    /// Where, in UTF-16 code units of the text before.
    pub(crate) at: u32,
    pub(crate) removed: String,
    pub(crate) inserted: String,
}

/// What changed between two versions.
#[derive(Serialize, ToSchema)]
pub(super) struct Changes {
    since: u64,
    number: u64,
    /// In ascending order.
    changes: Vec<Replaced>,
}

/// What changed between two versions, whichever is the later, as an editor
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}/changes",
    tag = "history",
    params(
        ("project" = ProjectId, Path),
        ("document" = DocumentId, Path),
        ("number" = String, Path, description = "of a version, or `latest`"),
        Since
    ),
    security(("token" = [])),
    responses((status = 200, body = Changes), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn changes(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, Number)>,
    Asked(Since { since }): Asked<Since>,
) -> Result<Json<Changes>, Problem> {
    may(&api, &caller, project, document, Role::Editor).await?;
    let (since, old) = if since == 0 {
        (0, String::new())
    } else {
        let then = text_at(&api, document, Number(Some(since))).await?;
        (then.number, then.text)
    };
    let now = text_at(&api, document, number).await?;
    let number = now.number;
    let changes = tokio::task::spawn_blocking(move || replaced(&old, &now.text)).await;
    let changes = changes.map_err(|error| Problem::new(Kind::Internal, error.to_string()))?;
    Ok(Json(Changes { since, number, changes }))
}

pub(crate) fn replaced(old: &str, new: &str) -> Vec<Replaced> {
    let units: Vec<u16> = old.encode_utf16().collect();
    let removed =
        |at: u32, count: u32| String::from_utf16_lossy(&units[at as usize..(at + count) as usize]);
    changes_between(old, new)
        .into_iter()
        .map(|change| Replaced {
            at: change.at,
            removed: removed(change.at, change.removed),
            inserted: change.inserted,
        })
        .collect()
}

/// Which part of a text.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// In UTF-16 code units; from its beginning, if it is not said, …
    #[serde(default)]
    from: u32,
    /// … to its end.
    #[serde(default = "end")]
    to: u32,
}

fn end() -> u32 {
    u32::MAX
}

/// Part of a text, and who wrote it.
#[derive(Serialize, ToSchema)]
pub(super) struct Written {
    /// Where it begins, in UTF-16 code units.
    at: u32,
    /// How long it is.
    length: u32,
    /// Who; none for what is older than the history.
    author: Option<Author>,
    /// When.
    written_at: Option<Timestamp>,
    /// In which version.
    number: u64,
}

/// Who wrote which part of a text, and when
///
/// Editors ask it of any version, others of the latest: what is there they can read.
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}/authors",
    tag = "history",
    params(
        ("project" = ProjectId, Path),
        ("document" = DocumentId, Path),
        ("number" = String, Path, description = "of a version, or `latest`"),
        Range
    ),
    security(("token" = [])),
    responses((status = 200, body = [Written]), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn authors(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, Number)>,
    Asked(range): Asked<Range>,
) -> Result<Json<Vec<Written>>, Problem> {
    let least = if number.0.is_none() { Role::Viewer } else { Role::Editor };
    may(&api, &caller, project, document, least).await?;
    let found = read(&api, document, move |archive, name| {
        let Some(log) = log_of(archive, name, number)? else { return Ok(Vec::new()) };
        let parts = history::brought(log.iter().map(|(_, update)| &**update));
        let parts = parts.map_err(|error| ArchiveError::Damaged {
            document: name.to_owned(),
            what: error.to_string(),
        })?;
        let entries = parts.into_iter().map(|part| (part, log[part.by].0.clone()));
        Ok(entries.collect::<Vec<_>>())
    })
    .await?;
    let names = names(&api, found.iter().map(|(_, entry)| entry)).await?;
    let within = found.into_iter().filter_map(|(part, entry)| {
        let (from, to) = (part.at.max(range.from), (part.at + part.length).min(range.to));
        (from < to).then(|| Written {
            at: from,
            length: to - from,
            author: author(&entry).map(|user| known(&names, user)),
            written_at: entry.ended_at,
            number: entry.last,
        })
    });
    Ok(Json(within.collect()))
}

pub(super) async fn may(
    api: &Api,
    caller: &Caller,
    project: ProjectId,
    document: DocumentId,
    least: Role,
) -> Result<(), Problem> {
    let act = caller.act();
    let allowed = move |conn: &_| documents::text_of(conn, &act, project, document, least);
    Ok(api.directory.read(allowed).await?)
}

/// Something of the archive, on a thread that may block.
pub(super) async fn read<T: Send + 'static>(
    api: &Api,
    document: DocumentId,
    look_up: impl FnOnce(&Archive, &str) -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, Problem> {
    let archive = api.rooms.archive();
    let name = document.to_string();
    let read = tokio::task::spawn_blocking(move || look_up(&archive, &name)).await;
    let fault = |error: String| Problem::new(Kind::Internal, error);
    read.map_err(|error| fault(error.to_string()))?.map_err(|error| fault(error.to_string()))
}

pub(super) fn no_version() -> Problem {
    Problem::new(Kind::NotFound, "there is no such version of this text")
}

fn author(entry: &Entry) -> Option<UserId> {
    entry.author.as_deref()?.parse().ok()
}

async fn names<'e>(
    api: &Api,
    entries: impl Iterator<Item = &'e Entry>,
) -> Result<BTreeMap<UserId, String>, Problem> {
    let users: BTreeSet<UserId> = entries.filter_map(author).collect();
    Ok(api.directory.read(move |conn| users::names(conn, &users)).await?)
}

fn known(names: &BTreeMap<UserId, String>, user: UserId) -> Author {
    Author { user, name: names.get(&user).cloned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(last: u64, began: i64, ended: i64, name: Option<&str>) -> Entry {
        let at = |seconds| Some(Timestamp(seconds));
        let name = name.map(str::to_owned);
        let (author, project_names) = (None, Vec::new());
        let (began_at, ended_at) = (at(began), at(ended));
        Entry { first: last, last, author, began_at, ended_at, name, project_names }
    }

    #[test]
    fn a_pause_a_name_and_a_long_time_end_a_version() {
        let entries = vec![
            entry(1, 0, 10, None),
            entry(2, 20, 30, None),
            entry(3, 400, 410, None),
            entry(4, 420, 430, Some("sent in")),
            entry(5, 440, 450, None),
            entry(6, 700, 2250, None),
        ];
        let last = |group: &Vec<Entry>| group.last().unwrap().last;
        assert_eq!(versions(entries).iter().map(last).collect::<Vec<_>>(), [2, 4, 5, 6]);
    }

    #[test]
    fn what_was_removed_is_told_with_where_it_was() {
        let found = replaced("one 𝛂 three\n", "one two three\nfour\n");
        let expected = [(4, "𝛂", "two"), (13, "", "four\n")];
        assert_eq!(found.len(), 2, "{found:?}");
        for (found, (at, removed, inserted)) in found.iter().zip(expected) {
            assert_eq!((found.at, &*found.removed, &*found.inserted), (at, removed, inserted));
        }
    }
}
