//! The real program in a window on a virtual display, driven through WebKitWebDriver. Linux only: other
//! systems have other drivers.

mod app;
pub mod bench;
mod display;
mod driver;

pub use app::App;
pub use display::Display;
pub use driver::{Driver, Element, key};

use anyhow::{Context, Result};
use std::{fs, path::Path};

/// Copy a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())?.flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| target.display().to_string())?;
        }
    }
    Ok(())
}
