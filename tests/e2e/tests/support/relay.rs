//! A relay of one's own, and what authors do to share a project through it.

use super::{editor::choose, picture};
use quire_e2e::{Driver, key};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

const PASSWORD: &str = "correct horse battery";

/// The relay's process; killed when dropped.
pub(crate) struct Relay {
    child: Child,
    pub(crate) address: String,
}

impl Relay {
    /// Start one on a folder of data; `listen` is `127.0.0.1:0`, or where it was before.
    pub(crate) fn start(data: &Path, listen: &str) -> Self {
        let program = std::env::var_os("QUIRE_RELAY").map(PathBuf::from);
        let program = program.expect("QUIRE_RELAY is not set: run `cargo xtask test`");
        let mut child = Command::new(program)
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .args(["--set", "accounts.registration=open", "--set", "accounts.verify_email=never"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("it does not start");
        Self { address: address.to_owned(), child }
    }

    fn post(&self, place: &str, token: Option<&str>, body: &Value) -> Value {
        let mut request = ureq::post(format!("http://{}/api/v1/{place}", self.address));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        request.send_json(body).unwrap().body_mut().read_json().unwrap_or_default()
    }

    pub(crate) fn register(&self, name: &str) {
        let new = json!({ "email": email(name), "name": name, "password": PASSWORD });
        self.post("register", None, &new);
    }

    /// Let somebody come in by a link who has no window here.
    pub(crate) fn join(&self, name: &str, link: &str) {
        let log_in = json!({ "email": email(name), "password": PASSWORD, "device": "a test" });
        let tokens = self.post("sessions", None, &log_in);
        let secret = link.split_once("#link=").unwrap().1;
        self.post("links/join", tokens["access_token"].as_str(), &json!({ "secret": secret }));
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn email(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

/// Fill in a field of a dialog by its label.
pub(crate) fn fill(window: &Driver, label: &str, text: &str) {
    let field = format!(
        "[...document.querySelectorAll('.q-dialog .q-field')].find((e) => e.querySelector('label')?.textContent.trim() === {})?.querySelector('input')",
        json!(label)
    );
    window.until(label, &field).unwrap();
    window.run(&format!("{field}.focus()"), &[]).unwrap();
    window.type_text(text).unwrap();
}

/// Choose in a list of the window by its label: a value, or what stands there for it.
pub(crate) fn select_option(window: &Driver, label: &str, wanted: &str) {
    let list = format!(
        "[...document.querySelectorAll('select')].find((e) => e.labels[0]?.textContent === {})",
        json!(label)
    );
    window.until(label, &list).unwrap();
    let option = format!(
        "[...({list})?.options ?? []].find((e) => e.value === {0} || e.textContent.trim() === {0})",
        json!(wanted)
    );
    window.until(wanted, &option).unwrap();
    let choose = format!(
        "const list = {list}; list.value = {option}.value; list.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    window.run(&choose, &[]).unwrap();
}

pub(crate) fn sign_in(window: &Driver, name: &str) {
    fill(window, "E-mail", &email(name));
    fill(window, "Password", PASSWORD);
    window.press("Sign in").unwrap();
}

/// Share the open project through a relay at which one signs in.
pub(crate) fn share(window: &Driver, relay: &Relay, name: &str) {
    window.press("Share").unwrap();
    fill(window, "Relay", &relay.address);
    sign_in(window, name);
    window.control("Make a link").unwrap();
}

/// Make a link for a role, in the dialog that shares; the dialog is closed then.
pub(crate) fn link_for(window: &Driver, role: &str) -> String {
    select_option(window, "Who comes by it is", role);
    window.press("Make a link").unwrap();
    let link = "document.querySelector('.q-dialog input[readonly]')?.value";
    window.until("the link", link).unwrap();
    let link = window.run(&format!("return {link}"), &[]).unwrap();
    close_dialog(window);
    link.as_str().unwrap().to_owned()
}

pub(crate) fn close_dialog(window: &Driver) {
    window.shortcut(&[key::ESCAPE]).unwrap();
    window.until("the dialog is gone", "!document.querySelector('.q-dialog')").unwrap();
}

/// Join by a link from the first screen, and sign in for it.
pub(crate) fn join(window: &Driver, link: &str, name: &str) {
    offer_of(window, link);
    sign_in(window, name);
    window
        .until("the text", "document.querySelector('.view-lines')?.innerText.includes('Hello')")
        .unwrap();
}

/// From the first screen to what a link promises.
pub(crate) fn offer_of(window: &Driver, link: &str) {
    window.find(".welcome").unwrap();
    window.press("Write together").unwrap();
    window.screenshot(&picture("together-welcome")).unwrap();
    window.press("Join by link").unwrap();
    fill(window, "Link or invitation", link);
    window.press("Go on").unwrap();
    window.control("Sign in").unwrap();
}

/// Show everything so large, like `200 %`.
pub(crate) fn in_size(window: &Driver, percent: &str) {
    choose(window, ">Settings");
    select_option(window, "Size of everything", percent);
    close_dialog(window);
}

/// Wait until the status bar says something.
pub(crate) fn status_says(window: &Driver, what: &str) {
    let said =
        format!("document.querySelector('.status-bar')?.innerText.includes({})", json!(what));
    window.until_within(Duration::from_secs(60), what, &said).unwrap();
}

/// What a part of the window is, as JavaScript has it.
pub(crate) fn value_of(window: &Driver, expression: &str) -> Value {
    window.run(&format!("return {expression}"), &[]).unwrap()
}
