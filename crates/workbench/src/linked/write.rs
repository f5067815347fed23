//! Writing a document to its file, on a thread of its own. The file is replaced as a whole, and only
//! when it still holds what it held when it was last looked at: what another program has written in
//! between is handed back to be merged, never overwritten.

use super::{encoding::encode, merge::SyncedWithDisk};
use crate::{Event, Notice, NoticeLevel, WorkbenchError, desk::Desk, desk::DeskSender};
use quire_project::{ContentHash, FileId, ProjectId, ProjectPath};
use quire_store::{DiskState, WriteTx};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::mpsc::{Sender, channel},
    time::Duration,
};

/// From the last edit to the file.
const DELAY: Duration = Duration::from_millis(400);
/// Until it is looked at again whether an edit has become durable.
const SOON: Duration = Duration::from_millis(30);
/// Until a file is tried again that could not be written.
const RETRY: Duration = Duration::from_secs(2);

/// What became of a write.
#[derive(Debug)]
pub(super) enum Written {
    Done,
    /// The file holds something else, left as it is; `None` when it is gone.
    Found(Option<Vec<u8>>),
}

type Job = Box<dyn FnOnce(&Path) + Send>;

/// The thread. It ends when this is dropped, after what was asked for.
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(top: PathBuf) -> Result<Self, WorkbenchError> {
        let (jobs, queue) = channel::<Job>();
        let thread = std::thread::Builder::new()
            .name("folder-writer".to_owned())
            .spawn(move || queue.into_iter().for_each(|job| job(&top)))
            .map_err(|_| WorkbenchError::Closed)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    fn run(&self, job: impl FnOnce(&Path) + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            // The thread ends only when we do.
            let _ = jobs.send(Box::new(job));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Desk {
    /// Write a document to its file a moment after the last edit.
    pub(crate) fn plan_disk_write(&mut self, id: ProjectId, file: FileId) {
        if let Some(disk) = self.synced(id, file)
            && !disk.write_planned
        {
            disk.write_planned = true;
            self.after(DELAY, move |desk| desk.write_to_disk(id, file));
        }
    }

    /// Write what waits, on closing.
    pub(crate) fn write_folder_now(&mut self, id: ProjectId) {
        let Some(project) = self.open.get(&id) else { return };
        let files: Vec<FileId> = project.documents.keys().copied().collect();
        for file in files {
            if self.synced(id, file).is_some_and(|disk| disk.write_planned) {
                self.write_to_disk(id, file);
            }
        }
    }

    pub(super) fn synced(&mut self, id: ProjectId, file: FileId) -> Option<&mut SyncedWithDisk> {
        self.open.get_mut(&id)?.documents.get_mut(&file)?.disk.as_mut()
    }

    fn write_to_disk(&mut self, id: ProjectId, file: FileId) {
        let store = self.store.clone();
        let Some(project) = self.open.get_mut(&id) else { return };
        let Some(path) = project.path_of(file) else { return };
        let (Some(open), Some(folder)) = (project.documents.get_mut(&file), &project.folder) else {
            return;
        };
        if !open.is_settled() {
            // The database first: it has the history.
            self.after(SOON, move |desk| desk.write_to_disk(id, file));
            return;
        }
        let text = open.current();
        let last = open.last;
        let state = open.text.snapshot();
        let Some(disk) = open.disk.as_mut() else { return };
        let (bytes, encoding) = encode(&text, disk.encoding);
        let hash = ContentHash::of(&bytes);
        if disk.hash == Some(hash) {
            disk.write_planned = false;
            return;
        }
        disk.write_under_way = true;
        let expected = disk.hash;
        let synced = SyncedWithDisk::from_parts(hash, state, encoding);
        let planned = DiskState { seq: last, hash, merged: None };
        let plan = planned.clone();
        let remembered = store.submit(move |tx| tx.plan_disk_state(file, &plan));
        let sender: DeskSender = self.sender.clone();
        folder.writer.run(move |top| {
            // Remembered first: after a crash the file is known whether it was written or not.
            let written = match remembered.wait() {
                Ok(()) => replace(top, &path, expected, &bytes),
                Err(error) => Err(io::Error::other(error.to_string())),
            };
            let reached = matches!(written, Ok(Written::Done));
            let settle = move |tx: &WriteTx<'_>| match reached {
                true => tx.reach_disk_state(file, &planned),
                false => tx.forget_disk_state(file, &planned),
            };
            store.submit_then(settle, drop);
            sender.send(move |desk| desk.disk_written(id, file, &path, synced, written));
        });
    }

    fn disk_written(
        &mut self,
        id: ProjectId,
        file: FileId,
        path: &ProjectPath,
        synced: SyncedWithDisk,
        written: io::Result<Written>,
    ) {
        let Some(disk) = self.synced(id, file) else { return };
        disk.write_under_way = false;
        let seen_meanwhile = std::mem::take(&mut disk.seen_meanwhile);
        match written {
            Ok(Written::Done) => {
                let was_refused = disk.refused;
                *disk = synced;
                if was_refused {
                    let text = format!("{path} is written to its folder again.");
                    self.tell(id, NoticeLevel::Info, text);
                }
                // What was edited meanwhile goes next.
                self.plan_disk_write(id, file);
            }
            Ok(Written::Found(Some(bytes))) => {
                disk.write_planned = false;
                match self.merge_from_disk(id, path, &bytes) {
                    Ok(()) => self.plan_disk_write(id, file),
                    Err(error) => self.cannot_write(id, file, path, &error.to_string()),
                }
            }
            Ok(Written::Found(None)) => {
                // Deleted by another program: the watch tells the author.
                disk.hash = None;
                disk.write_planned = false;
            }
            Err(error) => self.cannot_write(id, file, path, &reason(&error)),
        }
        if seen_meanwhile {
            let folder = self.open.get(&id).and_then(|project| project.folder.as_ref());
            folder
                .and_then(|folder| folder.watch.as_ref())
                .into_iter()
                .for_each(super::Watch::look);
        }
    }

    /// Told once; it is tried again until the file takes it.
    fn cannot_write(&mut self, id: ProjectId, file: FileId, path: &ProjectPath, why: &str) {
        let Some(disk) = self.synced(id, file) else { return };
        disk.write_planned = true;
        let is_news = !std::mem::replace(&mut disk.refused, true);
        self.after(RETRY, move |desk| desk.write_to_disk(id, file));
        if is_news {
            let text = format!(
                "{path} cannot be written to its folder: {why}. The text is safe in Quire and is \
                 written as soon as that is possible."
            );
            self.tell(id, NoticeLevel::Error, text);
        }
    }

    fn tell(&mut self, id: ProjectId, level: NoticeLevel, text: String) {
        self.emit(&Event::Notice { project: Some(id), notice: Notice { level, text } });
    }
}

/// Why a file cannot be written, for people.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only".to_owned(),
        io::ErrorKind::PermissionDenied => "your account may not write there".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "no space is left on that disk".to_owned()
        }
        io::ErrorKind::NotFound => "the folder is not there".to_owned(),
        _ => error.to_string(),
    }
}

