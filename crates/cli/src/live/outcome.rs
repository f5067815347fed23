//! What comes of edits: pages, the ends of runs, explanations, builds.

use super::{
    builds::Built,
    explain::Failed,
    follower::Follower,
    protocol::{Cause, Event, Outcome, ms, ms_since},
    session::{Edit, Session, Told},
    texts::Texts,
};
use crate::{json, watch::Watched};
use quire_compile::{build::BuildResult, diagnostics::Severity};
use quire_tex_engine::{TexOutcome, TexReport};
use serde_json::Value;
use std::sync::Arc;

/// How the last run ended.
#[derive(Clone)]
pub(super) enum End {
    Done { pages: u32, outcome: Outcome, waiting: bool },
    GivenUp(String),
}

impl Session {
    pub(super) fn take_told(&mut self, told: Told) {
        match told {
            Told::Page { number, past_edit } => {
                let (revision, cause) = (self.edit.revision, self.edit.cause);
                self.page_revisions.insert(number, revision);
                self.tell(&Event::Page { number, revision, past_edit, cause, ms: self.ms() });
            }
            Told::Done(report) => self.take_done(report),
            Told::GivenUp(reason) => {
                let reason = reason.unwrap_or_else(|| {
                    "TeX ships no page and reads no file for too long: an endless loop?".to_owned()
                });
                self.end = Some(End::GivenUp(reason));
                self.tell_end();
            }
        }
    }

    fn take_done(&mut self, report: Box<TexReport>) {
        let outcome = match &report.outcome {
            TexOutcome::Clean => Outcome::Clean,
            TexOutcome::Warnings => Outcome::Warnings,
            TexOutcome::Errors => Outcome::Errors,
            TexOutcome::Fatal(_) => Outcome::Fatal,
        };
        let waiting = self.parts.follower.as_ref().is_some_and(Follower::holds_pages);
        if !waiting {
            self.page_revisions.retain(|number, _| *number <= report.pages);
        }
        self.end = Some(End::Done { pages: report.pages, outcome, waiting });
        self.tell_end();
        let document = self.parts.document.clone();
        if let Some(disk) = &mut self.parts.disk {
            let read = Watched::of_run(&document, &report.reads);
            if disk.learn_run(&document, read) {
                self.disk_changed();
            }
        }
        let revision = self.edit.revision;
        if matches!(outcome, Outcome::Errors | Outcome::Fatal) {
            let files = Arc::new(self.parts.texts.clone());
            // Without its thread errors are told by the next build.
            let _ = self.parts.explainer.send(Failed { revision, report, files });
        } else if self.has_told_errors {
            self.has_told_errors = false;
            self.tell(&Event::Diagnostics { revision, exact: false, items: Vec::new() });
        }
    }

    /// How it stands with the last edit; what comes after it is no longer its effect.
    pub(super) fn tell_end(&mut self) {
        let Some(end) = self.end.clone() else { return };
        let (revision, cause, ms) = (self.edit.revision, self.edit.cause, self.ms());
        let event = match end {
            End::Done { pages, outcome, waiting } => {
                Event::Done { revision, pages, outcome, waiting, cause, ms }
            }
            End::GivenUp(message) => Event::GivenUp { revision, message, ms },
        };
        self.tell(&event);
        self.edit.cause = Cause::References;
    }

    pub(super) fn take_explained(&mut self, revision: u64, items: Vec<Value>) {
        if revision == self.edit.revision {
            self.has_told_errors = !items.is_empty();
            self.tell(&Event::Diagnostics { revision, exact: false, items });
        }
    }

    pub(super) fn take_built(&mut self, built: Built) {
        self.build = None;
        let Built { edit, files, result, generated } = built;
        let result = match result {
            Ok(result) if result.was_cancelled() => return,
            Ok(result) => result,
            Err(failure) => return self.tell_failure(failure),
        };
        self.tell_built(edit, &result, &files);
        let document = self.parts.document.clone();
        if let Some(disk) = &mut self.parts.disk {
            let read = Watched::root(&document).after(&document, &result);
            if disk.learn_build(&document, read) {
                self.disk_changed();
            }
        }
        if let Some(follower) = &mut self.parts.follower {
            follower.set_generated(generated);
        }
    }

    fn tell_built(&mut self, edit: Edit, result: &BuildResult, files: &Texts) {
        let revision = edit.revision;
        if revision == self.edit.revision {
            if self.parts.follower.is_none() {
                let outcome = result.outcome.into();
                self.end = Some(End::Done { pages: result.pages, outcome, waiting: false });
                self.tell_end();
            }
            let diagnostics = &result.diagnostics;
            self.has_told_errors = diagnostics.iter().any(|told| told.severity == Severity::Error);
            let document = &self.parts.document;
            let value = |told| json::diagnostic_value(document, files, told);
            let items = diagnostics.iter().map(value).collect();
            self.tell(&Event::Diagnostics { revision, exact: true, items });
        }
        self.tell(&Event::Exact {
            revision,
            outcome: result.outcome,
            pdf: result.pdf.clone(),
            pages: result.pages,
            ms: ms_since(edit.at),
            build_ms: ms(result.wall),
        });
    }
}
