//! The connection to a container runtime, Docker or Podman, through the API that both speak.

use crate::{ContainerError, Endpoint, sandbox::Users};
use bollard::{API_DEFAULT_VERSION, Docker};
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime as Tokio},
    task::JoinHandle,
};

/// What is not answered within this time is not there. Pulls and compiles are streams, which it does not bound.
const ANSWER_S: u64 = 120;
/// How long the last copy waits for containers to be removed. What is left then is collected at the next start.
const REMOVAL: Duration = Duration::from_secs(15);
/// How long a socket has to say what it is.
const GREETING: Duration = Duration::from_secs(10);

/// What a runtime says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// `Podman` or `Docker`.
    pub name: &'static str,
    /// Its version.
    pub version: String,
    /// Where it listens.
    pub endpoint: Endpoint,
}

/// What a runtime may do on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Whether it runs without the rights of root.
    pub rootless: bool,
    /// 1 or 2; which limits can be had depends on it.
    pub cgroup_version: u8,
}

/// A runtime that answers. Copies share the connection.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) client: Docker,
    shared: Arc<Shared>,
}

struct Shared {
    tokio: Arc<Tokio>,
    about: About,
    rights: OnceLock<Rights>,
    /// Containers that are being removed.
    removals: Mutex<Vec<JoinHandle<()>>>,
}

impl Runtime {
    /// Connect, agree on a version of the API, and ask what it is.
    pub fn connect(endpoint: &Endpoint) -> Result<Self, ContainerError> {
        let tokio = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("containers")
            .enable_all()
            .build()
            .map_err(|source| ContainerError::Io { place: endpoint.path.clone(), source })?;
        let path = endpoint.path.to_string_lossy().into_owned();
        let greeting = async {
            let client = Docker::connect_with_socket(&path, ANSWER_S, API_DEFAULT_VERSION)?;
            let client = client.negotiate_version().await?;
            let version = client.version().await?;
            Ok::<_, bollard::errors::Error>((client, version))
        };
        let greeted = tokio.block_on(async { tokio::time::timeout(GREETING, greeting).await });
        let silent = |_| ContainerError::Runtime {
            what: "say what it is",
            reason: format!("no answer within {} s", GREETING.as_secs()),
        };
        let (client, version) =
            greeted.map_err(silent)?.map_err(ContainerError::of("say what it is"))?;
        let components = version.components.unwrap_or_default();
        let is_podman = components.iter().any(|component| component.name.contains("Podman"));
        let about = About {
            name: if is_podman { "Podman" } else { "Docker" },
            version: version.version.unwrap_or_default(),
            endpoint: endpoint.clone(),
        };
        let (rights, removals) = (OnceLock::new(), Mutex::default());
        let shared = Shared { tokio: Arc::new(tokio), about, rights, removals };
        Ok(Self { client, shared: Arc::new(shared) })
    }

    /// What it said of itself when the connection was made.
    pub fn about(&self) -> &About {
        &self.shared.about
    }

    /// Whose rights it has. It is asked once: Podman takes its time to answer.
    pub fn rights(&self) -> Result<Rights, ContainerError> {
        if let Some(known) = self.shared.rights.get() {
            return Ok(*known);
        }
        let info = self.tokio().block_on(self.client.info());
        let info = info.map_err(ContainerError::of("say how it runs"))?;
        let options = info.security_options.unwrap_or_default();
        let cgroup = info.cgroup_version.map(|version| version.to_string());
        let rights = Rights {
            rootless: options.iter().any(|option| option.contains("rootless")),
            cgroup_version: if cgroup.as_deref() == Some("1") { 1 } else { 2 },
        };
        Ok(*self.shared.rights.get_or_init(|| rights))
    }

    /// Wait until all containers that were dropped or killed are gone.
    pub fn wait_for_removals(&self) {
        self.shared.wait_for_removals();
    }

    pub(crate) fn tokio(&self) -> &Tokio {
        &self.shared.tokio
    }

    pub(crate) fn add_removal(&self, removal: JoinHandle<()>) {
        let mut removals = self.shared.removals();
        removals.retain(|removal| !removal.is_finished());
        removals.push(removal);
    }

    pub(crate) fn users(&self) -> Result<Users, ContainerError> {
        Ok(match (self.rights()?.rootless, self.about().name) {
            (false, _) => Users::Same,
            (true, "Podman") => Users::KeepId,
            (true, _) => Users::RootIsAuthor,
        })
    }
}

impl Shared {
    fn removals(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.removals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_removals(&self) {
        let removals = mem::take(&mut *self.removals());
        if removals.is_empty() {
            return;
        }
        self.tokio.block_on(async {
            let all = futures_util::future::join_all(removals);
            let _ = tokio::time::timeout(REMOVAL, all).await;
        });
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.wait_for_removals();
    }
}
