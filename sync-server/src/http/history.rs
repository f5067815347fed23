//! The history of a text: what was written when and by whom, what changed between two versions, and back to one of them.
//! For editors: in a history is what was removed, and whoever may only read was not given that to read.

use super::{
    Api,
    extract::{Asked, At, Body, Caller, Json},
    problem::{Kind, Problem, ProblemBody},
};
use crate::{
    archive::{Archive, ArchiveError, Entry, Log},
    directory::{
        DocumentId, ProjectId, Timestamp, UserId, documents, members::Role, standing, users,
    },
    ids::random,
    room::{JoinError, Said, Seat},
};
use axum::{extract::State, http::StatusCode};
use quire_collab::{
    ClientId, RelayLine, Replica, TextDocument, changes_between, history,
    room::{Access, Identity},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

/// What is written with shorter pauses, in seconds, is one version, …
const PAUSE: i64 = 5 * 60;
/// … unless it goes on for longer than this.
const LENGTH: i64 = 30 * 60;
const MAX_VERSIONS: usize = 500;
/// How long it may take until a text is as it was.
const PATIENCE: Duration = Duration::from_secs(30);

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
        .filter(|group| !page.named || group.last().is_some_and(|last| last.name.is_some()))
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
            last.name.is_none()
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
    text: String,
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
pub(super) struct Number(Option<u64>);

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

async fn text_at(api: &Api, document: DocumentId, number: Number) -> Result<TextThen, Problem> {
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
pub(super) struct Replaced {
    /// Where, in UTF-16 code units of the text before.
    at: u32,
    removed: String,
    inserted: String,
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

fn replaced(old: &str, new: &str) -> Vec<Replaced> {
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

/// What a version is to be called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    name: String,
}

/// Give a version a name, as an editor; it is kept as it is from now on
#[utoipa::path(
    put,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}/name",
    tag = "history",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path), ("number" = u64, Path)),
    request_body = Name,
    security(("token" = [])),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "there is none of this number any more: look at the list again")
    )
)]
pub(super) async fn name(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, u64)>,
    Body(Name { name }): Body<Name>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    let name = api
        .directory
        .read(move |conn| documents::version_name(conn, &act, project, document, &name))
        .await?;
    set_name(&api, &caller, project, document, number, Some(name)).await
}

/// Take a version's name, as an editor
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}/name",
    tag = "history",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path), ("number" = u64, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn unname(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, u64)>,
) -> Result<StatusCode, Problem> {
    may(&api, &caller, project, document, Role::Editor).await?;
    set_name(&api, &caller, project, document, number, None).await
}

async fn set_name(
    api: &Api,
    caller: &Caller,
    project: ProjectId,
    document: DocumentId,
    number: u64,
    name: Option<String>,
) -> Result<StatusCode, Problem> {
    let wanted = name.clone();
    let is_there =
        read(api, document, move |archive, of| archive.name_version(of, number, wanted.as_deref()));
    if !is_there.await? {
        return Err(no_version());
    }
    let act = caller.act();
    let told =
        move |conn: &_| documents::named(conn, &act, project, document, number, name.as_deref());
    api.directory.change(told).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub(super) struct Restored {
    /// Something was changed: the text was another.
    is_changed: bool,
}

/// Make a text what it was, as an editor
///
/// It is a change like any other: nothing of what was written since is lost from the history, and what others write at
/// the same time keeps its place. It is on the disk when this is answered.
#[utoipa::path(
    post,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}/restore",
    tag = "history",
    params(
        ("project" = ProjectId, Path),
        ("document" = DocumentId, Path),
        ("number" = u64, Path)
    ),
    security(("token" = [])),
    responses((status = 200, body = Restored), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn restore(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, u64)>,
) -> Result<Json<Restored>, Problem> {
    may(&api, &caller, project, document, Role::Editor).await?;
    let (user, by, now) = (caller.user.id, caller.by, caller.act().at);
    let standing =
        api.directory.read(move |conn| standing::of(conn, user, by, document, now)).await?;
    if let Access::Read(why) = standing.access {
        return Err(Problem::new(Kind::Forbidden, why.to_string()));
    }
    let then = text_at(&api, document, Number(Some(number))).await?;
    let identity = Identity { id: user.to_string(), name: standing.name };
    let seat = api.rooms.join(&document.to_string(), standing.access, &identity).await;
    let seat = seat.map_err(|error| match error {
        JoinError::NotLoaded(_) => Problem::new(Kind::Internal, error.to_string()),
        _ => Problem::wait(Kind::Busy, error.to_string(), Duration::from_secs(5)),
    })?;
    let written = timeout(PATIENCE, write(seat, then.text)).await;
    let slow = || Problem::wait(Kind::Busy, "the relay is busy", Duration::from_secs(5));
    let is_changed = written.map_err(|_| slow())??;
    let act = caller.act();
    api.directory
        .change(move |conn| documents::restored(conn, &act, project, document, number))
        .await?;
    Ok(Json(Restored { is_changed }))
}

/// As an author's program would: it reads the text, changes it, and waits until that is on the disk.
async fn write(mut seat: Seat, text: String) -> Result<bool, Problem> {
    let busy = || Problem::wait(Kind::Busy, "the text could not be saved", Duration::from_secs(5));
    let mut document = TextDocument::new(ClientId::from_random(u64::from_le_bytes(random())));
    let mut line = RelayLine::new(u64::from_le_bytes(random()));
    let (speaker, said) = seat.parts();
    speaker.receive(line.connected(&document)).await;
    let (mut text, mut is_changed) = (Some(text), false);
    loop {
        let Some(Said::Frame(frame)) = said.recv().await else { return Err(busy()) };
        speaker.written(frame.len());
        let received = line.receive(&mut document, &frame).map_err(|_| busy())?;
        if let Some(why) = received.denied {
            return Err(Problem::new(Kind::Forbidden, why));
        }
        for frame in received.frames {
            speaker.receive(frame).await;
        }
        // The first update is the answer to what we asked: the text as it is.
        if line.is_open()
            && !received.applied.is_empty()
            && let Some(text) = text.take()
        {
            let (update, changes) = document.merge(&text).map_err(|_| busy())?;
            is_changed = !changes.is_empty();
            if is_changed && let Some(frame) = line.edited(&update) {
                speaker.receive(frame).await;
            }
        }
        if text.is_none() && line.is_saved() {
            return Ok(is_changed);
        }
    }
}

/// Forget the history of a text, with its named versions, as the owner of the project
///
/// The text stays as it is. A project that is full has room again; who wrote what so far is not known any more.
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/documents/{document}/history",
    tag = "history",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn forget(
    State(api): State<Api>,
    caller: Caller,
    At((project, document)): At<(ProjectId, DocumentId)>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory
        .change(move |conn| documents::forgot_history(conn, &act, project, document))
        .await?;
    read(&api, document, |archive, name| archive.forget_history(name)).await?;
    api.quotas.recount(project).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn may(
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
async fn read<T: Send + 'static>(
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

fn no_version() -> Problem {
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
        Entry { first: last, last, author: None, began_at: at(began), ended_at: at(ended), name }
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
