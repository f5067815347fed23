//! The handle that windows, the command line and tests hold.

use crate::{
    Config, Event, Settings, WorkbenchError, clock,
    desk::{Desk, DeskSender, Job},
    ide::Intelligence,
    preview::PdfEngine,
    relay::Relays,
    tasks::Tasks,
};
use quire_store::{Options, Recovery, Store, StoreError};
use std::{
    fs,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A build that does not end in this time does not keep the application.
const LONGEST_CLOSE: Duration = Duration::from_secs(5);

/// The application. Clones share it; [`Workbench::close`] ends it.
#[derive(Clone)]
pub struct Workbench {
    sender: DeskSender,
    /// `None` once it is closed.
    store: Arc<Mutex<Option<Arc<Store>>>>,
    config: Arc<Config>,
    pdf: Arc<PdfEngine>,
    tasks: Arc<Tasks>,
    intelligence: Arc<Intelligence>,
    relays: Arc<Relays>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// A workbench, and what had to be repaired before it could be opened.
pub struct Opened {
    /// The application.
    pub workbench: Workbench,
    /// The database was damaged; this is what was saved.
    pub recovery: Option<Recovery>,
}

impl Workbench {
    /// Open the database, repairing it when it is damaged, and start the desk.
    pub fn open(config: Config) -> Result<Opened, WorkbenchError> {
        fs::create_dir_all(&config.data).map_err(|source| WorkbenchError::Io {
            doing: "make the folder",
            place: config.data.clone(),
            source,
        })?;
        let path = config.database();
        let (store, recovery) = match Store::open(&path, &Options::default()) {
            Err(StoreError::Damaged(_)) => {
                let recovery = quire_store::recover(&path, clock::now())?;
                (Store::open(&path, &Options::default())?, Some(recovery))
            }
            store => (store?, None),
        };
        Ok(Opened { workbench: Self::start(config, store)?, recovery })
    }

    /// Start the desk on a database that is open.
    pub fn start(config: Config, store: Store) -> Result<Self, WorkbenchError> {
        let (config, store) = (Arc::new(config), Arc::new(store));
        let pdf = Arc::new(PdfEngine::new(config.pdfium.clone()));
        let relays = Arc::new(Relays::new(config.uses_keyring));
        let (jobs, queue) = mpsc::channel::<Job>();
        let sender = DeskSender(jobs);
        let mut workbench = Self {
            sender: sender.clone(),
            store: Arc::new(Mutex::new(Some(store.clone()))),
            config,
            pdf,
            tasks: Arc::default(),
            intelligence: Arc::default(),
            relays,
            thread: Arc::default(),
        };
        let settings: Settings = workbench.settings()?;
        workbench.resume_accounts()?;
        workbench.forget_coming();
        let (config, pdf) = (workbench.config.clone(), workbench.pdf.clone());
        let known = workbench.stored_notifications()?;
        let mut desk = Desk::new(workbench.clone(), config, store, sender, pdf, settings);
        desk.notifications = known;
        let thread = std::thread::Builder::new()
            .name("desk".to_owned())
            .spawn(move || desk.run(&queue))
            .map_err(|_| WorkbenchError::Closed)?;
        workbench.thread = Arc::new(Mutex::new(Some(thread)));
        workbench.watch_all_notifications();
        Ok(workbench)
    }

    /// Be told of events until `listener` returns false.
    pub fn listen(
        &self,
        listener: impl FnMut(&Event) -> bool + Send + 'static,
    ) -> Result<(), WorkbenchError> {
        self.ask(move |desk| desk.listeners.push(Box::new(listener)))
    }

    /// Write what waits, end builds, and close the database. Later calls fail.
    pub fn close(&self) {
        self.sender.send(Desk::stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic at the desk has been reported by itself.
            let _ = thread.join();
        }
        self.relays.close();
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut store) = store else { return };
        // A build that is ending may still read. The last to let go closes the database, which
        // waits for what is queued.
        let start = Instant::now();
        while let Err(shared) = Arc::try_unwrap(store) {
            if start.elapsed() > LONGEST_CLOSE {
                return;
            }
            store = shared;
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Behave as if the disk were full when the database has this many bytes; `None` to lift the limit.
    pub fn limit_database(&self, max_bytes: Option<u64>) -> Result<(), WorkbenchError> {
        Ok(self.store()?.set_max_bytes(max_bytes)?)
    }

    /// Where everything is.
    pub fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn pdf(&self) -> &PdfEngine {
        &self.pdf
    }

    pub(crate) fn relays(&self) -> &Relays {
        &self.relays
    }

    pub(crate) fn tasks(&self) -> &Arc<Tasks> {
        &self.tasks
    }

    pub(crate) fn sender(&self) -> DeskSender {
        self.sender.clone()
    }

    pub(crate) fn intelligence(&self) -> &Arc<Intelligence> {
        &self.intelligence
    }

    pub(crate) fn store(&self) -> Result<Arc<Store>, WorkbenchError> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.clone().ok_or(WorkbenchError::Closed)
    }

    /// Run this at the desk and wait for the answer.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> T + Send + 'static,
    ) -> Result<T, WorkbenchError> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.sender.send(move |desk| {
            let _ = answer.send(job(desk));
        });
        answered.recv().map_err(|_| WorkbenchError::Closed)
    }

    /// As [`ask`](Self::ask), for jobs that may fail.
    pub(crate) fn try_ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, WorkbenchError> + Send + 'static,
    ) -> Result<T, WorkbenchError> {
        self.ask(job)?
    }
}
