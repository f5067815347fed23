//! The bytes of files: uploaded in parts that are taken up where they were cut, downloaded whole or in part.

use super::{
    Api,
    extract::{Asked, At, Body, Caller, Json},
    problem::{Kind, Problem, ProblemBody},
};
use crate::{
    blobs::BlobError,
    directory::{
        BlobHash, ProjectId, UploadId, files,
        uploads::{self, Begun},
    },
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::{io::AsyncReadExt, time::timeout};
use utoipa::{IntoParams, ToSchema};

/// At most so much of a file is read at once.
const CHUNK_BYTES: usize = 64 << 10;
/// Bytes that are not wanted are read all the same, so that who sends them hears it: so many, …
const MAX_UNREAD_BYTES: usize = 128 << 20;
/// … and for so long.
const UNREAD: Duration = Duration::from_secs(10);

/// Bytes that are to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUpload {
    /// Their SHA-256.
    hash: BlobHash,
    /// How many they are.
    size: u64,
}

/// How far an upload is.
#[derive(Serialize, ToSchema)]
pub(super) struct Progress {
    /// The upload; none when the project had the bytes already.
    id: Option<UploadId>,
    /// So many bytes have come: the next are to begin here.
    offset: u64,
    /// All have come, and are kept: files may hold them.
    is_complete: bool,
}

/// Begin to send what a file is to hold, or ask where to go on, as an editor
///
/// Asked again with the same hash, one is told how many bytes have come. An upload of which nothing is heard for a day is
/// given up.
#[utoipa::path(
    post,
    path = "/api/v1/projects/{project}/uploads",
    tag = "file",
    params(("project" = ProjectId, Path)),
    request_body = NewUpload,
    security(("token" = [])),
    responses(
        (status = 200, body = Progress),
        (status = 403, body = ProblemBody, description = "forbidden, or quota: the project is full"),
        (status = 413, body = ProblemBody, description = "too-large: more than one file may have")
    )
)]
pub(super) async fn begin(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Body(NewUpload { hash, size }): Body<NewUpload>,
) -> Result<Json<Progress>, Problem> {
    let max = api.config.limits.file_bytes;
    if max > 0 && size > max {
        let (size, max) = (uploads::in_words(size), uploads::in_words(max));
        let why = format!("the file has {size}, and this relay takes at most {max}");
        return Err(Problem::new(Kind::TooLarge, why));
    }
    let act = caller.act();
    // Who does not belong to the project learns nothing of how full it is.
    api.directory
        .read(move |conn| crate::directory::members::writable(conn, &act, project))
        .await?;
    let free = api.quotas.left_by_texts(project).await;
    let begun = api
        .directory
        .change(move |conn| uploads::begin(conn, &act, project, hash, size, free))
        .await?;
    let Begun::Upload(id) = begun else {
        return Ok(Json(Progress { id: None, offset: size, is_complete: true }));
    };
    api.quotas.files_changed(project).await;
    let offset = api.blobs.offset(id).await;
    if offset < size {
        return Ok(Json(Progress { id: Some(id), offset, is_complete: false }));
    }
    // Nothing is nothing to send; or all has come, and the relay ended before it could say so.
    complete(&api, &caller, project, id, hash).await?;
    Ok(Json(Progress { id: Some(id), offset, is_complete: true }))
}

/// Where bytes begin.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Begins {
    /// How many bytes come before these.
    offset: u64,
}

/// Send bytes of an upload: all that are left, or some of them
///
/// What has come is kept when the line is cut. With the last byte the hash is checked.
#[utoipa::path(
    patch,
    path = "/api/v1/projects/{project}/uploads/{upload}",
    tag = "file",
    params(("project" = ProjectId, Path), ("upload" = UploadId, Path), Begins),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("token" = [])),
    responses(
        (status = 200, body = Progress),
        (status = 404, body = ProblemBody, description = "there is no such upload any more: begin again"),
        (status = 409, body = ProblemBody, description = "conflict: not the bytes that come next; ask where to go on"),
        (status = 413, body = ProblemBody, description = "too-large: more than were announced"),
        (status = 422, body = ProblemBody, description = "invalid: not the bytes of the hash; begin again")
    )
)]
pub(super) async fn send(
    State(api): State<Api>,
    caller: Caller,
    At((project, id)): At<(ProjectId, UploadId)>,
    Asked(Begins { offset }): Asked<Begins>,
    request: Request,
) -> Result<Json<Progress>, Problem> {
    let act = caller.act();
    let mut bytes = request.into_body().into_data_stream();
    let found = api.directory.change(move |conn| uploads::find(conn, &act, project, id)).await;
    let received = match &found {
        Ok(upload) => api.blobs.receive(id, upload.size, offset, &mut bytes).await,
        Err(error) => Err(error.clone().into()),
    };
    if received.is_err() {
        // A line that is closed with bytes unread is reset, and the answer lost with it.
        let rest = async {
            let mut left = MAX_UNREAD_BYTES;
            while let Some(Ok(chunk)) = bytes.next().await
                && chunk.len() <= left
            {
                left -= chunk.len();
            }
        };
        // Who goes on for longer has himself to blame.
        let _ = timeout(UNREAD, rest).await;
    }
    let (upload, offset) = (found?, received?);
    let is_complete = offset == upload.size;
    if is_complete {
        complete(&api, &caller, project, id, upload.hash).await?;
    }
    Ok(Json(Progress { id: Some(id), offset, is_complete }))
}

