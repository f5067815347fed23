//! How much projects and documents take, and that they do not take more than they may. What is written is added up; when it
//! seems too much, what the archive holds is counted, because snapshots make less of it. A project or document that is
//! full can be read: the update with which it became so is kept, and no later one is taken.

use super::open::{Full, OpenLines};
use crate::{
    config::Limits,
    directory::{Directory, DocumentId, ProjectId, documents, files},
    room::Rooms,
};
use std::{collections::HashMap, sync::Arc};
use tokio::sync::{Mutex, mpsc};

/// Bytes that were handed to the archive for a document.
pub type Written = (Arc<str>, u64);

/// The counts.
#[derive(Clone)]
pub struct Quotas(Arc<Inner>);

struct Inner {
    directory: Arc<Directory>,
    rooms: Rooms,
    lines: OpenLines,
    project_bytes: u64,
    document_bytes: u64,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    projects: HashMap<ProjectId, u64>,
    /// What their files take; it is in the count of the project too.
    files: HashMap<ProjectId, u64>,
    documents: HashMap<DocumentId, (ProjectId, u64)>,
}

impl Quotas {
    /// As configured.
    pub fn new(directory: Arc<Directory>, rooms: Rooms, lines: OpenLines, limits: &Limits) -> Self {
        let bound = |bytes: u64| if bytes == 0 { u64::MAX } else { bytes };
        Self(Arc::new(Inner {
            directory,
            rooms,
            lines,
            project_bytes: bound(limits.project_bytes),
            document_bytes: bound(limits.document_bytes),
            counts: Mutex::default(),
        }))
    }

    /// A line to a document is about to be opened: what its project takes is known from now on.
    pub async fn opened(&self, project: ProjectId, document: DocumentId) {
        let mut counts = self.0.counts.lock().await;
        if !counts.projects.contains_key(&project) {
            self.count(&mut counts, project).await;
        }
        counts.documents.entry(document).or_insert((project, 0));
    }

    /// How many bytes the texts of a project leave of what it may take.
    pub async fn left_by_texts(&self, project: ProjectId) -> u64 {
        let mut counts = self.0.counts.lock().await;
        if !counts.projects.contains_key(&project) {
            self.count(&mut counts, project).await;
        }
        let of = |counts: &HashMap<ProjectId, u64>| counts.get(&project).copied().unwrap_or(0);
        let of_texts = of(&counts.projects).saturating_sub(of(&counts.files));
        self.0.project_bytes.saturating_sub(of_texts)
    }

    /// Files of a project came, or were forgotten.
    pub async fn files_changed(&self, project: ProjectId) {
        self.recount(project).await;
    }

    /// What is known of a project is counted anew.
    pub async fn recount(&self, project: ProjectId) {
        let mut counts = self.0.counts.lock().await;
        if counts.projects.contains_key(&project) {
            self.count(&mut counts, project).await;
        }
    }

    /// Add up what is written, for as long as somebody may write.
    pub async fn watch(self, mut written: mpsc::UnboundedReceiver<Written>) {
        while let Some((document, bytes)) = written.recv().await {
            let Ok(document) = document.parse::<DocumentId>() else { continue };
            let mut counts = self.0.counts.lock().await;
            let Some((project, of_document)) = counts.documents.get_mut(&document) else {
                continue;
            };
            let project = *project;
            *of_document += bytes;
            let of_document = *of_document;
            let of_project = counts.projects.entry(project).or_default();
            *of_project += bytes;
            let seems_full =
                *of_project > self.0.project_bytes || of_document > self.0.document_bytes;
            if seems_full && !self.0.lines.is_full(project, document) {
                self.count(&mut counts, project).await;
            }
        }
    }

    /// Those that were full may have become less: their snapshots are made meanwhile.
    pub async fn count_again(&self) {
        let mut counts = self.0.counts.lock().await;
        let full: Vec<ProjectId> = counts
            .projects
            .iter()
            .filter(|(project, bytes)| {
                let is_over = |(of, bytes): &(ProjectId, u64)| {
                    of == *project && *bytes > self.0.document_bytes
                };
                **bytes > self.0.project_bytes || counts.documents.values().any(is_over)
            })
            .map(|(project, _)| *project)
            .collect();
        for project in full {
            self.count(&mut counts, project).await;
        }
    }

    async fn count(&self, counts: &mut Counts, project: ProjectId) {
        let found = self.0.directory.read(move |conn| {
            Ok((documents::of_project(conn, project)?, files::bytes_of(conn, project)?))
        });
        let counted = match found.await {
            Ok((documents, of_files)) => {
                let bytes = self.0.rooms.bytes_of(&documents).await;
                bytes.map(|bytes| (documents.into_iter().zip(bytes).collect::<Vec<_>>(), of_files))
            }
            Err(error) => Err(error.to_string()),
        };
        let (counted, of_files) = match counted {
            Ok(counted) => counted,
            // It stays as it was thought to be, and is counted again.
            Err(error) => return tracing::error!(%project, error, "a project was not counted"),
        };
        let of_project = of_files + counted.iter().map(|(_, bytes)| bytes).sum::<u64>();
        counts.files.insert(project, of_files);
        counts.projects.insert(project, of_project);
        let mut changed =
            self.0.lines.mark(Full::Project(project), of_project > self.0.project_bytes);
        for (document, bytes) in counted {
            counts.documents.insert(document, (project, bytes));
            changed |= self.0.lines.mark(Full::Document(document), bytes > self.0.document_bytes);
        }
        if changed {
            tracing::info!(%project, bytes = of_project, "full, or no longer");
            self.0.lines.recheck(super::open::Concern::Project(project)).await;
        }
    }
}
