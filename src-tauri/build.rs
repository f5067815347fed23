//! Embeds the window's files. They are built by `cargo xtask`; a plain `cargo check` finds a page that
//! says so.

use std::{fs, path::Path};

fn main() {
    let dist = Path::new("../ui/dist");
    let page = dist.join("index.html");
    if !page.exists() {
        let text = "<!doctype html><title>Quire</title><p>The window was not built: run <code>cargo xtask run</code>.";
        if let Err(error) = fs::create_dir_all(dist).and_then(|()| fs::write(&page, text)) {
            println!("cargo::error=cannot write {}: {error}", page.display());
        }
    }
    println!("cargo::rerun-if-changed=../ui/dist");
    tauri_build::build();
}
