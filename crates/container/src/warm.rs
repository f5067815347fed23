//! A container that waits for programs to run in it, and goes when it is dropped.

use crate::{ContainerError, Inside, Owner, Runtime, Sandbox, inside};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, KillContainerOptions, RemoveContainerOptions,
    StartContainerOptions,
};
use std::fs;

/// A running container that holds nothing but a shell that waits.
pub struct WarmContainer {
    pub(crate) runtime: Runtime,
    pub(crate) id: String,
    pub(crate) sandbox: Sandbox,
    alive: bool,
}

impl WarmContainer {
    /// Start one. Its folders must exist.
    pub fn start(
        runtime: &Runtime,
        sandbox: Sandbox,
        owner: &Owner,
    ) -> Result<Self, ContainerError> {
        let io = |source| ContainerError::Io { place: sandbox.build.clone(), source };
        let user = author(&sandbox.build).map_err(io)?;
        let request = sandbox.request(runtime.users()?, user, owner.labels());
        let options = CreateContainerOptionsBuilder::new().name(&owner.name_container()?).build();
        let created =
            runtime.tokio().block_on(runtime.client.create_container(Some(options), request));
        let id = match created {
            Ok(created) => created.id,
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => {
                return Err(ContainerError::NoImage { image: sandbox.image });
            }
            Err(error) => return Err(ContainerError::of("make a container")(error)),
        };
        // From here on dropping it removes it.
        let container = Self { runtime: runtime.clone(), id, sandbox, alive: true };
        runtime
            .tokio()
            .block_on(runtime.client.start_container(&container.id, None::<StartContainerOptions>))
            .map_err(ContainerError::of("start a container"))?;
        Ok(container)
    }

    /// What it was made from.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Whether it can run another program.
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    /// Ask inside which of the bounds truly apply.
    pub fn ask_inside(&mut self) -> Result<Inside, ContainerError> {
        let limits = self.sandbox.limits;
        inside::ask(&limits, |execution, watch| self.run(execution, watch))
    }

    /// End all that runs in it, at once and whatever it does with signals. Does not wait: the runtime is told on
    /// a thread of its own, and the container is removed as well.
    pub(crate) fn kill(&mut self) {
        if !std::mem::replace(&mut self.alive, false) {
            return;
        }
        let (client, id) = (self.runtime.client.clone(), self.id.clone());
        let removal = self.runtime.tokio().spawn(async move {
            let kill = KillContainerOptions { signal: "SIGKILL".to_owned() };
            // One that has ended cannot be killed; what counts is that it goes.
            let _ = client.kill_container(&id, Some(kill)).await;
            let remove = RemoveContainerOptions { force: true, v: true, ..Default::default() };
            let _ = client.remove_container(&id, Some(remove)).await;
        });
        self.runtime.add_removal(removal);
    }
}

impl Drop for WarmContainer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Who the author is, by the folder that was made for the build; and the folder is made fit for whoever the
/// sandbox runs as.
#[cfg(unix)]
pub(crate) fn author(build: &std::path::Path) -> std::io::Result<(u32, u32)> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let metadata = fs::metadata(build)?;
    if metadata.uid() == 0 {
        // The folder above it is closed to all others.
        fs::set_permissions(build, fs::Permissions::from_mode(0o777))?;
    }
    Ok((metadata.uid(), metadata.gid()))
}

#[cfg(not(unix))]
pub(crate) fn author(build: &std::path::Path) -> std::io::Result<(u32, u32)> {
    // The runtime's virtual machine lets every user write to folders of this computer.
    fs::metadata(build).map(|_| (1000, 1000))
}
