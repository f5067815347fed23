//! Errors as people read them: what happened, and what to do.

use quire_workbench::{
    ImportError, OutputError, ProblemKind, RelayError, WorkbenchError, sentence,
};
use serde::Serialize;
use std::io;
use ts_rs::TS;

/// What a window shows when a command fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct UserError {
    /// Stable name, for the window to react to.
    pub code: ErrorCode,
    /// What happened, a sentence.
    pub message: String,
    /// What to do; may be empty.
    pub advice: String,
}

/// What a window may react to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// The disk is full or cannot be written.
    Disk,
    /// The database is damaged, in use, or of a newer version.
    Database,
    /// There is no such project, file or version.
    NotFound,
    /// The name is taken.
    Exists,
    /// The name cannot be used, or the expression is not valid.
    Invalid,
    /// The text has changed in between.
    Outdated,
    /// There are no pages yet.
    NoPages,
    /// The engine or PDFium is missing.
    Installation,
    /// A file or folder on disk cannot be read or written.
    File,
    /// An archive or a file cannot become a project.
    NotAProject,
    /// A relay did not do it.
    Relay,
    /// One has to sign in at a relay first.
    SignedOut,
    /// The project can only be read.
    ReadOnly,
    /// The author does not want it any more: nothing to tell.
    Cancelled,
    /// The application is closing.
    Closing,
}

impl From<WorkbenchError> for UserError {
    fn from(error: WorkbenchError) -> Self {
        use WorkbenchError as E;
        use quire_workbench::StoreError as S;
        let text = match &error {
            // How an archive is damaged is not for people.
            E::Import(ImportError::Damaged { entry, .. }) if entry.is_empty() => {
                "the archive is damaged or incomplete".to_owned()
            }
            E::Import(ImportError::Damaged { entry, .. }) => {
                format!("`{entry}` in the archive is damaged")
            }
            error => error.to_string(),
        };
        let (code, advice) = match error {
            E::Store(S::DiskFull) => {
                (ErrorCode::Disk, "Make room on the disk; Quire tries again by itself.")
            }
            E::Store(S::ReadOnly) => (
                ErrorCode::Disk,
                "Quire cannot write to its data folder. Check the folder's permissions.",
            ),
            E::Store(S::Disk(_)) => (ErrorCode::Disk, "Copy your work to another disk soon."),
            E::Store(S::InUse) => (ErrorCode::Database, "Close the other Quire first."),
            E::Store(S::NewerVersion { .. }) => {
                (ErrorCode::Database, "Install the newest version of Quire.")
            }
            E::Store(S::NotFound(_)) | E::NoFile(_) | E::NotOpen(_) | E::NoPeer => {
                (ErrorCode::NotFound, "")
            }
            E::Store(S::PathTaken { .. } | S::Exists(_)) | E::FileExists(_) => {
                (ErrorCode::Exists, "Choose another name.")
            }
            E::Store(S::IntoItself(_)) => (ErrorCode::Invalid, ""),
            E::Store(S::Closed) | E::Closed => (ErrorCode::Closing, ""),
            E::Store(_) => (
                ErrorCode::Database,
                "Start Quire again: it repairs its database and keeps a copy of the damaged one.",
            ),
            E::Path(_) => (ErrorCode::Invalid, "Use another name."),
            E::NoName => (ErrorCode::Invalid, "Give it a name of at least one letter."),
            E::UnknownEngine(_) => {
                (ErrorCode::NotFound, "Choose one of the engines in the settings.")
            }
            E::LimitOutOfRange { .. } => (ErrorCode::Invalid, "What was set before still holds."),
            E::BuildRuns => (ErrorCode::Invalid, "Stop it, or wait until it has ended."),
            E::NoTemplate(_) => (ErrorCode::NotFound, "Choose another template."),
            E::Cancelled => (ErrorCode::Cancelled, ""),
            E::NothingThere(_) => (ErrorCode::File, "It may have been moved or deleted."),
            E::NotImportable(_) => (
                ErrorCode::NotAProject,
                "Choose a zip or tar.gz archive, a folder, or a LaTeX or BibTeX file.",
            ),
            E::Import(error) => (ErrorCode::NotAProject, import_advice(&error)),
            E::Flatten(_) => (ErrorCode::File, "Export the project as a zip archive instead."),
            E::Rename(_) => (ErrorCode::Invalid, ""),
            E::BadPattern(_) => {
                (ErrorCode::Invalid, "Correct the expression, or search for plain text.")
            }
            E::Document(_) | E::Session(_) => (ErrorCode::Invalid, ""),
            E::NotText(_) => (ErrorCode::Invalid, "It can be looked at, but not edited here."),
            E::Outdated(_) => (ErrorCode::Outdated, "Build again, then try once more."),
            E::NoPdf => (ErrorCode::NoPages, "Build the document first."),
            E::NoPages => (ErrorCode::NoPages, "Mend what the list of problems says."),
            E::NoRoot(_) => (
                ErrorCode::NoPages,
                "Begin a file with \\documentclass{article}, or choose the main file.",
            ),
            E::NoEngine(_) | E::Pdf(_) | E::Build(_) => (ErrorCode::Installation, ""),
            E::FolderGone(_) => (
                ErrorCode::File,
                "Connect the disk it is on, or bring the folder back to where it was.",
            ),
            E::Locate(_) => (ErrorCode::File, "It may have been moved or deleted."),
            E::Output(OutputError::DiskFull { .. }) => {
                (ErrorCode::Disk, "Make room on that disk, or choose another place.")
            }
            E::Output(OutputError::NotWritable { .. }) => {
                (ErrorCode::File, "Choose another folder, or change its permissions.")
            }
            E::Output(OutputError::IsAFolder { .. }) => (ErrorCode::Exists, "Choose another name."),
            E::Output(OutputError::Io { source, .. }) | E::Io { source, .. } => {
                (ErrorCode::File, system_advice(source.kind()))
            }
            E::Read(_) | E::Export(_) | E::Folder(_) => (ErrorCode::File, ""),
            E::NotSignedIn(_) | E::Relay(RelayError::SignedOut(_)) => (
                ErrorCode::SignedOut,
                "Sign in again. What you have written is kept here meanwhile.",
            ),
            E::NotShared | E::HiddenName(_) => (ErrorCode::Invalid, ""),
            E::NotNow(_) => (ErrorCode::Relay, "Try again when the relay is there."),
            E::ReadOnly(_) => {
                (ErrorCode::ReadOnly, "Ask the owner of the project for another role.")
            }
            E::Relay(error) => (ErrorCode::Relay, relay_advice(&error)),
        };
        Self { code, message: full_sentence(&without_numbers(&text)), advice: advice.to_owned() }
    }
}

