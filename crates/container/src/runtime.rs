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
    tokio: Tokio,
    endpoint: Endpoint,
    about: OnceLock<About>,
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
            Ok::<_, bollard::errors::Error>(client)
        };
        let greeted = tokio.block_on(async { tokio::time::timeout(GREETING, greeting).await });
        let silent = |_| ContainerError::Runtime {
            what: "say what it is",
            reason: format!("no answer within {} s", GREETING.as_secs()),
        };
        let client = greeted.map_err(silent)?.map_err(ContainerError::of("say what it is"))?;
        let shared = Shared {
            tokio,
            endpoint: endpoint.clone(),
            about: OnceLock::new(),
            removals: Mutex::default(),
        };
        Ok(Self { client, shared: Arc::new(shared) })
    }

    /// Where it listens.
    pub fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// What it says of itself. It is asked once, when somebody wants to know: Podman takes a second to answer.
    pub fn about(&self) -> Result<About, ContainerError> {
        if let Some(known) = self.shared.about.get() {
            return Ok(known.clone());
        }
        let answers = self
            .tokio()
            .block_on(async { tokio::try_join!(self.client.version(), self.client.info()) });
        let (version, info) = answers.map_err(ContainerError::of("say what it is"))?;
        let components = version.components.unwrap_or_default();
        let is_podman = components.iter().any(|component| component.name.contains("Podman"));
        let options = info.security_options.unwrap_or_default();
        let cgroup = info.cgroup_version.map(|version| version.to_string());
        let about = About {
            name: if is_podman { "Podman" } else { "Docker" },
            version: version.version.unwrap_or_default(),
            rootless: options.iter().any(|option| option.contains("rootless")),
            cgroup_version: if cgroup.as_deref() == Some("1") { 1 } else { 2 },
        };
        Ok(self.shared.about.get_or_init(|| about).clone())
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
        let about = self.about()?;
        Ok(match (about.rootless, about.name) {
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
