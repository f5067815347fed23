//! Two authors with two windows and one relay write one paper. Each step leaves a screenshot in `target/e2e`, to be
//! looked at.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{App, Driver, key};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use support::{PAPER, built, folder, into_editor, my_turn, picture, until};

const PASSWORD: &str = "correct horse battery";

/// The relay's process; killed when dropped.
struct Relay {
    child: Child,
    address: String,
}

impl Relay {
    fn start(data: &Path, listen: &str) -> Self {
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

    fn register(&self, name: &str) {
        let email = email(name);
        ureq::post(format!("http://{}/api/v1/register", self.address))
            .send_json(json!({ "email": email, "name": name, "password": PASSWORD }))
            .unwrap();
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
fn fill(window: &Driver, label: &str, text: &str) {
    let field = format!(
        "[...document.querySelectorAll('.q-dialog .q-field')].find((e) => e.querySelector('label')?.textContent.trim() === {})?.querySelector('input')",
        json!(label)
    );
    window.until(label, &field).unwrap();
    window.run(&format!("{field}.focus()"), &[]).unwrap();
    window.type_text(text).unwrap();
}

fn sign_in(window: &Driver, name: &str) {
    fill(window, "E-mail", &email(name));
    fill(window, "Password", PASSWORD);
    window.press("Sign in").unwrap();
}

fn says(window: &Driver, what: &str) {
    let said =
        format!("document.querySelector('.status-bar')?.innerText.includes({})", json!(what));
    window.until_within(Duration::from_secs(60), what, &said).unwrap();
}

/// What the editor shows, with spaces as they are in the text.
fn shown(window: &Driver) -> String {
    let lines = "return [...document.querySelectorAll('.view-line')] \
        .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top)) \
        .map((line) => line.innerText.replaceAll('\\u00a0', ' ')).join('\\n')";
    window.run(lines, &[]).unwrap().as_str().unwrap_or_default().to_owned()
}

#[test]
fn two_windows_and_one_relay_write_one_paper_and_one_is_offline_for_a_while() {
    let _turn = my_turn();
    let temp = folder(&[("main.tex", PAPER)]);
    let relay_data = tempfile::tempdir().unwrap();
    let relay = Relay::start(relay_data.path(), "127.0.0.1:0");
    let address = relay.address.clone();
    relay.register("Ada");
    relay.register("Grace");

    let ada = App::start(&temp.path().join("ada"), &[&temp.path().join("paper")]).unwrap();
    let ada = ada.window();
    built(ada);
    ada.press("Share").unwrap();
    fill(ada, "Relay", &address);
    ada.screenshot(&picture("together-sign-in")).unwrap();
    sign_in(ada, "Ada");
    ada.press("Make a link").unwrap();
    let link = "document.querySelector('.q-dialog input[readonly]')?.value";
    ada.until("the link", link).unwrap();
    let link = ada.run(&format!("return {link}"), &[]).unwrap();
    ada.screenshot(&picture("together-shared")).unwrap();
    ada.shortcut(&[key::ESCAPE]).unwrap();
    says(ada, "Saved on the relay");

    // Grace has nothing yet: two clicks and the link.
    let grace = App::start(&temp.path().join("grace"), &[]).unwrap();
    let grace = grace.window();
    // A menu closes when the templates come, with which the page is drawn anew.
    let is_whole = "document.images.length > 2 && [...document.images].every((i) => i.complete)";
    grace.until("the templates", is_whole).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    grace.press("Write together").unwrap();
    grace.press("Join by link").unwrap();
    fill(grace, "Link or invitation", link.as_str().unwrap());
    grace.press("Go on").unwrap();
    grace.control("Sign in").unwrap();
    grace.screenshot(&picture("together-join")).unwrap();
    sign_in(grace, "Grace");
    grace
        .until("the text", "document.querySelector('.view-lines')?.innerText.includes('Hello')")
        .unwrap();
    says(grace, "Saved on the relay");

    // Each sees what the other writes, and where.
    into_editor(grace);
    grace.shortcut(&[key::CONTROL, key::HOME]).unwrap();
    grace.type_text("% Grace\n").unwrap();
    until("Ada sees it", || shown(ada).contains("% Grace"));
    ada.until("Grace is here", "document.querySelector('.sharing-person[aria-label^=Grace]')")
        .unwrap();
    ada.until("her cursor", "document.querySelector('.quire-peer-caret')").unwrap();
    ada.screenshot(&picture("together-cursor")).unwrap();
    into_editor(ada);
    ada.shortcut(&[key::CONTROL, key::END]).unwrap();
    ada.type_text("% Ada\n").unwrap();
    until("Grace sees it", || shown(grace).contains("% Ada"));
    grace
        .until(
            "the name over the cursor",
            "document.querySelector('.quire-peer-name')?.textContent === 'Ada'",
        )
        .unwrap();
    grace.screenshot(&picture("together-name")).unwrap();

    // The relay is away; both go on.
    drop(relay);
    says(ada, "Offline since");
    says(grace, "Offline since");
    ada.type_text("% Ada offline\n").unwrap();
    grace.type_text("% Grace offline\n").unwrap();
    ada.screenshot(&picture("together-offline")).unwrap();
    let _relay = Relay::start(relay_data.path(), &address);
    says(ada, "Saved on the relay");
    says(grace, "Saved on the relay");
    until("both have everything", || {
        let (one, other) = (shown(ada), shown(grace));
        let whole = |text: &str| {
            ["% Grace\n", "% Ada\n", "% Ada offline", "% Grace offline"]
                .iter()
                .all(|part| text.matches(part).count() == 1)
        };
        one == other && whole(&one)
    });
    grace.screenshot(&picture("together-again")).unwrap();

    // A role changes in place, and is explained.
    ada.press("Share").unwrap();
    let role = "[...document.querySelectorAll('.q-dialog select')].find((e) => e.labels[0]?.textContent === 'Role of Grace')";
    ada.until("Grace is a member", role).unwrap();
    let choose = format!(
        "const select = {role}; select.value = 'viewer'; select.dispatchEvent(new Event('change', {{ bubbles: true }})); return true"
    );
    assert_eq!(ada.run(&choose, &[]).unwrap(), Value::Bool(true));
    grace
        .until(
            "why she can only read",
            "document.querySelector('.sharing-banner')?.textContent.includes('viewer')",
        )
        .unwrap();
    let before = shown(grace);
    into_editor(grace);
    grace.type_text("x").unwrap();
    grace.screenshot(&picture("together-viewer")).unwrap();
    assert_eq!(shown(grace), before);
}
