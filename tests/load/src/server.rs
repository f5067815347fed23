//! The servers, each started as it is installed, and what the system tells of their processes.

use crate::dialect::Dialect;
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const EMAIL: &str = "bench@example.org";
/// A machine on which colleagues compile starts things late.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of `/proc/PID/stat`, on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Quire,
    YWebsocket,
    Hocuspocus,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::Quire, Kind::YWebsocket, Kind::Hocuspocus];

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Quire => "quire-relay",
            Self::YWebsocket => "y-websocket",
            Self::Hocuspocus => "Hocuspocus",
        }
    }
}

/// Where the programs are.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// The relay's program, built for release.
    pub(crate) relay: PathBuf,
    /// The folder into which the peers were installed.
    pub(crate) peers: PathBuf,
}

/// A server that runs; it is killed when this is dropped.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    child: Child,
    address: String,
    /// Of Quire's relay: a personal token, and the project with the documents.
    token: String,
    project: String,
    data: TempDir,
    programs: Programs,
}

/// With what a line is opened.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) url: String,
    pub(crate) authorization: Option<String>,
    pub(crate) dialect: Dialect,
}

impl Server {
    pub(crate) fn start(kind: Kind, programs: &Programs) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let address = free_address()?;
        let mut server = Self {
            kind,
            child: spawn(kind, programs, &address, &data)?,
            address,
            token: String::new(),
            project: "0".repeat(32),
            data,
            programs: programs.clone(),
        };
        server.wait_until_it_listens()?;
        if kind == Kind::Quire {
            server.prepare()?;
        }
        Ok(server)
    }

    /// The same folder, read by a new process: nothing is in memory.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        self.child = spawn(self.kind, &self.programs, &self.address, &self.data)?;
        self.wait_until_it_listens()
    }

    fn wait_until_it_listens(&mut self) -> Result<()> {
        let start = Instant::now();
        while TcpStream::connect(&self.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}", self.kind.name());
            }
            ensure!(start.elapsed() < PATIENCE, "{} does not listen", self.kind.name());
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// An account, its token, a project.
    fn prepare(&mut self) -> Result<()> {
        let admin = |arguments: &[&str]| -> Result<String> {
            let output = Command::new(&self.programs.relay)
                .arg("--data")
                .arg(self.data.path())
                .arg("admin")
                .args(arguments)
                .output()?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        admin(&["create", EMAIL])?;
        self.token = admin(&["token", EMAIL])?;
        let made: serde_json::Value = ureq::post(self.api("projects"))
            .header("authorization", self.bearer())
            .send_json(serde_json::json!({ "name": "Bench" }))?
            .body_mut()
            .read_json()?;
        self.project = made["id"].as_str().context("a project without an id")?.to_owned();
        Ok(())
    }

    fn api(&self, path: &str) -> String {
        format!("http://{}/api/v1/{path}", self.address)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// A new document, of this number.
    pub(crate) fn document(&self, number: u32) -> Result<Door> {
        // Ids are made by who makes documents; the peers take any name.
        let id = format!("{:032x}", 0xbe0c_0000_0000_u64 + u64::from(number));
        if self.kind == Kind::Quire {
            let path = format!("projects/{}/documents/{id}", self.project);
            ureq::put(self.api(&path))
                .header("authorization", self.bearer())
                .send_json(serde_json::json!({ "path": format!("{number}.tex") }))?;
        }
        let url = |path: &str| format!("ws://{}/{path}", self.address);
        Ok(match self.kind {
            Kind::Quire => Door {
                url: url(&format!("ws/{id}")),
                authorization: Some(self.bearer()),
                dialect: Dialect::Stock,
            },
            Kind::YWebsocket => {
                Door { url: url(&id), authorization: None, dialect: Dialect::Stock }
            }
            Kind::Hocuspocus => {
                Door { url: url(""), authorization: None, dialect: Dialect::Hocuspocus(id) }
            }
        })
    }

    /// Seconds of processors that it has taken.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // Behind the name of the program, which may hold anything.
        let (_, fields) = stat.rsplit_once(')').context("/proc/PID/stat")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / TICKS_PER_SECOND)
    }

    /// Its proportional share of memory, in bytes, once it has nothing to do.
    pub(crate) fn memory(&self) -> Result<u64> {
        if self.kind != Kind::Quire {
            let pid = self.child.id().to_string();
            ensure!(Command::new("kill").args(["-USR2", &pid]).status()?.success(), "no signal");
        }
        std::thread::sleep(Duration::from_secs(1));
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let kilobytes = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kilobytes = kilobytes.and_then(|rest| rest.split_whitespace().next());
        Ok(kilobytes.context("/proc/PID/smaps_rollup")?.parse::<u64>()? * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(kind: Kind, programs: &Programs, address: &str, data: &TempDir) -> Result<Child> {
    let (host, port) = address.rsplit_once(':').context("an address with a port")?;
    let mut command = match kind {
        Kind::Quire => {
            let mut command = Command::new(&programs.relay);
            command
                .args(["serve", "--listen", address, "--data"])
                .arg(data.path())
                // One account is everybody here; the counting stays.
                .args(["--set", "limits.frames_per_minute=400000000"])
                .args(["--set", "limits.per_document=4000"])
                .env("QUIRE_RELAY_LOG", "warn");
            command
        }
        Kind::YWebsocket | Kind::Hocuspocus => {
            let script = match kind {
                Kind::YWebsocket => "node_modules/y-websocket/bin/server.cjs",
                _ => "hocuspocus.mjs",
            };
            let mut command = Command::new("node");
            command
                .args(["--expose-gc", "--import", "./collect.mjs", script])
                .current_dir(&programs.peers)
                .env("NODE_ENV", "production")
                .env("HOST", host)
                .env("PORT", port);
            command
        }
    };
    let log = fs::File::create(data.path().join("bench.log"))?;
    let command = command.stdout(Stdio::null()).stderr(log);
    command.spawn().with_context(|| format!("cannot start {}", kind.name()))
}

fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
