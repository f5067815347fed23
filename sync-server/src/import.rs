//! A project out of an archive, as Overleaf and arXiv have them, made at the relay while it does not serve. Texts and what
//! files hold are kept first; the project is there once the directory has all of it, in one transaction.

use crate::{
    archive::Archive,
    blobs::Blobs,
    config::{Config, Limits},
    directory::{
        Act, BlobHash, Directory, DocumentId, FileId, documents,
        files::{self, PutFile},
        projects::{self, Project},
        users,
    },
};
use anyhow::{Context, Result, bail, ensure};
use quire_collab::{ClientId, TextDocument, room::Row};
use quire_exchange::{
    Encoding, ImportLimits, ImportedProject, Unpacked, archive_notes, encoding_note, import_archive,
};
use std::{fs::File, io::BufReader, path::Path};
use tokio::sync::oneshot;

/// What was made.
#[derive(Debug)]
pub struct Imported {
    /// The project.
    pub project: Project,
    /// So many texts.
    pub texts: usize,
    /// So many files that are not.
    pub files: usize,
    /// What was not taken as it was, for people.
    pub notes: Vec<String>,
}

/// What is kept, and no project's yet.
#[derive(Default)]
struct Kept {
    texts: Vec<(DocumentId, String)>,
    files: Vec<(String, BlobHash, u64)>,
    /// Texts that do not say how they are encoded.
    assumed: Vec<String>,
}

/// Make a project of an archive, for the one with the address `owner`; without a `name` it is called as the archive.
///
/// # Errors
/// When a relay serves the folder, nobody has the address, the archive cannot be read or is too large, or the owner has too
/// many projects: then nothing was made.
pub async fn import(
    config: &Config,
    file: &Path,
    owner: &str,
    name: Option<String>,
) -> Result<Imported> {
    let archive = Archive::open(&config.data, None).with_context(|| {
        format!("cannot write in {}: end the relay first", config.data.display())
    })?;
    let directory = Directory::open(&config.data)?;
    let email = users::checked_email(owner)?;
    let found = directory.read(move |conn| users::find_by_email(conn, &email)).await?;
    let Some((owner, _)) = found else { bail!("nobody has the address {owner}") };
    let act = Act { user: Some(owner.id), ..Act::of_operator() };

    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let file_name = file.file_name().unwrap_or_default().to_string_lossy();
    let limits = ImportLimits {
        total_bytes: config.limits.project_bytes,
        file_bytes: config.limits.file_bytes,
        ..ImportLimits::default()
    };
    let spool = tempfile::tempfile_in(&config.data).context("cannot unpack it")?;
    let mut unpacked = import_archive(BufReader::new(opened), &file_name, limits, spool)?;
    let name = name.unwrap_or_else(|| unpacked.name(&file_name));
    let mut notes = archive_notes(&unpacked.notes);

    let blobs = Blobs::open(&config.data)?;
    let mut kept = Kept::default();
    let made = match keep(&archive, &blobs, &config.limits, act, &mut unpacked, &mut kept).await {
        Ok(()) => register(&directory, &config.limits, act, name, &kept).await,
        Err(error) => Err(error),
    };
    if made.is_err() {
        let mut texts = kept.texts.iter();
        tokio::task::block_in_place(|| {
            texts.try_for_each(|(document, _)| archive.remove(&document.to_string()))
        })?;
        blobs.sweep(&directory).await?;
    }
    let project = made?;
    notes.extend(encoding_note(&kept.assumed));
    Ok(Imported { project, texts: kept.texts.len(), files: kept.files.len(), notes })
}

async fn keep(
    archive: &Archive,
    blobs: &Blobs,
    limits: &Limits,
    act: Act,
    unpacked: &mut ImportedProject<File>,
    kept: &mut Kept,
) -> Result<()> {
    for file in std::mem::take(&mut unpacked.files) {
        let path = file.path.as_str().to_owned();
        match unpacked.read(&file).with_context(|| format!("cannot unpack {path}"))? {
            Unpacked::Text { text, encoding } => {
                if matches!(encoding, Encoding::Assumed(_)) {
                    kept.assumed.push(path.clone());
                }
                let document = DocumentId::new();
                kept.texts.push((document, path.clone()));
                let written = write(archive, limits, act, document, &text).await;
                written.with_context(|| format!("cannot keep {path}"))?;
            }
            Unpacked::Binary(mut bytes) => {
                let held = blobs.keep(&mut bytes);
                let (hash, size) = held.with_context(|| format!("cannot keep {path}"))?;
                kept.files.push((path, hash, size));
            }
        }
    }
    Ok(())
}

/// The first row of a text's log; an empty text has none.
async fn write(
    archive: &Archive,
    limits: &Limits,
    act: Act,
    document: DocumentId,
    text: &str,
) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let client = ClientId::from_random(u64::from_le_bytes(crate::ids::random()));
    let update = TextDocument::new(client).seed(text)?;
    ensure!(
        update.len() as u64 <= limits.document_bytes,
        "it is larger than a text may be, {} bytes",
        limits.document_bytes
    );
    let author = act.user.map(|user| user.to_string());
    let row = Row { number: 1, update: update.into(), origin: None, author };
    let (told, done) = oneshot::channel();
    let tell = move |result| {
        // Who waits for it is the function below.
        let _ = told.send(result);
    };
    archive.append(document.to_string().into(), row, act.at, tell).await;
    Ok(done.await??)
}

async fn register(
    directory: &Directory,
    limits: &Limits,
    act: Act,
    name: String,
    kept: &Kept,
) -> Result<Project> {
    let most = limits.projects_per_user;
    let (texts, held) = (kept.texts.clone(), kept.files.clone());
    let made = directory.change(move |conn| {
        let project = projects::create(conn, &act, None, &name, most)?;
        for (document, path) in texts {
            documents::put(conn, &act, project.id, document, &path)?;
        }
        for (path, hash, size) in held {
            files::hold(conn, project.id, hash, size, act.at)?;
            let wanted = PutFile { path, hash, replaces: None };
            files::put(conn, &act, project.id, FileId::new(), &wanted)?;
        }
        Ok(project)
    });
    Ok(made.await?)
}
