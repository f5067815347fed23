//! A container engine for tests, with TeX Live in it: Debian's Podman and runc, on a socket, a store and an image
//! of our own. The image is built from Debian packages once for each recipe; nothing is fetched from a registry.

use crate::{paths, setup, shell};
use anyhow::{Context, Result, ensure};
use quire_project::Hasher;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

/// What the engine is made of, and what builds the image.
const PACKAGES: [&str; 4] = ["conmon", "mmdebstrap", "podman", "runc"];

/// The image that tests use; known to `quire` by this name.
const IMAGE: &str = "localhost/quire-texlive:small";

/// Files that an image follows from.
const RECIPE: [&str; 4] = ["build.sh", "finish.sh", "small.packages", "without.dpkg"];

/// How long the engine may take until it answers.
const START: Duration = Duration::from_secs(60);

/// A store of another recipe that nobody has used for this long is removed: each is gigabytes.
const UNUSED: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// runc, not crun, and no systemd: what works on the oldest layouts of cgroups works everywhere.
const SETTINGS: &str = "[containers]\ncgroupns = \"private\"\n\n[engine]\nruntime = \"runc\"\n\
    cgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n";

/// An engine that runs until this is dropped.
pub(crate) struct Service {
    folder: PathBuf,
    podman: Child,
    /// One test run at a time has the store.
    _lock: File,
}

impl Service {
    /// Install what is missing, build the image if there is none of this recipe, and start the engine.
    pub(crate) fn start() -> Result<Self> {
        setup::install(&PACKAGES)?;
        let images = paths::cache().join("images");
        fs::create_dir_all(&images).with_context(|| images.display().to_string())?;
        let lock = File::create(images.join("lock"))?;
        lock.lock().context("cannot wait for another test run")?;
        let folder = images.join(format!("small-{}", recipe_key()?));
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        fs::write(folder.join("containers.conf"), SETTINGS)?;
        ensure_image(&folder, &images)?;
        File::open(&folder)?.set_modified(SystemTime::now())?;
        forget_unused(&images, &folder)?;
        remove_containers(&folder)?;
        let socket = folder.join("podman.sock");
        let _ = fs::remove_file(&socket);
        let podman = podman(&folder)
            .args(["system", "service", "--time=0"])
            .arg(format!("unix://{}", socket.display()))
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start podman")?;
        let mut service = Self { folder, podman, _lock: lock };
        service.wait(&socket)?;
        Ok(service)
    }

    /// What programs are told to use this engine and no other.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.folder.join("podman.sock").display())
    }

    fn wait(&mut self, socket: &Path) -> Result<()> {
        let begin = Instant::now();
        while !answers(socket) {
            let ended = self.podman.try_wait()?;
            ensure!(ended.is_none(), "podman ended: {ended:?}");
            ensure!(begin.elapsed() < START, "podman does not answer at {}", socket.display());
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // While it still runs: what watches its programs ends with these, not with it.
        let _ = remove_containers(&self.folder);
        let _ = self.podman.kill();
        let _ = self.podman.wait();
    }
}

#[cfg(unix)]
fn answers(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

#[cfg(not(unix))]
fn answers(_: &Path) -> bool {
    false
}

/// The file system of an image as a tar file, built if there is none of this recipe.
pub(crate) fn image_file(size: &str, out: &Path) -> Result<()> {
    setup::install(&PACKAGES)?;
    build(size, out, &paths::cache().join("images"))
}

fn build(size: &str, out: &Path, images: &Path) -> Result<()> {
    let script = paths::root().join("tex-bundles/container/build.sh");
    shell::run(Command::new("sh").arg(script).arg(size).arg(out).arg(images.join("debs")))
}

fn ensure_image(folder: &Path, images: &Path) -> Result<()> {
    let exists = podman(folder).args(["image", "exists", IMAGE]).status()?.success();
    if exists {
        return Ok(());
    }
    eprintln!("   building {IMAGE} from Debian packages, once: some minutes");
    let file = images.join("small.tar");
    if !file.is_file() {
        build("small", &file, images)?;
    }
    shell::run(podman(folder).arg("import").arg(&file).arg(IMAGE))?;
    // The store has all of it now.
    fs::remove_file(&file).with_context(|| file.display().to_string())
}

fn remove_containers(folder: &Path) -> Result<()> {
    let all = podman(folder).args(["rm", "--all", "--force", "--time=0"]).output()?;
    ensure!(all.status.success(), "podman rm: {}", String::from_utf8_lossy(&all.stderr));
    Ok(())
}

/// Podman with the store in `folder`.
fn podman(folder: &Path) -> Command {
    let mut command = Command::new("podman");
    command.env("CONTAINERS_CONF", folder.join("containers.conf"));
    for (option, name) in [("--root", "store"), ("--runroot", "run"), ("--tmpdir", "tmp")] {
        command.arg(option).arg(folder.join(name));
    }
    command
}

/// Equal for equal recipes.
fn recipe_key() -> Result<String> {
    let mut hasher = Hasher::default();
    for name in RECIPE {
        let path = paths::root().join("tex-bundles/container").join(name);
        hasher.field(&fs::read(&path).with_context(|| path.display().to_string())?);
    }
    Ok(hasher.finish().to_string()[..12].to_owned())
}

fn forget_unused(images: &Path, used: &Path) -> Result<()> {
    let now = SystemTime::now();
    for entry in fs::read_dir(images)?.flatten() {
        let is_store = entry.path().join("containers.conf").is_file() && entry.path() != used;
        let last_use = entry.metadata()?.modified()?;
        if is_store && now.duration_since(last_use).is_ok_and(|unused| unused > UNUSED) {
            eprintln!("   removing {}, unused since long", entry.path().display());
            // Layers of a store are mounted and owned as only Podman knows.
            shell::run(podman(&entry.path()).args(["system", "reset", "--force"]))?;
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}