/// Replace a file if it holds what is expected (`None`: that it is not there).
pub(super) fn replace(
    top: &Path,
    path: &ProjectPath,
    expected: Option<ContentHash>,
    bytes: &[u8],
) -> io::Result<Written> {
    let place = top.join(path.as_str());
    // A link is written through, but only to a place within the folder.
    let place = match fs::canonicalize(&place) {
        Ok(real) if real.starts_with(top) => real,
        Ok(real) => {
            let outside = format!("it is a link to `{}`, outside the folder", real.display());
            return Err(io::Error::other(outside));
        }
        Err(_) => place,
    };
    let folder = place.parent().unwrap_or(top);
    if expected.is_none() {
        fs::create_dir_all(folder)?;
    }
    let mut temp = tempfile::Builder::new().prefix(".quire-").suffix(".tmp").tempfile_in(folder)?;
    io::Write::write_all(&mut temp, bytes)?;
    match fs::metadata(&place) {
        Ok(metadata) => fs::set_permissions(temp.path(), metadata.permissions())?,
        Err(_) => as_others_create(temp.path())?,
    }
    temp.as_file().sync_all()?;
    let written = exchange(temp, &place, expected)?;
    if cfg!(unix)
        && let Ok(folder) = fs::File::open(folder)
    {
        // The file is whole either way; this makes its name durable, where systems offer that.
        let _ = folder.sync_all();
    }
    Ok(written)
}

