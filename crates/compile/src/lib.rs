//! From a project to a PDF with diagnostics: which file is the root, how many passes, which helper
//! programs, what to tell the author.

mod aux_file;
pub mod build;
pub mod cache;
mod convergence;
pub mod diagnostics;
pub mod disk;
pub mod jobs;
#[cfg(target_os = "linux")]
pub mod live;
pub mod outputs;
mod programs;
pub mod project_folder;
pub mod roots;
pub mod suggest;
pub mod synctex;
