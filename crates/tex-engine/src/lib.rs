//! The TeX engine, in a process of its own.
//!
//! Tectonic's engine is global C state that leaves by `longjmp`; it can neither be interrupted nor
//! run twice at once. So one document is one worker process: killed to cancel it, locked down before
//! it reads its first byte, and served every file through one interface.

mod client;
mod fonts;
mod helper;
mod live;
mod locate;
mod mapped;
mod protocol;
mod report;
#[cfg(feature = "worker")]
pub mod worker;

#[cfg(target_os = "linux")]
pub use client::live::{LiveEvent, LiveHost, LiveMessage, PeerId, Waker};
pub use client::{CancelToken, Engine, EngineOptions};
pub use fonts::folders as font_folders;
pub use helper::{HelperOutput, HelperRun, run_helper};
pub use live::{
    Asleep, Change, Earlier, Focus, GLIMPSE_BASELINE, GLIMPSE_END, READ_WHOLE, ReadTo, Resume,
    ShippedPage, SoFar, State, is_state_file,
};
pub use locate::find_worker;
pub use mapped::MappedFile;
pub use protocol::{Hello, PROTOCOL_VERSION, SandboxReport};
pub use report::{
    BibtexReport, EngineError, EngineMessage, FileOrigin, JobSetup, Limits, LogMark, MessageKind,
    OutputFile, PdfOptions, PdfReport, Progress, ReadFile, TexOutcome, TexReport,
};
