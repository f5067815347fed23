//! Clearing what the builds of a project have left: caches of all its documents and engines, and the folder in which
//! TeX Live builds. The pages that are shown stay.

use crate::{Workbench, WorkbenchError};
use quire_compile::{
    build::{EngineChoice, clear, clear_all},
    cache::{CacheError, CacheKey},
};
use quire_project::{ProjectId, ProjectPath};
use serde::Serialize;
use ts_rs::TS;

/// What was cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Cleared {
    /// How much it was.
    #[ts(type = "number")]
    pub bytes: u64,
}

impl Workbench {
    /// Clear what builds of a project left, so that the next begins from nothing. Not while one runs.
    pub fn clear_builds(&self, id: ProjectId) -> Result<Cleared, WorkbenchError> {
        let (open, places) = self.ask(move |desk| {
            let open = desk.open.get(&id).map(|project| {
                let files: Vec<ProjectPath> = project.files.keys().cloned().collect();
                (files, project.builds.running.is_some())
            });
            (open, desk.tex_live.folder().to_owned())
        })?;
        let files = match open {
            Some((_, true)) => return Err(WorkbenchError::BuildRuns),
            Some((files, false)) => files,
            None => {
                let files = self.store()?.read(|tx| tx.files(id))?;
                files.into_iter().map(|file| file.path).collect()
            }
        };
        let project = id.to_string();
        let mut bytes = clear_all(&self.config().builds().join(&project).join("cache"))?;
        let roots = files.iter().filter(|path| matches!(path.extension(), "tex" | "ltx" | "dtx"));
        for root in roots {
            for engine in [EngineChoice::PdfLatex, EngineChoice::LuaLatex, EngineChoice::XeLatex] {
                let key =
                    CacheKey { project: &project, root: root.as_str(), engine: engine.name() };
                bytes += clear(&places, key)?;
            }
        }
        Ok(Cleared { bytes })
    }
}

impl From<CacheError> for WorkbenchError {
    fn from(error: CacheError) -> Self {
        match error {
            CacheError::Busy => Self::BuildRuns,
            CacheError::Io { folder, source } => Self::Io { doing: "clear", place: folder, source },
        }
    }
}
