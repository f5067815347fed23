//! Golden tests. Each document is built with the real engine; what came of it is compared with what was
//! blessed: diagnostics, the text of each page, what stands where on it (from the XDV), and its pixels.
//! A difference leaves a page to look at in the target folder. `cargo xtask golden --bless` accepts what
//! there is; look at it first.
//!
//! Documents of our own are kept with text, boxes and small pictures. Of documents of the corpus, which
//! are others' work, only hashes are kept.

mod compare;
mod documents;
mod pages;
mod report;

use anyhow::{Context, Result};
use documents::Document;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{path::PathBuf, process::ExitCode};

/// Set to accept what there is.
const BLESS: &str = "QUIRE_BLESS";

fn main() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let documents = documents::all()?;
    let trials = documents.into_iter().map(|document| {
        let name = document.name.clone();
        Trial::test(name, move || test(&document).map_err(|e| Failed::from(format!("{e:#}"))))
    });
    Ok(libtest_mimic::run(&arguments, trials.collect()).exit_code())
}

/// Build one document and compare it with what was blessed.
fn test(document: &Document) -> Result<()> {
    let found = pages::look_at(document)?;
    let expected = documents::here().join("expected").join(&document.name);
    if std::env::var_os(BLESS).is_some() {
        return compare::bless(&found, document.keep, &expected);
    }
    let differences =
        compare::differences(&found, document.keep, &expected).with_context(|| {
            format!("nothing is known of it: `cargo xtask golden {} --bless`", document.name)
        })?;
    if differences.is_empty() {
        return Ok(());
    }
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("golden").join(&document.name);
    let page = report::write(&found, &differences, &expected, &place)?;
    anyhow::bail!(
        "{}\n\nLook at {}\nand accept it with `cargo xtask golden {} --bless`",
        differences.summary(),
        page.display(),
        document.name
    )
}
