//! Starting: where everything is, and that there is one Quire for one folder of data. A second start
//! hands what it was asked to open to the first and ends.

use crate::windows;
use quire_ipc::UserError;
use quire_workbench::{
    Config, EngineFiles, Recovery, StoreError, Surroundings, Workbench, WorkbenchError,
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};
use tauri::{AppHandle, Emitter};

/// What was asked for on the command line.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    data: PathBuf,
    /// Files and folders to open.
    open: Vec<PathBuf>,
}

/// What the first window asks for at its start.
pub(crate) struct Start {
    /// Files and folders to open, given once.
    pub(crate) open: Mutex<Vec<String>>,
    /// What was repaired, for people.
    pub(crate) repaired: Option<String>,
    /// What is missing of the installation.
    pub(crate) missing: Vec<String>,
}

pub(crate) struct Opened {
    pub(crate) workbench: Workbench,
    pub(crate) start: Start,
    pub(crate) listener: Option<(TcpListener, String)>,
}

pub(crate) enum Refused {
    /// Another Quire runs and was told.
    Running,
    Failed(String),
}

/// How a second start finds the first. Only the user can read it.
#[derive(Serialize, Deserialize)]
struct Instance {
    port: u16,
    secret: String,
}

const INSTANCE: &str = "instance.json";
/// The first start answers at once or is not there.
const PATIENCE: Duration = Duration::from_secs(2);

/// The command line and the environment. The only place that looks at them.
pub(crate) fn wishes() -> Wishes {
    let here = std::env::current_dir().unwrap_or_default();
    let data = std::env::var_os("QUIRE_DATA").filter(|value| !value.is_empty()).map(PathBuf::from);
    let arguments = std::env::args_os().skip(1).map(PathBuf::from);
    // A window system may pass options of its own.
    let open = arguments.filter(|path| !path.to_string_lossy().starts_with('-'));
    Wishes {
        data: data.or_else(default_data).unwrap_or_else(|| here.join("quire-data")),
        open: open.map(|path| here.join(path)).collect(),
    }
}

fn default_data() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        variable("APPDATA").map(|folder| folder.join("Quire"))
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Application Support/Quire"))
    } else {
        let home = || variable("HOME").map(|home| home.join(".local/share"));
        variable("XDG_DATA_HOME").or_else(home).map(|folder| folder.join("quire"))
    }
}

/// Open the workbench, or tell the Quire that has it open.
pub(crate) fn open(wishes: &Wishes) -> Result<Opened, Refused> {
    let engine =
        quire_tex_engine::find_worker().map_err(|error| error.to_string()).and_then(|worker| {
            let bundle = quire_bundle::find_bundle(None).map_err(|error| error.to_string())?;
            Ok(EngineFiles { worker, bundle })
        });
    let pdfium = quire_pdf::find_library().map_err(|error| error.to_string());
    let missing = engine.as_ref().err().into_iter().chain(pdfium.as_ref().err()).cloned().collect();
    let dictionaries = find_dictionaries();
    let config = Config {
        data: wishes.data.clone(),
        author: author(),
        engine,
        pdfium,
        dictionaries,
        uses_keyring: true,
    };
    let opened = match Workbench::open(config) {
        Err(WorkbenchError::Store(StoreError::InUse)) => {
            return Err(match tell_first(wishes) {
                Some(()) => Refused::Running,
                None => Refused::Failed(
                    "Quire is running already, but does not answer. End it and start again."
                        .to_owned(),
                ),
            });
        }
        Err(error) => {
            let place = wishes.data.display();
            let UserError { message, advice, .. } = error.into();
            return Err(Refused::Failed(format!(
                "{message} {advice}\n\nQuire keeps its data in {place}."
            )));
        }
        Ok(opened) => opened,
    };
    let start = Start {
        open: Mutex::new(texts(&wishes.open)),
        repaired: opened.recovery.as_ref().map(repaired),
        missing,
    };
    let listener = announce(&wishes.data);
    Ok(Opened { workbench: opened.workbench, start, listener })
}

/// Folders that are never taken for a project because something in them looks like one.
pub(crate) fn surroundings() -> Surroundings {
    Surroundings { home: std::env::home_dir(), temporary: Some(std::env::temp_dir()) }
}

