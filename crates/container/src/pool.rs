//! Warm containers, one per project: taken for a compile, given back after it, replaced when they are not what
//! is asked for, gone when nobody used them for long.

use crate::{ContainerError, Owner, Runtime, Sandbox, WarmContainer};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// The containers of one process. Copies share them.
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    /// Dropped before the runtime, which waits for what is being removed.
    idle: Mutex<HashMap<String, Idle>>,
    owner: Owner,
    runtime: Runtime,
}

struct Idle {
    container: WarmContainer,
    since: Instant,
}

impl Pool {
    /// A pool on a runtime. `folder` holds the owners' locks; containers of owners that died are removed.
    pub fn new(runtime: Runtime, folder: &Path) -> Result<Self, ContainerError> {
        let owner = Owner::new(folder)?;
        owner.collect(&runtime)?;
        let shared = Shared { idle: Mutex::default(), owner, runtime };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The runtime that the containers are of.
    pub fn runtime(&self) -> &Runtime {
        &self.shared.runtime
    }

    /// This process as their owner.
    pub fn owner(&self) -> &Owner {
        &self.shared.owner
    }

    /// A container for a project: the one that waits, if it is of this sandbox, or else a new one.
    pub fn take(&self, project: &str, sandbox: Sandbox) -> Result<WarmContainer, ContainerError> {
        let waiting = self.shared.idle().remove(project).map(|idle| idle.container);
        match waiting.filter(|container| container.is_alive() && *container.sandbox() == sandbox) {
            Some(container) => Ok(container),
            None => WarmContainer::start(&self.shared.runtime, sandbox, &self.shared.owner),
        }
    }

    /// Keep a container for the next compile of its project. In place of one that was killed, or that is not to be
    /// trusted any more (`replace`), a new one is started, on a thread of its own.
    pub fn give_back(&self, project: &str, container: WarmContainer, replace: bool) {
        if container.is_alive() && !replace {
            return self.shared.keep(project, container);
        }
        let (shared, project) = (self.shared.clone(), project.to_owned());
        thread::spawn(move || {
            let sandbox = container.sandbox().clone();
            drop(container);
            // Without one the next compile starts its own, and tells what is wrong.
            if let Ok(fresh) = WarmContainer::start(&shared.runtime, sandbox, &shared.owner) {
                shared.keep(&project, fresh);
            }
        });
    }

    /// Start a container ahead of a project's first compile.
    pub fn warm(&self, project: &str, sandbox: Sandbox) -> Result<(), ContainerError> {
        let container = self.take(project, sandbox)?;
        self.shared.keep(project, container);
        Ok(())
    }

    /// Remove the container of a project, which was closed.
    pub fn close(&self, project: &str) {
        let closed = self.shared.idle().remove(project);
        drop(closed);
    }

    /// Remove containers that have waited for longer than `idle`.
    pub fn reap(&self, idle: Duration) {
        let old: Vec<Idle> = {
            let mut all = self.shared.idle();
            all.extract_if(|_, waiting| waiting.since.elapsed() > idle)
                .map(|(_, old)| old)
                .collect()
        };
        drop(old);
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, HashMap<String, Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, project: &str, container: WarmContainer) {
        let before =
            self.idle().insert(project.to_owned(), Idle { container, since: Instant::now() });
        // Outside the lock: removing one talks to the runtime.
        drop(before);
    }
}
