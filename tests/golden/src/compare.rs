//! What is kept of a document, and how it differs from what was found.

use crate::{
    documents::Keep,
    pages::{Found, Page},
    report,
};
use anyhow::{Context, Result};
use quire_project::ContentHash;
use std::{fmt::Write as _, fs, path::Path};

/// The file that holds everything but the pictures.
const FILE: &str = "pages.txt";

/// How a document differs from what was blessed.
pub(crate) struct Differences {
    /// Lines that differ, as a unified diff.
    pub(crate) diff: String,
    /// Pages (counted from zero) with other pixels, and those that are new or gone.
    pub(crate) pages: Vec<usize>,
}

impl Differences {
    pub(crate) fn is_empty(&self) -> bool {
        self.diff.is_empty()
    }

    /// The first lines of the diff, and which pages look different.
    pub(crate) fn summary(&self) -> String {
        let start: Vec<&str> = self.diff.lines().take(40).collect();
        let pages: Vec<String> = self.pages.iter().map(|page| (page + 1).to_string()).collect();
        let look = if pages.is_empty() {
            "every page looks as before".to_owned()
        } else {
            format!("pages that look different: {}", pages.join(", "))
        };
        format!("{}\n{look}", start.join("\n"))
    }
}

/// Accept what was found.
pub(crate) fn bless(found: &Found, keep: Keep, expected: &Path) -> Result<()> {
    if expected.exists() {
        fs::remove_dir_all(expected)?;
    }
    fs::create_dir_all(expected)?;
    fs::write(expected.join(FILE), written(found, keep))?;
    if keep == Keep::All {
        for (i, page) in found.pages.iter().enumerate() {
            report::write_png(&page.small, &expected.join(picture_name(i)))?;
        }
    }
    Ok(())
}

/// Compare with what was blessed; an error when nothing was.
pub(crate) fn differences(found: &Found, keep: Keep, expected: &Path) -> Result<Differences> {
    let file = expected.join(FILE);
    let old = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let new = written(found, keep);
    if old == new {
        return Ok(Differences { diff: String::new(), pages: Vec::new() });
    }
    let diff = similar::TextDiff::from_lines(&old, &new);
    let diff = diff.unified_diff().context_radius(2).header("blessed", "now").to_string();
    let looks = |text: &str| -> Vec<String> {
        let pixels = text.lines().filter_map(|line| line.split("pixels ").nth(1));
        pixels.map(str::to_owned).collect()
    };
    let (was, is) = (looks(&old), looks(&new));
    let pages = (0..was.len().max(is.len())).filter(|page| was.get(*page) != is.get(*page));
    Ok(Differences { diff, pages: pages.collect() })
}

/// The name of a page's picture.
pub(crate) fn picture_name(page: usize) -> String {
    format!("page-{}.png", page + 1)
}

fn written(found: &Found, keep: Keep) -> String {
    let mut text = found.told.clone();
    for (i, page) in found.pages.iter().enumerate() {
        let Page { size, pixels, .. } = page;
        let number = i + 1;
        let short = |text: &str| ContentHash::of(text.as_bytes()).to_string()[..16].to_owned();
        let line = match keep {
            Keep::All => format!("\n== page {number}: {size}, pixels {}\n", &pixels[..16]),
            Keep::Hashes => format!(
                "page {number}: {size}, text {}, boxes {}, pixels {}\n",
                short(&page.text),
                short(&page.boxes),
                &pixels[..16]
            ),
        };
        text += &line;
        if keep == Keep::All {
            write!(text, "-- text\n{}-- boxes\n{}", page.text, page.boxes).unwrap_or_default();
        }
    }
    text
}
