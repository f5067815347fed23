//! The TeX engine, in a process of its own.
//!
//! Tectonic's engine is global C state that leaves by `longjmp`; it can neither be interrupted nor
//! run twice at once. So one document is one worker process: killed to cancel it, locked down before
//! it reads its first byte, and served every file through one interface.

mod report;

pub use report::{
    BibtexReport, EngineError, EngineMessage, FileOrigin, JobSetup, Limits, LogMark, MessageKind,
    OutputFile, PdfReport, Progress, ReadFile, TexOutcome, TexReport,
};