/// What to do when a relay refuses, or is not there.
fn relay_advice(error: &RelayError) -> &'static str {
    match error {
        RelayError::Unreachable { .. } => {
            "Check the address and the network. What you write is kept here meanwhile."
        }
        RelayError::NotARelay(_) => "Check the address.",
        RelayError::WrongBytes(_) => "Tell who runs the relay.",
        RelayError::Address(_) | RelayError::SignedOut(_) => "",
        RelayError::SignInFailed(_) => "Begin once more, or sign in another way.",
        RelayError::Refused { kind, .. } => match kind {
            ProblemKind::WrongCredentials => {
                "Check both. The relay's web page can send you a new password."
            }
            ProblemKind::BadSecret => "Ask for a new link.",
            ProblemKind::NotFound => "You may not belong to it any more. Ask its owner.",
            ProblemKind::Forbidden => "Ask the owner of the project.",
            ProblemKind::Throttled | ProblemKind::NotNow => "Wait a little and try again.",
            ProblemKind::Quota => "Ask who runs the relay.",
            _ => "",
        },
    }
}

/// What to do when the system refuses.
fn system_advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "It may have been moved or deleted. Choose another place.",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "Your account may not do this there. Choose another place, or change its permissions."
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "Make room on that disk, or choose another place."
        }
        _ => "",
    }
}

/// Without what only programmers read: numbers of errors, names of files that were to be renamed,
/// options of the command line.
fn without_numbers(text: &str) -> String {
    let text = text.split("; choose another with --out").next().unwrap_or(text);
    match text.split_once(" (os error ") {
        Some((before, _)) => before.to_owned(),
        None => text.to_owned(),
    }
}

/// What to do about an archive.
fn import_advice(error: &ImportError) -> &'static str {
    use ImportError as I;
    match error {
        I::NotAnArchive => "Choose a zip or tar.gz archive.",
        I::Damaged { .. } => "Download or copy it again: it is incomplete or was changed.",
        I::Encrypted { .. } => "Unpack it with its password first, then open the folder.",
        I::Unsupported { .. } => "Unpack it with another program first, then open the folder.",
        I::LeadsOutside { .. } => {
            "Nothing was imported. An archive like this is broken, or made to do harm."
        }
        I::Clash { .. } => "Unpack it with another program first, then open the folder.",
        I::TooLarge { .. } => "Nothing was imported. Leave out what the document does not need.",
        I::Empty => "There is nothing to import.",
        I::Io(_) | I::Spool(_) => "",
    }
}

/// With a capital letter at the start and a full stop at the end.
fn full_sentence(text: &str) -> String {
    let mut sentence = sentence(text);
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_happened_and_what_to_do() {
        let error = UserError::from(WorkbenchError::Store(quire_workbench::StoreError::DiskFull));
        assert_eq!(error.message, "No space is left on the disk.");
        assert!(!error.advice.is_empty());
    }

    #[test]
    fn the_numbers_of_the_system_are_not_for_people() {
        let source = std::io::Error::from_raw_os_error(13);
        let place = "/x.tex".into();
        let error = UserError::from(WorkbenchError::Io { doing: "read", place, source });
        assert_eq!(error.message, "Cannot read `/x.tex`: Permission denied.");
        assert!(error.advice.contains("Choose another place"));
    }
}
