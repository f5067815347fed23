//! Files that are no texts: their names, and the bytes they hold. Bytes go up in parts, each of which is kept when the
//! line is cut, and come down in order, from any of them on.

use crate::{Account, At, FileInfo, RelayError, account::is_stale};
use bytes::Bytes;
use quire_project::{ContentHash, FileId, ProjectId};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// So many bytes are sent at a time: what a slow line takes in some seconds.
pub const PART_BYTES: usize = 1 << 20;
/// A line over which nothing comes for so long is dead.
const SILENCE: Duration = Duration::from_secs(45);

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sent {
    /// The upload; none when the project has the bytes already.
    pub id: Option<String>,
    /// So many bytes are there: the next begin here.
    pub offset: u64,
    /// The project has all of them, and they have the right hash.
    pub is_complete: bool,
}

/// Bytes that are coming.
pub struct ComingBytes {
    response: reqwest::Response,
    relay: String,
}

impl Account {
    /// The project's files that are no texts, by path.
    pub async fn files(&self, id: ProjectId) -> Result<Vec<FileInfo>, RelayError> {
        self.ask(Method::GET, &format!("/projects/{id}/files"), None).await
    }

    /// Add a file, move it, let it hold something else, or bring it back. With `replaces`, what it holds as far as we
    /// know, nothing is done when somebody else was quicker.
    pub async fn put_file(
        &self,
        id: ProjectId,
        file: FileId,
        at: &At,
        replaces: Option<ContentHash>,
    ) -> Result<FileInfo, RelayError> {
        let hash = |hash: Option<ContentHash>| hash.map(|hash| hash.to_string());
        let body = json!({ "path": at.path, "hash": hash(at.holds), "replaces": hash(replaces) });
        self.ask(Method::PUT, &format!("/projects/{id}/files/{file}"), Some(body)).await
    }

    /// Remove a file.
    pub async fn delete_file(&self, id: ProjectId, file: FileId) -> Result<(), RelayError> {
        self.ask(Method::DELETE, &format!("/projects/{id}/files/{file}"), None).await
    }

    /// Begin to send bytes, or find out where to go on.
    pub async fn begin_upload(
        &self,
        id: ProjectId,
        hash: ContentHash,
        size: u64,
    ) -> Result<Sent, RelayError> {
        let body = json!({ "hash": hash.to_string(), "size": size });
        self.ask(Method::POST, &format!("/projects/{id}/uploads"), Some(body)).await
    }

    /// Send the bytes from `offset` on.
    pub async fn send_part(
        &self,
        id: ProjectId,
        upload: &str,
        offset: u64,
        bytes: Bytes,
    ) -> Result<Sent, RelayError> {
        let path = format!("/projects/{id}/uploads/{upload}?offset={offset}");
        let (token, _) = self.access().await?;
        let answer = self.http().send(&path, &token, bytes.clone()).await;
        if !answer.as_ref().is_err_and(is_stale) {
            return answer;
        }
        self.http().send(&path, &self.another(&token).await?, bytes).await
    }

    /// Ask for what a file holds, or held, from `from` on.
    pub async fn read_blob(
        &self,
        id: ProjectId,
        hash: ContentHash,
        from: u64,
    ) -> Result<ComingBytes, RelayError> {
        let path = format!("/projects/{id}/blobs/{hash}");
        let (token, _) = self.access().await?;
        let mut answer = self.http().read(&path, &token, from).await;
        if answer.as_ref().is_err_and(is_stale) {
            answer = self.http().read(&path, &self.another(&token).await?, from).await;
        }
        Ok(ComingBytes { response: answer?, relay: self.signed_in().relay.name().to_owned() })
    }
}

impl ComingBytes {
    /// The next bytes; `None` at the end, which may come too early.
    pub async fn next(&mut self) -> Result<Option<Bytes>, RelayError> {
        let unreachable = |why: String| RelayError::Unreachable { relay: self.relay.clone(), why };
        match timeout(SILENCE, self.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(unreachable(crate::http::reason(&error))),
            Err(_) => Err(unreachable("it does not go on".to_owned())),
        }
    }
}
