//! A picture that is replaced by one of the same size: TeX ships the same page, which looks different.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "support/live.rs"]
mod support;

use quire_compile::live::{LiveDocument, LivePage};
use quire_project::{MemoryFiles, ProjectPath};
use std::{sync::Arc, time::Duration};
use support::{options, setup};

/// A PNG of one grey pixel: its header, pixels and end with their check sums.
fn dot(is_dark: bool) -> Vec<u8> {
    let pixel: &[u8] = if is_dark {
        b"\x00\x00\x00\x0a\x49\x44\x41\x54\x78\xda\x63\x30\x00\x00\x00\x32\x00\x31\xc4\x40\xe2\x77"
    } else {
        b"\x00\x00\x00\x0a\x49\x44\x41\x54\x78\xda\x63\x38\x01\x00\x00\xca\x00\xc9\x34\x42\x27\xf3"
    };
    let head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55";
    [&head[..], pixel, b"\0\0\0\0IEND\xae\x42\x60\x82"].concat()
}

fn files(words: &str, is_dark: bool) -> Arc<MemoryFiles> {
    let text = format!(
        "\\documentclass{{article}}\\usepackage{{graphicx}}\\begin{{document}}One {words}\\newpage\n\
         \\includegraphics[width=5cm]{{dot}}\\newpage\nThree\n\\end{{document}}\n"
    );
    let mut files = MemoryFiles::default();
    files.insert(ProjectPath::new("main.tex").unwrap(), text.as_bytes());
    files.insert(ProjectPath::new("dot.png").unwrap(), dot(is_dark).as_slice());
    Arc::new(files)
}

/// The pages that are told of until the run is over.
fn changed(document: &mut LiveDocument) -> Vec<u32> {
    let mut changed = Vec::new();
    loop {
        for told in document.step(Some(Duration::from_secs(60))) {
            match told {
                LivePage::Changed { number, .. } => changed.push(number),
                LivePage::Done(_) => return changed,
                LivePage::GivenUp(fault) => panic!("given up: {fault:?}"),
            }
        }
    }
}

#[test]
fn a_page_is_another_when_a_picture_on_it_is() {
    let mut document = LiveDocument::start(options(), setup(), files("", false)).unwrap();
    assert_eq!(changed(&mut document), [1, 2, 3]);
    let before = document.page(2);
    document.edit(files("", true), None).unwrap();
    assert_eq!(changed(&mut document), [2]);
    assert_eq!(document.page(2), before, "TeX knows only its size");
    // It is told once, and not when other things change.
    document.edit(files("word", true), None).unwrap();
    assert_eq!(changed(&mut document), [1]);
    document.edit(files("word", false), None).unwrap();
    assert_eq!(changed(&mut document), [2]);
}
