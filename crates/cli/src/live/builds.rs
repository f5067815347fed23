//! Builds of the whole document in the background, one at a time.

use super::{
    session::{Edit, Happening, Outlet},
    texts::Texts,
};
use crate::{
    args::OutputArgs,
    document::{Document, output_place, request},
    errors::Failure,
};
use quire_compile::build::{BuildResult, FirstPass, build_from, last_generated};
use quire_tex_engine::CancelToken;
use std::{sync::Arc, thread::JoinHandle};

/// A build that is over.
pub(super) struct Built {
    /// The last before it.
    pub(super) edit: Edit,
    pub(super) files: Arc<Texts>,
    pub(super) result: Result<BuildResult, Failure>,
    /// The files of an earlier pass that it left for the next.
    pub(super) generated: Vec<(String, Vec<u8>)>,
}

/// A build that runs. Dropping it cancels it and waits for its end.
pub(super) struct Running {
    cancel: CancelToken,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(super) fn start(
        (document, args): (Arc<Document>, OutputArgs),
        files: Arc<Texts>,
        first_pass: Option<Arc<FirstPass>>,
        edit: Edit,
        outlet: Outlet,
    ) -> std::io::Result<Self> {
        let cancel = CancelToken::new();
        let token = cancel.clone();
        let thread = std::thread::Builder::new().name("build".to_owned()).spawn(move || {
            let built = once((&document, &args), edit, files, first_pass, &token);
            outlet.send(Happening::Built(Box::new(built)));
        })?;
        Ok(Self { cancel, thread: Some(thread) })
    }

    pub(super) fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel.cancel();
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing to tell.
            let _ = thread.join();
        }
    }
}

fn once(
    (document, args): (&Document, &OutputArgs),
    edit: Edit,
    files: Arc<Texts>,
    mut first_pass: Option<Arc<FirstPass>>,
    cancel: &CancelToken,
) -> Built {
    let wanted = output_place(document, args)
        .and_then(|place| request(document, &args.document, Some(place), !args.no_synctex));
    let mut wanted = match wanted {
        Ok(wanted) => wanted,
        Err(failure) => {
            return Built { edit, files, result: Err(failure), generated: Vec::new() };
        }
    };
    wanted.files = files.clone();
    let result = build_from(&wanted, &mut |_| first_pass.take(), &mut |_| {}, cancel);
    let result = result.map_err(Failure::from);
    let cache = wanted.builds_cache.as_ref().filter(|_| result.is_ok());
    let generated =
        cache.map(|cache| last_generated(cache, &wanted.project, &wanted.root, wanted.engine));
    Built { edit, files, result, generated: generated.unwrap_or_default() }
}
