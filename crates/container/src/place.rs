//! Where TeX Live runs: in containers of a runtime, or, where none answers, as it is installed on this computer
//! inside bubblewrap. Who builds does not see which.

use crate::{
    Bubble, ContainerError, Execution, Finished, Inside, Installed, KNOWN_IMAGES, Lacking, Pool,
    Sandbox, Surroundings, WarmContainer, Watch, find,
};
use std::{path::Path, time::Duration};

/// Where TeX Live runs. Copies share what they keep.
#[derive(Clone)]
pub enum Place {
    /// In containers.
    Containers(Pool),
    /// As it is installed on this computer, inside bubblewrap.
    Installed(Installed),
}

/// What one document's programs run in.
pub enum Room {
    /// A container that waits for them.
    Container(WarmContainer),
    /// Walls that are put up for each program.
    Bubble(Bubble),
}

impl Place {
    /// A room for a project: the one that waits, if it is of this sandbox, or else a new one.
    pub fn take(&self, project: &str, sandbox: Sandbox) -> Result<Room, ContainerError> {
        match self {
            Self::Containers(pool) => Ok(Room::Container(pool.take(project, sandbox)?)),
            Self::Installed(installed) => Ok(Room::Bubble(installed.bubble(sandbox)?)),
        }
    }

    /// Keep a room for the next compile of its project; with `replace`, another in its place.
    pub fn give_back(&self, project: &str, room: Room, replace: bool) {
        // Of a bubble nothing is left once its program has ended.
        if let (Self::Containers(pool), Room::Container(container)) = (self, room) {
            pool.give_back(project, container, replace);
        }
    }

    /// Remove what has waited for longer than `idle`.
    pub fn reap(&self, idle: Duration) {
        if let Self::Containers(pool) = self {
            pool.reap(idle);
        }
    }

    /// Remove all that waits, and wait until it is gone. Nothing is kept after that.
    pub fn end(&self) {
        if let Self::Containers(pool) = self {
            pool.end();
        }
    }

    /// What it is, for people.
    pub fn words(&self) -> String {
        match self {
            Self::Containers(_) => "TeX Live in a container".to_owned(),
            Self::Installed(installed) => installed.words(),
        }
    }
}

impl Room {
    /// Run a program to its end or to a bound. When it is broken off, so is all that it may have started.
    pub fn run(
        &mut self,
        execution: &Execution,
        watch: Watch<'_>,
    ) -> Result<Finished, ContainerError> {
        match self {
            Self::Container(container) => container.run(execution, watch),
            Self::Bubble(bubble) => bubble.run(execution, watch),
        }
    }

    /// Ask inside which of the bounds truly apply.
    pub fn ask_inside(&mut self) -> Result<Inside, ContainerError> {
        match self {
            Self::Container(container) => container.ask_inside(),
            Self::Bubble(bubble) => bubble.ask_inside(),
        }
    }
}

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Where runtimes, bubblewrap and TeX Live may be.
    pub surroundings: &'a Surroundings,
    /// The image that the author chose.
    pub image: Option<&'a str>,
    /// The worker program, which puts up the innermost walls where there is no container.
    pub worker: &'a Path,
    /// The folder with the locks of the containers' owners.
    pub owners: &'a Path,
}

/// Where TeX Live was found.
pub struct FoundPlace {
    /// The place.
    pub place: Place,
    /// What tells this TeX Live from another: an image's id, or what is installed.
    pub image: String,
}

/// The author's choice; or a container; or, when no runtime answers or none has an image, what is installed.
pub fn find_place(wanted: &Wanted<'_>) -> Result<FoundPlace, ContainerError> {
    let installed = || {
        let installed = Installed::find(wanted.surroundings, wanted.worker)?;
        let image = installed.identity();
        Ok(FoundPlace { place: Place::Installed(installed), image })
    };
    if wanted.surroundings.wants_installed() {
        return installed();
    }
    let is_chosen = wanted.surroundings.chosen.is_some() || wanted.image.is_some();
    match in_containers(wanted) {
        Err(error @ (ContainerError::NoRuntime { .. } | ContainerError::NoImage { .. }))
            if !is_chosen =>
        {
            installed().map_err(|lacking| match lacking {
                ContainerError::NoInstalled { lacking } if lacking.contains(&Lacking::Linux) => {
                    error
                }
                lacking => ContainerError::Nowhere {
                    containers: Box::new(error),
                    installed: Box::new(lacking),
                },
            })
        }
        found => found,
    }
}

fn in_containers(wanted: &Wanted<'_>) -> Result<FoundPlace, ContainerError> {
    let runtime = find(wanted.surroundings)?.runtime;
    let found = match wanted.image {
        Some(image) => runtime.first_image(&[image])?,
        None => runtime.first_image(&KNOWN_IMAGES)?,
    };
    let image = wanted.image.unwrap_or(KNOWN_IMAGES[1]).to_owned();
    let (_, image) = found.ok_or(ContainerError::NoImage { image })?;
    Ok(FoundPlace { place: Place::Containers(Pool::new(runtime, wanted.owners)?), image })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::INSTALLED;

    fn found(surroundings: &Surroundings) -> String {
        let (worker, owners) = (Path::new("/worker"), Path::new("/owners"));
        let wanted = Wanted { surroundings, image: None, worker, owners };
        find_place(&wanted).err().unwrap().to_string()
    }

    #[test]
    fn what_is_no_choice_on_a_system_is_not_told_of_there() {
        let elsewhere = Surroundings { system: "windows".to_owned(), ..Surroundings::default() };
        let error = found(&elsewhere);
        assert!(error.contains("neither Podman nor Docker"), "{error}");
        assert!(!error.contains("installed"), "{error}");
        let chosen = Surroundings { chosen: Some(INSTALLED.to_owned()), ..elsewhere };
        let error = found(&chosen);
        assert!(error.contains("on Linux only") && !error.contains("Podman"), "{error}");
    }
}
