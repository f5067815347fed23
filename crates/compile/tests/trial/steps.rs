//! What an author does, as data: it can be done again, in part too.

use crate::documents::Files;
use quire_project::ProjectPath;
use std::{fmt, sync::Arc};

/// One change of one file. It fits any state of the files: a place behind the end is the end.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Splice {
        file: ProjectPath,
        at: usize,
        removed: usize,
        inserted: Vec<u8>,
    },
    /// The whole file; none when it goes.
    Put {
        file: ProjectPath,
        bytes: Option<Arc<[u8]>>,
    },
}

impl Change {
    pub(crate) fn file(&self) -> &ProjectPath {
        match self {
            Self::Splice { file, .. } | Self::Put { file, .. } => file,
        }
    }

    pub(crate) fn apply(&self, files: &mut Files) {
        match self {
            Self::Splice { file, at, removed, inserted } => {
                let old = files.0.get(file).cloned().unwrap_or_default();
                let start = (*at).min(old.len());
                let end = (start + removed).min(old.len());
                let new = [&old[..start], inserted, &old[end..]].concat();
                files.0.insert(file.clone(), new.into());
            }
            Self::Put { file, bytes: Some(bytes) } => {
                files.0.insert(file.clone(), bytes.clone());
            }
            Self::Put { file, bytes: None } => {
                files.0.remove(file);
            }
        }
    }

    /// The changes that make `new` of `old`.
    pub(crate) fn between(old: &Files, new: &Files) -> Vec<Self> {
        let mut changes = Vec::new();
        for (file, now) in &new.0 {
            match old.0.get(file) {
                Some(was) if was == now => {}
                Some(was) => changes.push(Self::splice(file, was, now)),
                None => changes.push(Self::Put { file: file.clone(), bytes: Some(now.clone()) }),
            }
        }
        let gone = old.0.keys().filter(|file| !new.0.contains_key(*file));
        changes.extend(gone.map(|file| Self::Put { file: file.clone(), bytes: None }));
        changes
    }

    fn splice(file: &ProjectPath, old: &[u8], new: &[u8]) -> Self {
        let at = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - at;
        let back =
            (0..rest).take_while(|n| old[old.len() - 1 - n] == new[new.len() - 1 - n]).count();
        Self::Splice {
            file: file.clone(),
            at,
            removed: old.len() - back - at,
            inserted: new[at..new.len() - back].to_vec(),
        }
    }
}

/// What is done once the text is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Wait until the run is over, and compare.
    Settle,
    /// The next edit comes so many milliseconds later, whatever the run is at.
    GoOn(u64),
    /// After so many milliseconds one of the processes is killed; the next edit comes at once.
    Kill { after_ms: u64, which: usize },
    /// A build ends and its files are handed over, but the author writes on before a run has read them.
    Build,
    /// The author pauses, a build ends, the run with its files is over: compare with that build.
    Pause,
}

/// One edit.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What the author meant by it.
    pub(crate) what: &'static str,
    pub(crate) changes: Vec<Change>,
    /// The cursor has rested in the line before.
    pub(crate) is_expected: bool,
    pub(crate) then: Then,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.what, if self.is_expected { " (expected)" } else { "" })?;
        for change in &self.changes {
            match change {
                Change::Splice { file, at, removed, inserted } => {
                    let inserted = String::from_utf8_lossy(inserted);
                    write!(f, "; {file} at {at}: -{removed} +{inserted:?}")?;
                }
                Change::Put { file, bytes } => {
                    write!(f, "; {file} is now {:?} bytes", bytes.as_ref().map(|b| b.len()))?;
                }
            }
        }
        write!(f, "; then {:?}", self.then)
    }
}
