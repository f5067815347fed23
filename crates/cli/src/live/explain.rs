//! What is wrong with a document whose run has just ended: only errors, as warnings depend on references
//! that are not up to date. On a thread of its own, so that the next key does not wait for it.

use super::{
    session::{Happening, Outlet},
    texts::Texts,
};
use crate::{document::Document, json};
use quire_bundle::BundleDir;
use quire_compile::diagnostics::{command_index, errors_of_run};
use quire_tex_engine::TexReport;
use serde_json::Value;
use std::{
    cell::OnceCell,
    io,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
};

/// A run with errors.
pub(super) struct Failed {
    pub(super) revision: u64,
    pub(super) report: Box<TexReport>,
    pub(super) files: Arc<Texts>,
}

/// Start the thread. It ends when the sender goes.
pub(super) fn start(
    document: Arc<Document>,
    bundle: BundleDir,
    outlet: Outlet,
) -> io::Result<Sender<Failed>> {
    let (sender, failed) = channel();
    let thread = std::thread::Builder::new().name("explain".to_owned());
    thread.spawn(move || explain(&document, &bundle, &failed, &outlet))?;
    Ok(sender)
}

fn explain(document: &Document, bundle: &BundleDir, failed: &Receiver<Failed>, outlet: &Outlet) {
    let commands = OnceCell::new();
    while let Ok(mut newest) = failed.recv() {
        while let Ok(newer) = failed.try_recv() {
            newest = newer;
        }
        let Failed { revision, report, files } = newest;
        let index = || commands.get_or_init(|| command_index(bundle)).clone();
        let errors = errors_of_run(&report, &document.root, &*files, &index);
        let items: Vec<Value> =
            errors.iter().map(|error| json::diagnostic_value(document, &*files, error)).collect();
        outlet.send(Happening::Explained { revision, items });
    }
}
