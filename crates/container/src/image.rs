//! Images: is one there, pull it, import it from a file; with progress, and an end when it is wanted.

use crate::{ContainerError, Runtime};
use bollard::query_parameters::{CreateImageOptionsBuilder, TagImageOptions};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{fs::File, io::AsyncReadExt};

/// Images that are looked for when none is chosen, the best first: ours in two sizes, and that of TeX Live.
pub const KNOWN_IMAGES: [&str; 3] = [
    "localhost/quire-texlive:full",
    "localhost/quire-texlive:small",
    "docker.io/texlive/texlive:latest",
];

/// How often the caller is asked whether to go on.
const TICK: Duration = Duration::from_millis(100);
/// Read from a file at once.
const PIECE: usize = 1 << 20;

/// How far a pull or an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageProgress {
    /// What is being done, in the runtime's words.
    pub what: String,
    /// Bytes done.
    pub bytes: u64,
    /// Bytes in all; 0 when not known.
    pub total: u64,
}

impl Runtime {
    /// The id of an image, if it is here.
    pub fn image_id(&self, image: &str) -> Result<Option<String>, ContainerError> {
        match self.tokio().block_on(self.client.inspect_image(image)) {
            Ok(found) => Ok(found.id),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => {
                Ok(None)
            }
            Err(error) => Err(ContainerError::of("look for an image")(error)),
        }
    }

    /// The first of these images that is here, with its id.
    pub fn first_image(&self, images: &[&str]) -> Result<Option<(String, String)>, ContainerError> {
        for image in images {
            if let Some(id) = self.image_id(image)? {
                return Ok(Some(((*image).to_owned(), id)));
            }
        }
        Ok(None)
    }

    /// Fetch an image from its registry. `progress` is told how far it is and answers whether to go on.
    pub fn pull(
        &self,
        image: &str,
        progress: &mut dyn FnMut(ImageProgress) -> bool,
    ) -> Result<(), ContainerError> {
        let options = CreateImageOptionsBuilder::new().from_image(image).build();
        let mut layers: HashMap<String, (u64, u64)> = HashMap::new();
        self.tokio().block_on(async {
            let mut steps = self.client.create_image(Some(options), None, None);
            let mut last = ImageProgress { what: format!("pulling {image}"), bytes: 0, total: 0 };
            let mut tick = tokio::time::interval(TICK);
            loop {
                tokio::select! {
                    _ = tick.tick() => {
                        if !progress(last.clone()) {
                            return Err(ContainerError::Cancelled);
                        }
                    }
                    step = steps.next() => {
                        let Some(step) = step else { return Ok(()) };
                        let step = step.map_err(ContainerError::of("pull the image"))?;
                        if let Some(words) = step.error_detail.and_then(|error| error.message) {
                            let what = "pull the image";
                            return Err(ContainerError::Runtime { what, reason: words });
                        }
                        let number = |value: Option<i64>| value.and_then(|n| u64::try_from(n).ok());
                        if let (Some(id), Some(detail)) = (step.id, step.progress_detail) {
                            let (done, total) = (number(detail.current), number(detail.total));
                            if let (Some(done), Some(total)) = (done, total) {
                                layers.insert(id, (done, total));
                            }
                        }
                        last.what = step.status.unwrap_or(last.what);
                        last.bytes = layers.values().map(|(done, _)| done).sum();
                        last.total = layers.values().map(|(_, total)| total).sum();
                    }
                }
            }
        })
    }

    /// Make an image of a file system in a tar file, and give it a name (`repository:tag`).
    pub fn import(
        &self,
        file: &Path,
        name: &str,
        progress: &mut dyn FnMut(ImageProgress) -> bool,
    ) -> Result<(), ContainerError> {
        let io = |source| ContainerError::Io { place: file.to_owned(), source };
        let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let total = std::fs::metadata(file).map_err(io)?.len();
        let sent = Arc::new(AtomicU64::new(0));
        self.tokio().block_on(async {
            let opened = File::open(file).await.map_err(io)?;
            let body = bollard::body_try_stream(pieces(opened, sent.clone()));
            let options = CreateImageOptionsBuilder::new().from_src("-").build();
            let mut steps = self.client.create_image(Some(options), Some(body), None);
            let mut tick = tokio::time::interval(TICK);
            let mut id = None;
            loop {
                tokio::select! {
                    _ = tick.tick() => {
                        let bytes = sent.load(Ordering::Relaxed);
                        let what = format!("importing {}", file.display());
                        if !progress(ImageProgress { what, bytes, total }) {
                            return Err(ContainerError::Cancelled);
                        }
                    }
                    step = steps.next() => {
                        let Some(step) = step else { break };
                        let step = step.map_err(ContainerError::of("import the image"))?;
                        // Docker names the new image in `status`, Podman in both.
                        id = step.id.or(step.status).filter(|id| id.starts_with("sha256:")).or(id);
                    }
                }
            }
            let unnamed = || ContainerError::Runtime {
                what: "import the image",
                reason: "it did not say what it is called".to_owned(),
            };
            let id = id.ok_or_else(unnamed)?;
            let names =
                TagImageOptions { repo: Some(repository.to_owned()), tag: Some(tag.to_owned()) };
            let named = self.client.tag_image(&id, Some(names)).await;
            named.map_err(ContainerError::of("name the image"))
        })
    }
}

/// The bytes of a file, piece by piece, counted as they go.
fn pieces(
    file: File,
    sent: Arc<AtomicU64>,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    stream::try_unfold((file, sent), |(mut file, sent)| async move {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        sent.fetch_add(read as u64, Ordering::Relaxed);
        Ok((read > 0).then(|| (Bytes::from(piece), (file, sent))))
    })
}
