//! What the bundle has to offer, read from its pack once, on a thread of its own: it takes some tens of
//! milliseconds, and the first question must not wait for it.

use crate::EngineFiles;
use quire_bundle::{BundleDir, CommandIndex, Pack};
use quire_latex_ide::Catalogue;
use quire_tex_engine::MappedFile;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// The catalogue, once somebody has asked for it.
#[derive(Default)]
pub(super) struct CatalogueOnDemand {
    begun: AtomicBool,
    ready: Arc<OnceLock<Arc<Catalogue>>>,
}

impl CatalogueOnDemand {
    /// The catalogue of this bundle if it has been read; the first call begins to read it.
    pub(super) fn get(&self, engine: Option<&EngineFiles>) -> Option<Arc<Catalogue>> {
        if let Some(catalogue) = self.ready.get() {
            return Some(catalogue.clone());
        }
        let bundle = engine?.bundle.clone();
        if !self.begun.swap(true, Ordering::Relaxed) {
            let ready = self.ready.clone();
            let read = move || {
                let _ = ready.set(Arc::new(catalogue(&bundle)));
            };
            // Without it completion knows the project only.
            let _ = std::thread::Builder::new().name("catalogue".to_owned()).spawn(read);
        }
        None
    }
}

/// Empty when the bundle cannot be read, which builds tell.
fn catalogue(bundle: &BundleDir) -> Catalogue {
    let pack = MappedFile::open(&bundle.pack_path()).ok().and_then(|file| Pack::open(file).ok());
    let Some(pack) = pack else { return Catalogue::default() };
    let index = CommandIndex::of(&pack);
    let mut catalogue = Catalogue::default();
    for name in index.commands() {
        catalogue.commands.insert(name.to_owned(), index.providers(name).to_vec());
    }
    for name in index.environments() {
        catalogue.environments.insert(name.to_owned(), index.environment_providers(name).to_vec());
    }
    for name in pack.names() {
        match name.rsplit_once('.') {
            Some((package, "sty")) => catalogue.packages.insert(package.to_owned()),
            Some((class, "cls")) => catalogue.classes.insert(class.to_owned()),
            Some((style, "bst")) => catalogue.bibliography_styles.insert(style.to_owned()),
            _ => false,
        };
    }
    catalogue
}
