//! Where TeX Live runs: containers (finding a runtime on this computer, warm containers and what is run in them,
//! images), or the TeX Live of this computer inside bubblewrap; and what a sandbox may do.
//!
//! All calls block; the runtime's API is spoken on threads of this crate. A program in a sandbox is
//! taken for hostile: what it writes is bounded, and nothing on this computer follows a link that it made.

mod bounds;
mod error;
mod exec;
mod find;
mod image;
mod inside;
mod installed;
mod leftovers;
mod place;
mod pool;
mod runtime;
mod sandbox;
mod usage;
mod warm;

pub use error::ContainerError;
pub use exec::{Ended, Execution, Finished, Watch};
pub use find::{Endpoint, Found, INSTALLED, Surroundings, candidates, find};
pub use image::{ImageProgress, KNOWN_IMAGES};
pub use inside::{Inside, Weakness};
pub use installed::{Bubble, Installed, Lacking};
pub use leftovers::Owner;
pub use place::{FoundPlace, Place, Room, Wanted, find_place};
pub use pool::Pool;
pub use runtime::{About, Runtime};
pub use sandbox::{BUILD, PROJECT, Sandbox, SandboxLimits};
pub use warm::WarmContainer;
