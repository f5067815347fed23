//! The TeX support files that Quire installs: one read-only, sorted, memory-mappable pack with a
//! manifest, and the recipes that build it from a TeX Live tree.
//!
//! Names are flat: a TeX Live tree has one file of each name that matters, and TeX asks by name.

pub mod build;
mod commands;
mod dir;
mod files;
mod manifest;
mod pack;
mod recipe;

pub use commands::CommandIndex;
pub use dir::{BundleDir, BundleError, ToolCommand, default_cache, find_bundle};
pub use files::Damage;
pub use manifest::{Manifest, PackageRecord, Tool};
pub use pack::{Pack, PackError, PackWriter};
pub use recipe::{NpmPackage, Recipe, RecipeError, Source, Supplement};