/// Where `cargo xtask` keeps the dictionaries that it fetches, in the user's cache.
const DICTIONARIES: &str = "dictionaries-1";

/// The dictionaries: `QUIRE_DICTIONARIES`, beside the program, or in the user's cache.
fn find_dictionaries() -> Option<PathBuf> {
    let named = std::env::var_os("QUIRE_DICTIONARIES").map(PathBuf::from);
    let program = std::env::current_exe().ok().and_then(|path| path.canonicalize().ok());
    let folder = program.as_deref().and_then(Path::parent);
    let beside = folder.map(|folder| folder.join("dictionaries"));
    let installed = folder.map(|folder| folder.join("../share/quire/dictionaries"));
    let cached = quire_bundle::default_cache().map(|cache| cache.join(DICTIONARIES));
    [named, beside, installed, cached].into_iter().flatten().find(|folder| folder.is_dir())
}

fn texts(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.to_string_lossy().into_owned()).collect()
}

/// Say why Quire cannot start, where whoever started it can see it: there is no window yet.
pub(crate) fn say(error: &str) {
    eprintln!("quire: {error}");
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title("Quire cannot start")
        .set_description(error)
        .show();
}

/// The name under which the author's edits are kept in the history.
fn author() -> String {
    let name =
        ["USER", "USERNAME", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "me".to_owned())
}

/// What a repair did, in words.
fn repaired(recovery: &Recovery) -> String {
    let aside = recovery.set_aside.display();
    if recovery.is_complete() {
        return format!(
            "Quire's database was damaged and has been repaired. Nothing is lost. The damaged file \
             is kept as {aside}."
        );
    }
    let mut names: Vec<String> = recovery.lost_files.iter().map(ToString::to_string).collect();
    let damaged = recovery.documents.iter().filter(|document| document.missing_now > 0);
    names.extend(damaged.filter_map(|document| Some(document.path.as_ref()?.to_string())));
    let which = match names.as_slice() {
        [] => "Some of the history could not be saved; the texts are whole.".to_owned(),
        names => format!("These files may lack something: {}.", names.join(", ")),
    };
    format!(
        "Quire's database was damaged and has been repaired as far as possible. {which} The damaged \
         file is kept as {aside}."
    )
}

/// Let later starts find this one. Without it they say that Quire is running.
fn announce(data: &Path) -> Option<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    let port = listener.local_addr().ok()?.port();
    let secret = quire_workbench::random_token();
    let instance = serde_json::to_vec(&Instance { port, secret: secret.clone() }).ok()?;
    write_private(&data.join(INSTANCE), &instance).ok()?;
    Some((listener, secret))
}

fn write_private(place: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let _ = fs::remove_file(place);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(place)?.write_all(bytes)
}

/// Hand over what to open.
fn tell_first(wishes: &Wishes) -> Option<()> {
    let instance: Instance =
        serde_json::from_slice(&fs::read(wishes.data.join(INSTANCE)).ok()?).ok()?;
    let address = (Ipv4Addr::LOCALHOST, instance.port).into();
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let line = serde_json::to_string(&(instance.secret, texts(&wishes.open))).ok()?;
    stream.write_all(format!("{line}\n").as_bytes()).ok()?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).ok()?;
    (answer.trim() == "ok").then_some(())
}

/// Take what later starts hand over.
pub(crate) fn listen(app: AppHandle, listener: Option<(TcpListener, String)>) {
    let Some((listener, secret)) = listener else { return };
    let take = move || {
        for stream in listener.incoming().flatten() {
            let Some(paths) = take_one(&stream, &secret) else { continue };
            windows::show(&app);
            // The windows decide what to do with them.
            let _ = app.emit("open-paths", paths);
        }
    };
    // Without it a second start says that Quire is running.
    let _ = std::thread::Builder::new().name("second-starts".to_owned()).spawn(take);
}

fn take_one(mut stream: &TcpStream, secret: &str) -> Option<Vec<String>> {
    /// Longer messages are not from us.
    const LIMIT: u64 = 1 << 20;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut line = String::new();
    BufReader::new(std::io::Read::take(stream, LIMIT)).read_line(&mut line).ok()?;
    let (given, paths): (String, Vec<String>) = serde_json::from_str(&line).ok()?;
    if given != secret {
        return None;
    }
    stream.write_all(b"ok\n").ok()?;
    Some(paths)
}