#[cfg(unix)]
fn as_others_create(temp: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // A temporary file is private; a source of a project is as readable as its neighbours.
    fs::set_permissions(temp, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn as_others_create(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Swap the new file with the old in one step and look at what came out: no other program's writing
/// can fall between looking and replacing.
#[cfg(target_os = "linux")]
fn exchange(
    temp: tempfile::NamedTempFile,
    place: &Path,
    expected: Option<ContentHash>,
) -> io::Result<Written> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let Some(expected) = expected else {
        return match temp.persist_noclobber(place) {
            Ok(_) => Ok(Written::Done),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(Written::Found(Some(fs::read(place)?)))
            }
            Err(error) => Err(error.error),
        };
    };
    let swap = || renameat_with(CWD, temp.path(), CWD, place, RenameFlags::EXCHANGE);
    match swap() {
        Ok(()) => {}
        Err(rustix::io::Errno::NOENT) => return Ok(Written::Found(None)),
        // Some network file systems cannot.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            return look_and_replace(temp, place, expected);
        }
        Err(error) => return Err(error.into()),
    }
    let old = fs::read(temp.path())?;
    if ContentHash::of(&old) == expected {
        return Ok(Written::Done);
    }
    swap()?;
    Ok(Written::Found(Some(old)))
}

#[cfg(not(target_os = "linux"))]
fn exchange(
    temp: tempfile::NamedTempFile,
    place: &Path,
    expected: Option<ContentHash>,
) -> io::Result<Written> {
    match expected {
        Some(expected) => look_and_replace(temp, place, expected),
        None if place.exists() => Ok(Written::Found(Some(fs::read(place)?))),
        None => {
            temp.persist(place).map_err(|error| error.error)?;
            Ok(Written::Done)
        }
    }
}

/// Where files cannot be swapped there is a moment between looking and replacing.
fn look_and_replace(
    temp: tempfile::NamedTempFile,
    place: &Path,
    expected: ContentHash,
) -> io::Result<Written> {
    match fs::read(place) {
        Ok(old) if ContentHash::of(&old) == expected => {
            temp.persist(place).map_err(|error| error.error)?;
            Ok(Written::Done)
        }
        Ok(old) => Ok(Written::Found(Some(old))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Written::Found(None)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> ProjectPath {
        ProjectPath::new(name).unwrap()
    }

    #[test]
    fn a_file_that_another_program_wrote_is_left_and_handed_back() {
        let temp = tempfile::tempdir().unwrap();
        let top = temp.path().canonicalize().unwrap();
        let place = top.join("a.tex");
        fs::write(&place, "theirs").unwrap();
        let expected = Some(ContentHash::of(b"before"));
        let written = replace(&top, &path("a.tex"), expected, b"ours").unwrap();
        assert!(matches!(written, Written::Found(Some(bytes)) if bytes == b"theirs"));
        assert_eq!(fs::read(&place).unwrap(), b"theirs");
        let expected = Some(ContentHash::of(b"theirs"));
        assert!(matches!(replace(&top, &path("a.tex"), expected, b"ours"), Ok(Written::Done)));
        assert_eq!(fs::read(&place).unwrap(), b"ours");
        assert_eq!(fs::read_dir(&top).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn a_file_that_is_gone_is_not_made_again_and_a_new_one_is() {
        let temp = tempfile::tempdir().unwrap();
        let top = temp.path().canonicalize().unwrap();
        let expected = Some(ContentHash::of(b"before"));
        let written = replace(&top, &path("ch/a.tex"), expected, b"ours");
        assert!(written.is_err() || matches!(written, Ok(Written::Found(None))));
        assert!(matches!(replace(&top, &path("ch/a.tex"), None, b"ours"), Ok(Written::Done)));
        let written = replace(&top, &path("ch/a.tex"), None, b"again").unwrap();
        assert!(matches!(written, Written::Found(Some(bytes)) if bytes == b"ours"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_written_through() {
        let temp = tempfile::tempdir().unwrap();
        let top = temp.path().canonicalize().unwrap().join("project");
        fs::create_dir(&top).unwrap();
        let precious = temp.path().join("precious");
        fs::write(&precious, "kept").unwrap();
        std::os::unix::fs::symlink(&precious, top.join("a.tex")).unwrap();
        let expected = Some(ContentHash::of(b"kept"));
        assert!(replace(&top, &path("a.tex"), expected, b"ours").is_err());
        assert_eq!(fs::read(&precious).unwrap(), b"kept");
    }
}
