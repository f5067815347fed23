//! Opens a folder in the program on a virtual display, waits for its first page, and saves a picture of
//! the window and the PDF: `show FOLDER DATA OUT`.

use anyhow::{Context, Result};
use quire_e2e::App;
use std::{fs, path::PathBuf};

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let mut next = || args.next().context("usage: show FOLDER DATA OUT");
    let (folder, data, out) = (next()?, next()?, next()?);
    fs::create_dir_all(&out)?;
    let app = App::start(&data, &[&folder])?;
    let window = app.window();
    window.until("the text in the editor", "document.querySelector('.view-lines .view-line')")?;
    window.until(
        "the first page",
        "[...document.images].some((i) => i.src.includes('/page/') && i.complete && i.naturalWidth > 0)",
    )?;
    window.until("the build to end", "!document.querySelector('.status-build .q-spinner')")?;
    window.screenshot(&out.join("window.png"))?;
    let builds = fs::read_dir(data.join("builds"))?.next().context("no build")??.path();
    for entry in fs::read_dir(builds)?.flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "pdf") {
            fs::copy(entry.path(), out.join(entry.file_name()))?;
        }
    }
    Ok(())
}
