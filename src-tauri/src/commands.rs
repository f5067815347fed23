//! What windows call. Typed commands go through `quire-ipc`; frames of documents are bytes in Base64.

use crate::{
    print,
    start::{self, Start},
    windows,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use quire_ipc::{Command, UserError};
use quire_project::{ProjectId, ProjectPath};
use quire_workbench::{Attached, Event, Outbox, PeerId, Workbench, WorkbenchError};
use serde::Serialize;
use std::sync::PoisonError;
use tauri::{
    AppHandle, State, WebviewWindow,
    async_runtime::spawn_blocking,
    ipc::{Channel, InvokeResponseBody, Response},
};

type Answer<T> = Result<T, UserError>;

/// Do what may take a while where no window waits for it.
async fn aside<T: Send + 'static, E: Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Answer<T>
where
    UserError: From<E>,
{
    Ok(spawn_blocking(work).await.map_err(|_| WorkbenchError::Closed)??)
}

/// A typed command.
#[tauri::command]
pub(crate) async fn call(workbench: State<'_, Workbench>, command: Command) -> Answer<Response> {
    let workbench = workbench.inner().clone();
    let value = aside(move || quire_ipc::run(&workbench, command)).await?;
    Ok(Response::new(value.to_string()))
}

/// What a window should know at its start.
#[derive(Serialize)]
pub(crate) struct Startup {
    version: &'static str,
    open: Vec<String>,
    repaired: Option<String>,
    /// The name that the system has for its user.
    user: String,
    missing: Vec<String>,
}

#[tauri::command]
pub(crate) fn startup(start: State<'_, Start>, workbench: State<'_, Workbench>) -> Startup {
    let mut open = start.open.lock().unwrap_or_else(PoisonError::into_inner);
    Startup {
        version: env!("CARGO_PKG_VERSION"),
        open: std::mem::take(&mut open),
        repaired: start.repaired.clone(),
        user: workbench.config().author.clone(),
        missing: start.missing.clone(),
    }
}

/// Be told of events.
#[tauri::command]
pub(crate) async fn subscribe(
    workbench: State<'_, Workbench>,
    events: Channel<Event>,
) -> Answer<()> {
    let workbench = workbench.inner().clone();
    aside(move || workbench.listen(move |event| events.send(event.clone()).is_ok())).await
}

/// Become a peer of a document; frames come through the channel, ours first.
#[tauri::command]
pub(crate) async fn attach(
    workbench: State<'_, Workbench>,
    project: ProjectId,
    path: ProjectPath,
    frames: Channel<InvokeResponseBody>,
) -> Answer<u64> {
    let workbench = workbench.inner().clone();
    aside(move || join(frames, |outbox| workbench.attach(project, path, outbox))).await
}

/// Become a peer of a project's discussion, as `attach` does of a text.
#[tauri::command]
pub(crate) async fn attach_discussion(
    workbench: State<'_, Workbench>,
    project: ProjectId,
    frames: Channel<InvokeResponseBody>,
) -> Answer<u64> {
    let workbench = workbench.inner().clone();
    aside(move || join(frames, |outbox| workbench.attach_discussion(project, outbox))).await
}

/// Attach the window that gave this channel, and greet it.
fn join(
    frames: Channel<InvokeResponseBody>,
    attach: impl FnOnce(Outbox) -> Result<Attached, WorkbenchError>,
) -> Result<u64, WorkbenchError> {
    let to_window = frames.clone();
    let outbox = move |frame: Vec<u8>| to_window.send(InvokeResponseBody::Raw(frame)).is_ok();
    let attached = attach(Box::new(outbox))?;
    // A window that is gone hears nothing.
    let _ = frames.send(InvokeResponseBody::Raw(attached.hello));
    Ok(attached.peer.0)
}

/// A frame from a peer, in Base64. Not `async`: frames arrive here in the order in which the window sends them, and
/// are only handed on.
#[tauri::command]
pub(crate) fn frame(workbench: State<'_, Workbench>, peer: u64, frame: &str) -> Answer<()> {
    let frame = BASE64_STANDARD.decode(frame).map_err(|_| WorkbenchError::NoPeer)?;
    workbench.post(PeerId(peer), frame);
    Ok(())
}

/// A peer goes.
#[tauri::command]
pub(crate) async fn detach(workbench: State<'_, Workbench>, peer: u64) -> Answer<()> {
    let workbench = workbench.inner().clone();
    aside(move || workbench.detach(PeerId(peer))).await
}

/// Show pages in a window of their own.
#[tauri::command]
pub(crate) async fn open_preview(app: AppHandle, project: ProjectId, title: String) -> Answer<()> {
    windows::open_preview(&app, project, &title).map_err(|_| WorkbenchError::Closed.into())
}

/// Open one more window on a project.
#[tauri::command]
pub(crate) async fn open_window(app: AppHandle, project: ProjectId) -> Answer<()> {
    windows::open_another(&app, project).map_err(|_| WorkbenchError::Closed.into())
}

/// Print the pages.
#[tauri::command]
pub(crate) async fn print_pages(
    app: AppHandle,
    window: WebviewWindow,
    workbench: State<'_, Workbench>,
    project: ProjectId,
    title: String,
) -> Answer<()> {
    let workbench = workbench.inner().clone();
    aside(move || print::print(&app, &window, &workbench, project, title)).await
}

/// A project on disk, and what in it was asked for.
#[derive(Serialize)]
pub(crate) struct OpenedPlace {
    project: ProjectId,
    file: Option<ProjectPath>,
}

/// Open the project that a file or folder belongs to.
#[tauri::command]
pub(crate) async fn open_place(
    workbench: State<'_, Workbench>,
    place: String,
) -> Answer<OpenedPlace> {
    let workbench = workbench.inner().clone();
    let open = move || workbench.link_place(place.as_ref(), &start::surroundings());
    let (project, file) = aside(open).await?;
    Ok(OpenedPlace { project, file })
}
