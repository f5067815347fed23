//! The application without a window. [`Workbench`] is the way in: projects, open documents, builds and
//! pages. One thread, the *desk*, owns all that changes; whoever asks sends it a closure and waits.
//! What takes long (builds, pictures of pages, imports) runs on threads of its own with a snapshot and
//! sends its result back.
//!
//! ```text
//! window ── frames of the sync protocol ──▶ desk ── append ──▶ store (durable) ──▶ saved
//!                                            ├── other windows, and the relay of a shared project
//!                                            ├── files of a linked folder, a moment later
//!                                            └── build, a second later ──▶ pages
//! ```

mod build;
mod clock;
mod compare;
mod config;
mod desk;
mod discussion;
mod documents;
mod error;
mod events;
mod everywhere;
mod exchange;
mod files;
mod gallery;
mod history;
mod ide;
mod linked;
mod live;
mod making;
mod place;
mod preview;
mod project;
mod rebase;
mod references;
mod relay;
mod search;
mod settings;
mod snapshot;
mod tasks;
mod timeline;
mod who_wrote;
mod workbench;
mod writers;

pub use build::{
    BuildLimit, BuildLimits, BuildReport, BuildSettings, BuildState, BuildSwitch, Cleared,
    LimitName, Outcome, Problem, ProblemAction, ProblemFix, ProblemSeverity, Programs,
    TexLiveState, sentence,
};
pub use clock::random_token;
pub use compare::{ComparedLine, ComparedPart, Comparison, LineChange};
pub use config::{Config, EngineFiles};
pub use documents::{Attached, Outbox, PeerId, Settled};
pub use error::WorkbenchError;
pub use events::{Event, Notice, NoticeLevel, SaveState};
pub use everywhere::{FoundPlace, FoundProject};
pub use exchange::{Exported, Imported, PlaceKind, TemplateCard, place_kind, template_picture};
pub use files::{FileEntry, FileEntryKind, TrashedFile};
pub use gallery::{GalleryPage, ProjectCard, Shelf, ShelfCounts, Tag};
pub use history::{HistoryEntry, NamedFor, OldText, TextVersion, VersionName};
pub use ide::{
    Completion, CompletionKind, Completions, FoldRange, Hover, OutlineEntry, OutlineKind, Place,
    ProjectSymbol, Renamable, SectionWords, SpellingMark, SymbolKind, WordCount, Words,
};
pub use live::{LivePageInfo, LivePageRef, LiveState, PicturePatch};
pub use place::{Lines, Position, Range, TextEdit};
pub use preview::{
    OutlineItem, PageArea, PageBounds, PageBox, PageContents, PageLink, PageMatch, PagePlace,
    PageWord, PictureRequest, PreviewInfo, ShownPages, SourcePlace, WordGap,
};
pub use project::ProjectView;
pub use references::Moved;
pub use relay::{
    AccountNotifications, Connection, Digest, FileTransfers, KeptBack, LinkOffer, Notification,
    NotificationKind, Person, PersonPlace, ProjectMember, RelayAccount, RelayProject,
    ShareInvitation, ShareLink, ShareMember, ShareRole, Sharers, Sharing, SignInWay,
};
pub use search::{FoundFile, FoundLine, SearchQuery, SearchResult};
pub use settings::{Author, ProjectSettings, Settings};
pub use timeline::{EntryMark, Older, Timeline, TimelineEntry, TimelineSource};
pub use who_wrote::{WhoWrote, WrittenPart};
pub use workbench::{Opened, Workbench};
pub use writers::Writer;

pub use quire_compile::{outputs::OutputError, project_folder::Surroundings};
pub use quire_exchange::{ExportError, ImportError};
pub use quire_relay_client::{ProblemKind, RelayError};
pub use quire_store::{Recovery, StoreError};
