//! A client of the W3C WebDriver protocol, as much of it as is needed.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// Keys that have no letter (W3C WebDriver, 17.4.2).
pub mod key {
    /// Enter.
    pub const ENTER: &str = "\u{E007}";
    /// Escape.
    pub const ESCAPE: &str = "\u{E00C}";
    /// Control.
    pub const CONTROL: &str = "\u{E009}";
    /// Shift.
    pub const SHIFT: &str = "\u{E008}";
    /// Alt.
    pub const ALT: &str = "\u{E00A}";
    /// End.
    pub const END: &str = "\u{E010}";
    /// Home.
    pub const HOME: &str = "\u{E011}";
    /// Arrow left.
    pub const LEFT: &str = "\u{E012}";
    /// Arrow right.
    pub const RIGHT: &str = "\u{E014}";
    /// Backspace.
    pub const BACKSPACE: &str = "\u{E003}";
    /// Arrow down.
    pub const DOWN: &str = "\u{E015}";
}

/// How long something may take before it counts as not happening.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(40);

/// A session with one program.
pub struct Driver {
    base: String,
    agent: ureq::Agent,
    display: String,
}

/// An element of the page.
#[derive(Clone, Debug)]
pub struct Element(String);

impl Driver {
    /// Start the program under the driver that listens at `port`.
    pub fn begin(port: u16, display: &str, binary: &Path, args: &[String]) -> Result<Self> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build();
        let mut driver = Self {
            base: format!("http://127.0.0.1:{port}"),
            agent: ureq::Agent::new_with_config(config),
            display: display.to_owned(),
        };
        let options = json!({ "binary": binary, "args": args });
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "webkitgtk:browserOptions": options
        } } });
        let session = driver.post("/session", &wanted)?;
        let id = session["sessionId"].as_str().context("the driver gave no session")?;
        driver.base = format!("{}/session/{id}", driver.base);
        Ok(driver)
    }

    fn answer(&self, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
        let mut response = sent?;
        let body: Value = response.body_mut().with_config().limit(64 << 20).read_json()?;
        match body["value"].get("error") {
            Some(error) => bail!("{}: {}", error, body["value"]["message"]),
            None => Ok(body["value"].clone()),
        }
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.answer(self.agent.post(format!("{}{path}", self.base)).send_json(body))
    }

    fn get(&self, path: &str) -> Result<Value> {
        self.answer(self.agent.get(format!("{}{path}", self.base)).call())
    }

    /// Run JavaScript (the body of a function) and get what it returns.
    pub fn run(&self, script: &str, args: &[Value]) -> Result<Value> {
        self.post("/execute/sync", &json!({ "script": script, "args": args }))
    }

    /// Run JavaScript that calls `done`, its last argument.
    pub fn run_async(&self, script: &str, args: &[Value]) -> Result<Value> {
        self.post("/execute/async", &json!({ "script": script, "args": args }))
    }

    /// Wait until an expression of JavaScript is true.
    pub fn until(&self, what: &str, expression: &str) -> Result<()> {
        self.until_within(PATIENCE, what, expression)
    }

    /// Likewise, for what may take longer.
    pub fn until_within(&self, patience: Duration, what: &str, expression: &str) -> Result<()> {
        let start = Instant::now();
        loop {
            if self.run(&format!("return !!({expression})"), &[])? == Value::Bool(true) {
                return Ok(());
            }
            if start.elapsed() > patience {
                let text = self.run("return document.body.innerText.slice(0, 1500)", &[])?;
                bail!("waited in vain for {what}: {expression}\nthe window says: {text}");
            }
            std::thread::sleep(POLL);
        }
    }

    /// The first element that matches, when it is there.
    pub fn find(&self, css: &str) -> Result<Element> {
        self.until(css, &format!("document.querySelector({})", json!(css)))?;
        let found = self.post("/element", &json!({ "using": "css selector", "value": css }))?;
        let id = found.as_object().and_then(|o| o.values().next()?.as_str().map(str::to_owned));
        Ok(Element(id.with_context(|| format!("no element {css}"))?))
    }

    /// A button or another control by its accessible name or its text.
    pub fn control(&self, name: &str) -> Result<Element> {
        let mark = "data-e2e";
        let script = format!(
            "const all = [...document.querySelectorAll('button, [role=button], [role=tab], [role=menuitem], \
             [role=menuitemradio], [role=menuitemcheckbox], [role=option], [role=treeitem], a, input, textarea, select, label')]; \
             const named = (e) => (e.getAttribute('aria-label') ?? e.textContent ?? '').trim(); \
             const visible = (e) => e.getClientRects().length > 0; \
             const found = all.filter(visible).find((e) => named(e) === arguments[0]) \
               ?? all.filter(visible).find((e) => named(e).startsWith(arguments[0])); \
             document.querySelectorAll('[{mark}]').forEach((e) => e.removeAttribute('{mark}')); \
             found?.setAttribute('{mark}', ''); return found !== undefined"
        );
        let start = Instant::now();
        while self.run(&script, &[json!(name)])? != Value::Bool(true) {
            if start.elapsed() > PATIENCE {
                let text = self.run("return document.body.innerText.slice(0, 1500)", &[])?;
                bail!("there is no control {name:?}; the window says: {text}");
            }
            std::thread::sleep(POLL);
        }
        self.find(&format!("[{mark}]"))
    }

    /// Click in the middle of an element.
    pub fn click(&self, element: &Element) -> Result<()> {
        self.post(&format!("/element/{}/click", element.0), &json!({})).map(drop)
    }

    /// Click on a control by its name.
    pub fn press(&self, name: &str) -> Result<()> {
        let control = self.control(name)?;
        self.click(&control)
    }

    /// Type letters where the focus is.
    pub fn type_text(&self, text: &str) -> Result<()> {
        let strokes = text.chars().flat_map(|letter| {
            let letter = if letter == '\n' { key::ENTER.to_owned() } else { letter.to_string() };
            [
                json!({ "type": "keyDown", "value": letter }),
                json!({ "type": "keyUp", "value": letter }),
            ]
        });
        self.keys(strokes.collect())
    }

    /// Press keys together, as a shortcut: modifiers first.
    pub fn shortcut(&self, keys: &[&str]) -> Result<()> {
        let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
        self.keys(down.chain(up).collect())
    }

    fn keys(&self, actions: Vec<Value>) -> Result<()> {
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] })).map(drop)
    }

    /// Click twice at a point of the window, in CSS pixels.
    pub fn double_click_at(&self, x: f64, y: f64) -> Result<()> {
        let at = json!({ "type": "pointerMove", "duration": 0, "x": x as i64, "y": y as i64 });
        let down = json!({ "type": "pointerDown", "button": 0 });
        let up = json!({ "type": "pointerUp", "button": 0 });
        let actions = json!([at, down, up, down, up]);
        let pointer = json!({ "type": "pointer", "id": "mouse", "actions": actions });
        self.post("/actions", &json!({ "actions": [pointer] })).map(drop)
    }

    /// Save what the display shows as PNG, once what fades in has done so.
    pub fn screenshot(&self, place: &Path) -> Result<()> {
        std::thread::sleep(Duration::from_millis(350));
        self.picture(place)
    }

    /// Save what the display shows at this moment as PNG: taken by the display, since WebKit's own pictures sometimes
    /// never come.
    pub fn picture(&self, place: &Path) -> Result<()> {
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let taken = Command::new("import")
            .args(["-display", &self.display, "-window", "root"])
            .arg(place)
            .status()
            .context("cannot start `import`: is the package imagemagick installed?")?;
        ensure!(taken.success(), "no picture of {}", self.display);
        Ok(())
    }

    /// The windows that are open.
    pub fn windows(&self) -> Result<Vec<String>> {
        let handles = self.get("/window/handles")?;
        let names = handles.as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(names.map(str::to_owned).collect())
    }

    /// Go on in another window.
    pub fn switch_to(&self, window: &str) -> Result<()> {
        self.post("/window", &json!({ "handle": window })).map(drop)
    }

    /// Show another page.
    pub fn go(&self, address: &str) -> Result<()> {
        self.post("/url", &json!({ "url": address })).map(drop)
    }

    /// End the session, and with it the program.
    pub fn end(&self) {
        // The program may have been killed before.
        let _ = self.answer(self.agent.delete(&self.base).call());
    }
}