async fn complete(
    api: &Api,
    caller: &Caller,
    project: ProjectId,
    id: UploadId,
    hash: BlobHash,
) -> Result<(), Problem> {
    let act = caller.act();
    let finish = api.directory.change(move |conn| uploads::finish(conn, &act, project, id));
    Ok(api.blobs.complete(id, hash, finish).await?)
}

/// What a file holds, or did: whole, or a part of it
///
/// `Range: bytes=FROM-TO` is understood with one range. Only bytes that the project has are found.
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/blobs/{hash}",
    tag = "file",
    params(("project" = ProjectId, Path), ("hash" = BlobHash, Path)),
    security(("token" = [])),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, content_type = "application/octet-stream", body = Vec<u8>, description = "the part that was asked for"),
        (status = 404, body = ProblemBody),
        (status = 416, body = ProblemBody, description = "range: it lies behind the end")
    )
)]
pub(super) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At((project, hash)): At<(ProjectId, BlobHash)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let act = caller.act();
    let size = api.directory.read(move |conn| files::blob(conn, &act, project, hash)).await?;
    let (status, from, to) = match wanted(&headers, size) {
        Wanted::All => (StatusCode::OK, 0, size),
        Wanted::Part(from, to) => (StatusCode::PARTIAL_CONTENT, from, to),
        Wanted::Nothing => {
            let why = format!("the file has {size} bytes: what is asked for lies behind");
            return Err(Problem::new(Kind::Range, why));
        }
    };
    let file = api.blobs.read(hash, from).await.map_err(BlobError::from)?;
    // What was promised comes, or the line is cut: the length is told before.
    let chunks = stream::unfold((file, to - from), async |(mut file, left)| {
        if left == 0 {
            return None;
        }
        let mut chunk = vec![0; CHUNK_BYTES.min(usize::try_from(left).unwrap_or(CHUNK_BYTES))];
        let read = match file.read(&mut chunk).await {
            Ok(0) => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
            Ok(count) => {
                chunk.truncate(count);
                Ok(Bytes::from(chunk))
            }
            Err(error) => Err(error),
        };
        let left = read.as_ref().map_or(0, |chunk| left - chunk.len() as u64);
        Some((read, (file, left)))
    });
    let mut response = (status, axum::body::Body::from_stream(chunks)).into_response();
    let headers = response.headers_mut();
    let mut put = |name, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_LENGTH, (to - from).to_string());
    put(header::ACCEPT_RANGES, "bytes".to_owned());
    put(header::ETAG, format!("\"{hash}\""));
    // Whoever has it may keep it: it never changes. A browser is not to run it.
    put(header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned());
    put(header::CONTENT_TYPE, "application/octet-stream".to_owned());
    put(header::CONTENT_DISPOSITION, "attachment".to_owned());
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    if status == StatusCode::PARTIAL_CONTENT {
        put(header::CONTENT_RANGE, format!("bytes {from}-{}/{size}", to - 1));
    }
    Ok(response)
}

/// Which bytes are asked for (RFC 9110, 14.2).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    /// From, and up to before.
    Part(u64, u64),
    Nothing,
}

pub(crate) fn wanted(headers: &HeaderMap, size: u64) -> Wanted {
    let said = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    // What is not understood is as if it were not said.
    let Some((from, to)) = said.and_then(|said| said.strip_prefix("bytes=")?.split_once('-'))
    else {
        return Wanted::All;
    };
    let part = match (from.trim().parse::<u64>(), to.trim().parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => (from, to.saturating_add(1).min(size)),
        (Ok(from), Err(_)) if to.trim().is_empty() => (from, size),
        (Err(_), Ok(last)) if from.trim().is_empty() => (size.saturating_sub(last), size),
        _ => return Wanted::All,
    };
    if part.0 < part.1 { Wanted::Part(part.0, part.1) } else { Wanted::Nothing }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        let kind = match error {
            BlobError::Directory(error) => return error.into(),
            BlobError::Offset(_) | BlobError::Superseded => Kind::Conflict,
            BlobError::TooMany => Kind::TooLarge,
            BlobError::WrongHash => Kind::Invalid,
            BlobError::Cut => Kind::Malformed,
            BlobError::DiskFull => Kind::DiskFull,
            BlobError::Disk(_) => Kind::Internal,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        let of = |range: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, range.parse().unwrap());
            wanted(&headers, 100)
        };
        assert_eq!(wanted(&HeaderMap::new(), 100), Wanted::All);
        assert_eq!(of("bytes=0-9"), Wanted::Part(0, 10));
        assert_eq!(of("bytes=90-"), Wanted::Part(90, 100));
        assert_eq!(of("bytes=90-1000"), Wanted::Part(90, 100));
        assert_eq!(of("bytes=-7"), Wanted::Part(93, 100));
        assert_eq!(of("bytes=-1000"), Wanted::Part(0, 100));
        assert_eq!(of("bytes=100-"), Wanted::Nothing);
        assert_eq!(of("bytes=-0"), Wanted::Nothing);
        for other in ["bytes=5-4", "lines=1-2", "bytes=1-2,4-5", "bytes=-", "bytes=a-b"] {
            assert_eq!(of(other), Wanted::All, "{other}");
        }
    }
}
