//! Warm containers, one per project: taken for a compile, given back after it, replaced when they are not what
//! is asked for, gone when nobody used them for long.

use crate::{ContainerError, Owner, Runtime, Sandbox, WarmContainer};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The containers of one process. Copies share them.
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    owner: Owner,
    runtime: Runtime,
}

#[derive(Default)]
struct State {
    idle: HashMap<String, Idle>,
    /// Containers that are being replaced.
    replacing: Vec<JoinHandle<()>>,
    /// Nothing is kept any more.
    ended: bool,
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
        let shared = Shared { state: Mutex::default(), owner, runtime };
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
        let waiting = self.shared.state().idle.remove(project).map(|idle| idle.container);
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
        let replacement = thread::spawn(move || {
            let sandbox = container.sandbox().clone();
            drop(container);
            if shared.state().ended {
                return;
            }
            // Without one the next compile starts its own, and tells what is wrong.
            if let Ok(fresh) = WarmContainer::start(&shared.runtime, sandbox, &shared.owner) {
                shared.keep(&project, fresh);
            }
        });
        let mut state = self.shared.state();
        state.replacing.retain(|replacing| !replacing.is_finished());
        state.replacing.push(replacement);
    }

    /// Start a container ahead of a project's first compile.
    pub fn warm(&self, project: &str, sandbox: Sandbox) -> Result<(), ContainerError> {
        let container = self.take(project, sandbox)?;
        self.shared.keep(project, container);
        Ok(())
    }

    /// Remove the container of a project, which was closed.
    pub fn close(&self, project: &str) {
        let closed = self.shared.state().idle.remove(project);
        drop(closed);
    }

    /// Remove containers that have waited for longer than `idle`.
    pub fn reap(&self, idle: Duration) {
        let is_old = |_: &String, waiting: &mut Idle| waiting.since.elapsed() > idle;
        let old: Vec<_> = self.shared.state().idle.extract_if(is_old).collect();
        drop(old);
    }

    /// Remove all containers and wait until they are gone. Nothing is kept after that.
    pub fn end(&self) {
        let state = {
            let mut state = self.shared.state();
            std::mem::replace(&mut *state, State { ended: true, ..State::default() })
        };
        for replacing in state.replacing {
            // One that panicked has removed its container while it unwound.
            let _ = replacing.join();
        }
        drop(state.idle);
        self.shared.runtime.wait_for_removals();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, project: &str, container: WarmContainer) {
        let idle = Idle { container, since: Instant::now() };
        let unwanted = {
            let mut state = self.state();
            if state.ended { Some(idle) } else { state.idle.insert(project.to_owned(), idle) }
        };
        // Outside the lock: removing one talks to the runtime.
        drop(unwanted);
    }
}
