//! Pages that follow the keystroke, on top of those of the last build: a thread for each open project hands
//! edits to the live document and tells which pages have changed. A window asks for those it shows; only
//! these become pictures. The next build's pages take their place.
//!
//! Where processes cannot be forked, pages follow the build.

#[cfg(target_os = "linux")]
mod bands;
mod contents;
#[cfg(target_os = "linux")]
mod glimpses;
#[cfg(target_os = "linux")]
mod pages;
mod places;
#[cfg(target_os = "linux")]
mod problems;
mod state;
#[cfg(target_os = "linux")]
mod thread;
#[cfg(not(target_os = "linux"))]
#[path = "none.rs"]
mod thread;

#[cfg(target_os = "linux")]
pub(crate) use pages::LivePages;
pub(crate) use places::LivePlaces;
pub use state::LiveState;
#[cfg(not(target_os = "linux"))]
pub(crate) use thread::LivePages;
pub(crate) use thread::{Live, PassSource};

use crate::{
    Event, Lines, PageBox, PictureRequest, Position, Workbench, WorkbenchError, desk::Desk,
    project::OpenProject, snapshot::ProjectSnapshot,
};
use quire_project::{ProjectId, ProjectPath};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use ts_rs::TS;

/// A page that differs from the one of the last build.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LivePageInfo {
    /// Counted from zero.
    pub page: u32,
    /// Part of the address of its picture.
    #[ts(type = "number")]
    pub version: u64,
    /// The last build may have had another page in its place, or none.
    pub size: PageBox,
    /// The page, counted from zero, that said most of what this one says when no run was under way last. None: no page
    /// near it did, or nothing is known of them.
    pub came_from: Option<u32>,
    /// What to put over a picture that the window has, in place of asking for all of this one: for each zoom.
    pub patches: Vec<PicturePatch>,
}

/// A page of a live document.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, TS)]
pub struct LivePageRef {
    /// Counted from zero.
    pub page: u32,
    /// As windows were told.
    #[ts(type = "number")]
    pub version: u64,
}

/// The part in which the picture of a page differs from that of an earlier version.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PicturePatch {
    /// The earlier version.
    #[ts(type = "number")]
    pub base: u64,
    /// Pixels to a PDF point, of both.
    pub scale: f32,
    /// Light text on a dark page, in both.
    pub dark_paper: bool,
    /// Pixels from the left edge.
    pub x: u32,
    /// Pixels from the upper edge.
    pub y: u32,
    /// Pixels to the right.
    pub width: u32,
    /// Pixels downwards.
    pub height: u32,
    /// Lossless WebP in Base64.
    pub webp: String,
}

/// What a live document is started with.
pub(crate) struct Start {
    pub(crate) id: ProjectId,
    pub(crate) root: ProjectPath,
    pub(crate) sources: Arc<ProjectSnapshot>,
    pub(crate) generated: Vec<(String, Vec<u8>)>,
    pub(crate) date_s: u64,
}

/// How it stands with the live document of a project.
#[derive(Default)]
pub(crate) enum Following {
    /// There was no build yet that it could go on with.
    #[default]
    Nothing,
    /// It is started when somebody is about to write: who only reads needs none.
    Ready(Start),
    /// It runs.
    Live(Live),
}

#[cfg(target_os = "linux")]
impl Following {
    /// Whether these are the pages of the live document, and not of one before it.
    fn is_of(&self, pages: &Arc<pages::LivePages>) -> bool {
        matches!(self, Self::Live(live) if Arc::ptr_eq(&live.pages(), pages))
    }
}

impl Following {
    /// Where lines are on the pages of the last run that came to its end, if it was of a later edit than this one.
    pub(crate) fn places_since(&self, revision: u64) -> Option<Arc<LivePlaces>> {
        let Self::Live(live) = self else { return None };
        live.pages().places().filter(|places| places.revision() > revision)
    }
}

impl OpenProject {
    fn is_live(&self) -> bool {
        matches!(self.following, Following::Live(_))
    }
}

impl Desk {
    /// A build has ended well: what it left is what pages are made with from now on.
    pub(crate) fn follow_build(&mut self, start: Start) {
        let Some(project) = self.open.get_mut(&start.id) else { return };
        if !project.live_state.can_follow() {
            return;
        }
        match &project.following {
            Following::Live(live) if *live.root() == start.root && live.is_of_day(start.date_s) => {
                live.take_generated(start.generated, start.sources.revision);
            }
            _ => {
                let id = start.id;
                let is_written = project.is_written;
                project.following = Following::Ready(start);
                if is_written {
                    self.follow_writing(id);
                } else {
                    self.live_is(id, LiveState::Live);
                }
            }
        }
    }

