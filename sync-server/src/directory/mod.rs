//! The directory: who has an account, who is logged in, which projects there are and who may do what in them, and a log
//! of all that was changed. It is a database beside the archive's, so that a log-in never waits in the transaction of
//! somebody's keystroke, nor a keystroke in that of a log-in.
//!
//! Each change is one transaction, with its entry in the audit log. Functions in here take the time and the one who
//! acts; they read no clock.

pub mod audit;
pub mod documents;
pub mod files;
pub mod identities;
pub mod invitations;
pub mod keys;
pub mod letters;
pub mod links;
pub mod logins;
pub mod members;
pub mod news;
pub mod notifications;
pub(crate) mod paths;
pub mod personal;
pub mod projects;
mod schema;
pub mod standing;
pub mod uploads;
pub mod users;
mod worker;

pub use crate::ids::{
    BlobHash, DocumentId, FileId, InvitationId, KeyId, LinkId, LoginId, ProjectId, RelayId,
    Timestamp, TokenId, UploadId, UserId,
};

use crate::private;
use news::News;
use rusqlite::{Connection, OpenFlags};
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc;
use worker::Worker;

/// The database, in the relay's folder.
pub(crate) const FILE: &str = "directory.sqlite3";

/// Why the directory did not do what it was asked to. The texts are for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// There is no such thing, or the one who asks may not know of it.
    #[error("there is no such {0}, or you have no access to it")]
    NotFound(&'static str),
    /// He may see it, and may not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// It is there already.
    #[error("{0}")]
    Conflict(&'static str),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// Who asks is nobody, or nobody any more.
    #[error("{0}")]
    LoggedOut(&'static str),
    /// A secret that is wrong, has been used, has been taken back or is too old.
    #[error("{0}")]
    BadSecret(&'static str),
    /// A bound was reached.
    #[error("{0}")]
    Quota(String),
    /// Somebody else was quicker.
    #[error("{0}")]
    Stale(&'static str),
    /// The project does not have these bytes.
    #[error("the project does not have these bytes: upload them first")]
    NoBlob,
    /// The database is of a later version, or of another program.
    #[error("{0} is no directory of this relay's version")]
    Foreign(PathBuf),
    /// The disk has no room.
    #[error("the disk is full")]
    DiskFull,
    /// The disk or the database failed.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// The directory is being closed.
    #[error("the relay is ending")]
    Closed,
}

impl From<rusqlite::Error> for DirectoryError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Disk(error.to_string()),
        }
    }
}

/// What the functions in here answer.
pub type Result<T> = std::result::Result<T, DirectoryError>;

/// Who does something, when, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// Nobody where it is not known, or the machine's own doing.
    pub user: Option<UserId>,
    /// Now.
    pub at: Timestamp,
    /// None for the command line.
    pub address: Option<IpAddr>,
}

impl Act {
    /// By somebody at the machine itself.
    pub fn of_operator() -> Self {
        Self { user: None, at: Timestamp::now(), address: None }
    }

    /// The one who acts.
    ///
    /// # Errors
    /// When it is nobody who is known.
    pub fn user(&self) -> Result<UserId> {
        self.user.ok_or(DirectoryError::Forbidden("log in first"))
    }
}

/// The open directory.
pub struct Directory {
    writer: Worker,
    reader: Worker,
    path: PathBuf,
    listener: Arc<Listener>,
}

/// Who is told of what was changed, and up to which entry of the audit log he was.
#[derive(Default)]
struct Listener {
    told: AtomicI64,
    news: OnceLock<mpsc::UnboundedSender<News>>,
}

