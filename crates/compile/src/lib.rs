//! From a project to a PDF with diagnostics: which file is the root, how many passes, which helper
//! programs, what to tell the author.

pub mod diagnostics;
pub mod disk;
pub mod project_folder;
pub mod roots;
pub mod synctex;
pub mod xdv;
