//! The program under test: started on a folder of data, killed, started again.

use crate::{Display, Driver};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A running program. Ends with the value.
pub struct App {
    driver: Driver,
    server: Child,
    _display: Option<Display>,
}

/// Programs in the folder `bin` of the data take the place of the system's: a test may be the browser.
fn search_path(data: &Path) -> std::ffi::OsString {
    let mut path = data.join("bin").into_os_string();
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    path
}

/// Where the program is: set by `cargo xtask`, which builds it.
fn binary() -> Result<PathBuf> {
    let place = env::var_os("QUIRE_DESKTOP").map(PathBuf::from);
    place.context("QUIRE_DESKTOP is not set: run `cargo xtask test`, which builds the program")
}

impl App {
    /// Start on this folder of data and let it open these paths.
    pub fn start(data: &Path, open: &[&Path]) -> Result<Self> {
        Self::start_on(Display::start()?, data, open)
    }

    /// Likewise, on a display of one's own.
    pub fn start_on(display: Display, data: &Path, open: &[&Path]) -> Result<Self> {
        Self::start_in(display, data, open, &[])
    }

    /// Likewise, with these variables in the program's environment.
    pub fn start_in(
        display: Display,
        data: &Path,
        open: &[&Path],
        env: &[(&str, &str)],
    ) -> Result<Self> {
        let port = free_port()?;
        // A write that is refused for its length (`App::refuse_writes`) is to fail, not to end the program.
        let server = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec WebKitWebDriver \"$@\"", "sh"])
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("DISPLAY", display.name())
            .env("QUIRE_DATA", data)
            .env("PATH", search_path(data))
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("GDK_BACKEND", "x11")
            .envs(env.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start WebKitWebDriver: is the package webkit2gtk-driver installed?")?;
        let mut app = AppBeingStarted { server: Some(server) };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if start.elapsed() > Duration::from_secs(10) {
                bail!("WebKitWebDriver does not listen at port {port}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let args: Vec<String> = open.iter().map(|path| path.display().to_string()).collect();
        let driver = Driver::begin(port, display.name(), &binary()?, &args)?;
        let server = app.server.take().context("the driver is gone")?;
        Ok(Self { driver, server, _display: Some(display) })
    }

    /// The way to its window.
    pub fn window(&self) -> &Driver {
        &self.driver
    }

    /// Kill the program as a crash would: nothing is written after this.
    pub fn kill(self) -> Result<()> {
        let program = self.processes()?;
        if program.is_empty() {
            bail!("the program is not running");
        }
        for id in program {
            Command::new("kill").args(["-KILL", &id.to_string()]).status()?;
        }
        Ok(())
    }

    /// Let every write of the program fail, or no longer: a disk that breaks.
    pub fn refuse_writes(&self, refuse: bool) -> Result<()> {
        let limit = if refuse { "--fsize=0:unlimited" } else { "--fsize=unlimited:unlimited" };
        let program = *self.processes()?.first().context("no process")?;
        let status =
            Command::new("prlimit").args(["--pid", &program.to_string(), limit]).status()?;
        if status.success() { Ok(()) } else { bail!("prlimit failed") }
    }

    /// Press the window's cross.
    pub fn ask_to_close(&self) {
        // The answer may not come any more.
        let _ = self.driver.run("window.__TAURI_INTERNALS__.invoke('plugin:window|close')", &[]);
    }

    /// Close the window, as an author would, and wait until the program has ended.
    pub fn close(self) -> Result<()> {
        self.ask_to_close();
        let start = Instant::now();
        while !self.processes()?.is_empty() {
            if start.elapsed() > Duration::from_secs(15) {
                bail!("the program does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The program's processes: all that the driver has started.
    pub fn processes(&self) -> Result<Vec<u32>> {
        let mut found = vec![self.server.id()];
        let mut next = 0;
        while next < found.len() {
            let tasks = format!("/proc/{}/task", found[next]);
            for task in fs::read_dir(tasks).into_iter().flatten().flatten() {
                let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
                found.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
            }
            next += 1;
        }
        found.remove(0);
        Ok(found)
    }
}

/// Does not leave a driver behind when the start fails.
struct AppBeingStarted {
    server: Option<Child>,
}

impl Drop for AppBeingStarted {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            end(server);
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.driver.end();
        end(&mut self.server);
    }
}

fn end(server: &mut Child) {
    let _ = server.kill();
    let _ = server.wait();
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
