//! Containers that TeX Live runs in: finding a runtime on this computer, what a sandbox may do, warm
//! containers and what is run in them, images.
//!
//! All calls block; the runtime's API is spoken on threads of this crate. A program in a container is
//! taken for hostile: what it writes is bounded, and nothing on this computer follows a link that it made.

mod error;
mod exec;
mod find;
mod image;
mod inside;
mod leftovers;
mod pool;
mod runtime;
mod sandbox;
mod usage;
mod warm;

pub use error::ContainerError;
pub use exec::{Ended, Execution, Finished, Watch};
pub use find::{Endpoint, Found, Surroundings, candidates, find};
pub use image::{ImageProgress, KNOWN_IMAGES};
pub use inside::{Inside, Weakness};
pub use leftovers::Owner;
pub use pool::Pool;
pub use runtime::{About, Runtime};
pub use sandbox::{BUILD, PROJECT, Sandbox, SandboxLimits};
pub use warm::WarmContainer;
