//! Whether pages follow the keystroke, for the author to know.

use quire_compile::build::EngineChoice;
use serde::Serialize;
use ts_rs::TS;

/// Whether the pages of a project follow the keystroke; in most cases where not, they follow its builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum LiveState {
    /// They do, from the author's first key on.
    Live,
    /// They go on from a build that has made pages, and there was none yet.
    NoBuild,
    /// What came of the last edit was given up: the document loops, or its process died. The next edit tries
    /// again.
    GivenUp,
    /// Not on this system: processes cannot be forked.
    NotHere,
    /// Another engine than the one that is built in is chosen.
    OtherEngine,
    /// The engine cannot be started for it. After the next build it is tried again.
    CannotStart {
        /// Why, for people; empty when nobody knows.
        reason: String,
    },
}

impl LiveState {
    /// That of a project which was not built yet.
    pub(crate) fn of_engine(engine: &str) -> Self {
        if !cfg!(target_os = "linux") {
            Self::NotHere
        } else if EngineChoice::named(engine).is_some_and(|engine| engine != EngineChoice::Tectonic)
        {
            Self::OtherEngine
        } else {
            Self::NoBuild
        }
    }

    /// Whether a build can be gone on with.
    pub(super) fn can_follow(&self) -> bool {
        !matches!(self, Self::NotHere | Self::OtherEngine)
    }
}