impl Directory {
    /// Open the directory in a folder, made if there is none, which nobody else on the machine may look into.
    /// Several processes may have it open: the command line changes it beside a relay that runs.
    ///
    /// # Errors
    /// When the folder or the database cannot be had.
    pub fn open(folder: &Path) -> Result<Self> {
        let disk = |error: std::io::Error| DirectoryError::Disk(error.to_string());
        private::make_folder(folder).map_err(disk)?;
        let path = folder.join(FILE);
        private::make_file(&path).map_err(disk)?;
        let mut conn = Connection::open(&path)?;
        conn.busy_timeout(Duration::from_secs(10))?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut conn, &path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reading = Connection::open_with_flags(&path, flags)?;
        reading.busy_timeout(Duration::from_secs(10))?;
        let writer = Worker::start("directory-writer", conn).map_err(disk)?;
        let reader = Worker::start("directory-reader", reading).map_err(disk)?;
        Ok(Self { writer, reader, path, listener: Arc::default() })
    }

    /// What is changed from now on, by this process or another, as far as members of projects are told of it; that of
    /// another process when this one changes something next. There is one listener.
    ///
    /// # Errors
    /// When the disk fails, or somebody listens already.
    pub async fn news(&self) -> Result<mpsc::UnboundedReceiver<News>> {
        let (sender, news) = mpsc::unbounded_channel();
        let listener = Arc::clone(&self.listener);
        let last = "SELECT coalesce(max(number), 0) FROM audit";
        self.change(move |conn| {
            let last = conn.query_row(last, [], |row| row.get(0))?;
            listener.told.store(last, Ordering::Relaxed);
            listener.news.set(sender).map_err(|_| DirectoryError::Closed)
        })
        .await?;
        Ok(news)
    }

    /// Look something up.
    ///
    /// # Errors
    /// Those of the look-up, or of the disk.
    pub async fn read<T: Send + 'static>(
        &self,
        look_up: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reader.call(move |conn| look_up(conn)).await
    }

    /// Change something, in one transaction: durable when this answers, and undone when it answers with an error.
    ///
    /// # Errors
    /// Those of the change, or of the disk.
    pub async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let listener = Arc::clone(&self.listener);
        self.writer
            .call(move |conn| {
                let done = in_transaction(conn, change)?;
                listener.tell(conn);
                Ok(done)
            })
            .await
    }

    /// As [`Directory::change`], for those who are no part of the server: it blocks.
    ///
    /// # Errors
    /// Those of the change, or of the disk.
    pub fn change_now<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.call_now(move |conn| in_transaction(conn, change))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Listener {
    /// On the writer's thread, behind what was changed.
    fn tell(&self, conn: &Connection) {
        let Some(listening) = self.news.get() else { return };
        let told = self.told.load(Ordering::Relaxed);
        match news::after(conn, told) {
            Ok((news, last)) => {
                self.told.store(last, Ordering::Relaxed);
                for each in news {
                    // Who listened has gone, when the relay ends.
                    let _ = listening.send(each);
                }
            }
            // The next change tells of this one too.
            Err(error) => tracing::error!(%error, "members are not told of a change"),
        }
    }
}

fn in_transaction<T>(
    conn: &mut Connection,
    change: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let done = change(&tx)?;
    tx.commit()?;
    Ok(done)
}

/// Read all of a folder's directory, also while a relay serves: the end of the audit log, and what files hold. `known`: a
/// hash that was its end at some time. Blocks.
///
/// # Errors
/// When it is damaged, or the audit log was changed.
pub fn check(folder: &Path, known: Option<&str>) -> Result<(audit::Head, Vec<BlobHash>)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(folder.join(FILE), flags)?;
    conn.busy_timeout(Duration::from_secs(10))?;
    let reading = conn.unchecked_transaction()?;
    let fault: String = reading.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if fault != "ok" {
        return Err(DirectoryError::Disk(fault));
    }
    Ok((audit::verify(&reading, known)?, files::all_hashes(&reading)?))
}

/// The relay that this directory is of.
///
/// # Errors
/// When the disk fails.
pub fn relay_id(conn: &Connection) -> Result<RelayId> {
    Ok(conn.query_row("SELECT id FROM relay", [], |row| row.get(0))?)
}

/// A name that people see: of a person, a project, a device.
fn checked_name(name: &str, what: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let why = format!("{what} has 1 to 100 characters, and none that cannot be seen");
        return Err(DirectoryError::Invalid(why));
    }
    Ok(name.to_owned())
}