    /// Somebody is about to write: what takes a moment to start is started.
    fn follow_writing(&mut self, id: ProjectId) {
        if self.start_following(id) {
            self.tell_text(id);
        }
    }

    /// True when a live document was started that does not know the newest text.
    fn start_following(&mut self, id: ProjectId) -> bool {
        // Windows keep pictures by their version: not even another live document has one twice.
        let first_version = self.number() << 24;
        let Some(project) = self.open.get_mut(&id) else { return false };
        project.is_written = true;
        if let Following::Ready(_) = project.following
            && let Following::Ready(start) = std::mem::take(&mut project.following)
        {
            let since = project.revision != start.sources.revision;
            let (pdf, sender) = (self.pdf.clone(), self.sender.clone());
            let live = Live::start(start, first_version, &self.config, pdf, sender);
            let state = match &live {
                Some(_) => LiveState::Live,
                None => LiveState::CannotStart { reason: String::new() },
            };
            project.following = live.map_or(Following::Nothing, Following::Live);
            self.live_is(id, state);
            return since;
        }
        false
    }

    fn expect_writing(&mut self, id: ProjectId, path: ProjectPath, line: u32) {
        if !self.open.get(&id).is_some_and(OpenProject::is_live) {
            return;
        }
        // What is not text is not written in.
        let Ok((_, document)) = self.document(id, &path) else { return };
        let text = document.current();
        let start = Lines::new(&text).offset(Position { line, column: 1 });
        if let Some(Following::Live(live)) = self.open.get(&id).map(|project| &project.following) {
            live.expect_edit(path, start.0 as u64);
        }
    }

    /// Another engine is chosen: what another has made cannot be gone on with.
    pub(crate) fn follow_engine(&mut self, id: ProjectId) {
        let Some(project) = self.open.get_mut(&id) else { return };
        project.following = Following::Nothing;
        let state = LiveState::of_engine(&project.engine);
        self.live_is(id, state);
    }

    /// How it stands with live pages; windows hear of it when it is news.
    fn live_is(&mut self, id: ProjectId, state: LiveState) {
        let Some(project) = self.open.get_mut(&id) else { return };
        if project.live_state != state {
            project.live_state = state.clone();
            self.emit(&Event::LiveState { project: id, state });
        }
    }

    /// A text was edited: the page shall follow.
    pub(crate) fn follow_edit(&mut self, id: ProjectId) {
        self.start_following(id);
        self.tell_text(id);
    }

    /// The live document, if there is one, learns what the text is now.
    fn tell_text(&mut self, id: ProjectId) {
        if !self.open.get(&id).is_some_and(OpenProject::is_live) {
            return;
        }
        let Ok(sources) = self.snapshot(id) else { return };
        if let Some(Following::Live(live)) = self.open.get(&id).map(|project| &project.following) {
            live.edit(Arc::new(sources));
        }
    }
}

impl Workbench {
    /// Somebody is about to write in a line, counted from one: the pages shall follow from the first key.
    pub fn about_to_write(
        &self,
        id: ProjectId,
        path: ProjectPath,
        line: u32,
    ) -> Result<(), WorkbenchError> {
        self.ask(move |desk| {
            desk.follow_writing(id);
            desk.expect_writing(id, path, line);
        })
    }

    /// A page that has changed since the last build, of this version, as lossless WebP. Who only `glances` at it does
    /// not want the next version's at once.
    pub fn live_picture(
        &self,
        id: ProjectId,
        version: u64,
        request: PictureRequest,
        glances: bool,
    ) -> Result<Vec<u8>, WorkbenchError> {
        self.live_pages(id)?.picture(version, request, glances)
    }

    /// The pages of the live document.
    pub(crate) fn live_pages(&self, id: ProjectId) -> Result<Arc<LivePages>, WorkbenchError> {
        self.try_ask(move |desk| match &desk.project(id)?.following {
            Following::Live(live) => Ok(live.pages()),
            Following::Nothing | Following::Ready(_) => Err(WorkbenchError::NoPdf),
        })
    }
}
