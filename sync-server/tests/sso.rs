//! Signing in through others: through a real provider with its real pages, and through one that lies.

#![allow(clippy::unwrap_used)]

mod support;

use quire_workbench::{Config, Workbench, WorkbenchError};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use support::{
    Desk, PATIENCE, Relay,
    browser::{Browser, Page, Program},
    free_address,
    http::Answer,
    liar::Liar,
};

/// oidc-provider; killed when dropped.
struct Provider {
    child: Child,
    issuer: String,
    /// It says more, and dies when nobody listens.
    _said: BufReader<ChildStdout>,
}

impl Provider {
    fn start(address: &str, relay: &str) -> Self {
        let strangers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers");
        assert!(
            strangers.join("node_modules/oidc-provider").is_dir(),
            "the provider is not there: `cargo xtask test` installs it, or `npm ci` in {}",
            strangers.display()
        );
        let (_, port) = address.rsplit_once(':').unwrap();
        let callback = |id| format!("http://{relay}/sso/{id}/callback");
        let mut child = Command::new("node")
            .args(["provider.mjs", port, &callback("campus"), &callback("lab")])
            .current_dir(strangers)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node.js is missing");
        let mut issuer = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut issuer).unwrap();
        Self { child, issuer: issuer.trim().to_owned(), _said: said }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A relay that knows two ways to sign in at one provider: with a secret and RS256, which makes accounts; and without a
/// secret, with ES256.
fn start(desk: &Desk, issuer: &str, more: &[&str]) -> Relay {
    let settings = [
        "sso.campus.name=the campus".to_owned(),
        format!("sso.campus.issuer={issuer}"),
        "sso.campus.client_id=quire-rs256".to_owned(),
        "sso.campus.client_secret=a secret of the tests".to_owned(),
        "sso.campus.creates_accounts=true".to_owned(),
        format!("sso.lab.issuer={issuer}"),
        "sso.lab.client_id=quire-es256".to_owned(),
    ];
    let settings = settings.iter().map(|set| &**set).chain(more.iter().copied());
    let settings: Vec<&str> = settings.flat_map(|set| ["--set", set]).collect();
    Relay::start_at(desk.path(), &free_address(), &settings)
}

/// The provider has to know the relay's address and the relay the provider's: one has its port beforehand.
fn both(desk: &Desk, more: &[&str]) -> (Provider, Relay) {
    let address = free_address();
    let relay = start(desk, &format!("http://{address}"), more);
    (Provider::start(&address, &relay.address), relay)
}

fn fetch(relay: &Relay, page: &Page, program: &Program) -> Answer {
    let said = page.said();
    assert_eq!(said.get("state").map(|state| &**state), Some("mine"), "{page:?}");
    let code = said.get("code").unwrap_or_else(|| panic!("no code: {page:?}"));
    let body = json!({ "code": code, "verifier": program.verifier, "device": "the test" });
    relay.client().post("/sessions/sso", body)
}

fn program() -> Program {
    Program { verifier: "a verifier that only the program knows, of 43 characters".to_owned() }
}

/// The program is told that it did not work, with these words.
#[track_caller]
fn refused(page: &Page, words: &str) {
    let said = page.said();
    assert!(!said.contains_key("code"), "{page:?}");
    let why = said.get("error_description").unwrap_or_else(|| panic!("no reason: {page:?}"));
    assert!(why.contains(words), "{words}: {why}");
}

#[test]
fn one_signs_in_through_a_real_provider_and_comes_back_to_the_same_account() {
    let desk = Desk::new();
    let (provider, relay) = both(&desk, &[]);
    let ways = relay.client().get("").done()["sign_in"].clone();
    let expected =
        json!([{ "id": "campus", "name": "the campus" }, { "id": "lab", "name": "lab" }]);
    assert_eq!(ways, expected);
    let program = program();
    let browser = Browser::new();
    let page = browser.log_in_and_consent(&program.opens(&relay.address, "campus"), "carol");
    assert_eq!((page.url.host_str(), page.url.port()), (Some("127.0.0.1"), Some(9)));
    // Who has read the address has no verifier.
    let thief = Program { verifier: "x".repeat(43) };
    fetch(&relay, &page, &thief).refused(404, "bad-secret");
    fetch(&relay, &page, &program).refused(404, "bad-secret");
    // The provider knows the browser now, and asks nothing.
    let page = browser.go(&program.opens(&relay.address, "campus"));
    let tokens = fetch(&relay, &page, &program).done();
    assert_eq!(tokens["user"]["email"], "carol@example.org");
    assert_eq!(tokens["user"]["name"], "carol of the campus");
    assert!(tokens["user"]["verified_at"].is_string());
    fetch(&relay, &page, &program).refused(404, "bad-secret");
    let carol = relay.client().with(tokens["access_token"].as_str().unwrap());
    assert_eq!(carol.get("/me").done()["id"], tokens["user"]["id"]);
    assert_eq!(carol.get("/sessions").done()[0]["device"], "the test");
    // Without a secret, and signed with an elliptic curve: the same person, and so the same account.
    let page = Browser::new().log_in_and_consent(&program.opens(&relay.address, "lab"), "carol");
    assert_eq!(fetch(&relay, &page, &program).done()["user"]["id"], tokens["user"]["id"]);
    // No secret is in the log.
    for secret in ["a secret of the tests", "qrh_", "qrs_", "qrr_"] {
        assert!(!relay.log().contains(secret), "{secret}");
    }
    drop(provider);
}

#[test]
fn a_provider_with_new_keys_is_believed_and_a_code_is_good_in_its_own_sign_in_only() {
    let desk = Desk::new();
    let (provider, relay) = both(&desk, &[]);
    let program = program();
    let opens = program.opens(&relay.address, "campus");
    let page = Browser::new().log_in_and_consent(&opens, "carol");
    fetch(&relay, &page, &program).done();
    let address = provider.issuer.strip_prefix("http://").unwrap().to_owned();
    drop(provider);
    let provider = Provider::start(&address, &relay.address);
    let start = Instant::now();
    let mut page = Browser::new().log_in_and_consent(&opens, "carol");
    while !page.said().contains_key("code") {
        // Keys are not read again for each token that somebody made up, but some seconds later.
        refused(&page, "cannot be trusted");
        assert!(start.elapsed() < PATIENCE, "{page:?}");
        // Nor may one begin as often as one likes.
        thread::sleep(Duration::from_secs(2));
        page = Browser::new().log_in_and_consent(&opens, "carol");
    }
    fetch(&relay, &page, &program).done();
    // Somebody slips the code of his own sign-in into another's: both are refused.
    let (thief, victim) = (Browser::new(), Browser::new());
    let callback = stop_before_relay(&thief, &opens, "mallory");
    let code = Page { url: callback, status: 0, body: String::new() }.said()["code"].clone();
    let at_provider = victim.is_sent(&opens);
    let state = Page { url: at_provider, status: 0, body: String::new() }.said()["state"].clone();
    let slipped = format!("http://{}/sso/campus/callback?code={code}&state={state}", relay.address);
    refused(&victim.go(&slipped), "cannot be trusted");
    // What has come back once does not come back again.
    let again = victim.go(&slipped);
    assert_eq!(again.status, 400);
    assert!(again.body.contains("Begin again in Quire"), "{}", again.body);
    drop(provider);
}

/// Log in at the provider; the address with which it sends the browser back, which is not gone to.
fn stop_before_relay(browser: &Browser, opens: &str, name: &str) -> url::Url {
    let page = browser.go(opens);
    let page = browser.submit(&page, &[("login", name), ("password", "x")]);
    browser.stays_at_provider.set(true);
    browser.submit(&page, &[]).url
}

#[test]
fn an_address_that_is_not_proven_opens_nothing_and_who_is_not_let_in_is_told_why() {
    let desk = Desk::new();
    let more = ["accounts.registration=open", "accounts.verify_email=never"];
    let (_provider, relay) = both(&desk, &more);
    let program = program();
    let sign_in =
        |way, name| Browser::new().log_in_and_consent(&program.opens(&relay.address, way), name);
    refused(&sign_in("campus", "unproven-owner"), "not proven");
    // Somebody registered with Dave's address before Dave came, and nobody has proven that it is his.
    let squatter =
        json!({ "email": "dave@example.org", "name": "Dave?", "password": "correct horse" });
    relay.client().post("/register", squatter).done();
    refused(&sign_in("campus", "dave"), "nobody has proven");
    // The owner of the project has proven his address: he comes into his account.
    let page = sign_in("campus", "owner");
    let user = fetch(&relay, &page, &program).done()["user"]["id"].clone();
    assert_eq!(user, json!(desk.owner.to_string()));
    relay.kill();
    // Where strangers may not register, this way makes accounts only for whom the setting is made.
    let (_provider, relay) = both(&desk, &["accounts.registration=invited"]);
    let sign_in =
        |way, name| Browser::new().log_in_and_consent(&program.opens(&relay.address, way), name);
    refused(&sign_in("lab", "erin"), "no account here");
    let owner = relay.client().with(&desk.pass.token);
    let invitations = format!("/projects/{}/invitations", desk.project);
    owner.post(&invitations, json!({ "email": "erin@example.org", "role": "editor" })).done();
    fetch(&relay, &sign_in("lab", "erin"), &program).done();
    relay.kill();
    let (_provider, relay) = both(&desk, &["sso.campus.domains=elsewhere.example"]);
    let opens = program.opens(&relay.address, "campus");
    refused(&Browser::new().log_in_and_consent(&opens, "owner"), "elsewhere.example");
}

#[test]
fn a_sign_in_belongs_to_the_browser_and_the_program_that_began_it() {
    let desk = Desk::new();
    let (_provider, relay) = both(&desk, &[]);
    let program = program();
    let opens = program.opens(&relay.address, "campus");
    let attacker = Browser::new();
    let callback = stop_before_relay(&attacker, &opens, "mallory");
    // Sent to somebody else, who would be signed in as the attacker.
    let page = Browser::new().go(callback.as_str());
    assert_eq!(page.status, 400);
    attacker.stays_at_provider.set(false);
    assert_eq!(attacker.go(callback.as_str()).status, 400, "it came back before");
    for wrong in [
        "port=0&challenge=x&state=y",
        "port=80&challenge=x&state=y",
        "port=9&challenge=CHALLENGE&state=",
        "port=9&challenge=CHALLENGE&state=a%0d%0aSet-Cookie:%20x",
        "port=9%40evil.example&challenge=CHALLENGE&state=y",
        "port=9&challenge=CHALLENGE&state=y&redirect_uri=https://evil.example",
    ] {
        let wrong = wrong.replace("CHALLENGE", &"A".repeat(43));
        let answer = relay.client().ask("GET", &format!("/sso/campus?{wrong}"));
        answer.refused(400, "malformed");
    }
    relay
        .client()
        .ask("GET", &opens[opens.find("/sso").unwrap()..].replace("campus", "nowhere"))
        .refused(404, "not-found");
}

#[test]
fn a_provider_that_lies_is_not_believed() {
    let desk = Desk::new();
    let liar = Liar::start();
    let relay = start(&desk, &liar.issuer, &[]);
    let program = program();
    let opens = program.opens(&relay.address, "campus");
    let come = |lie: &dyn Fn(&mut Value) -> Option<String>| {
        let browser = Browser::new();
        let at_provider = Page { url: browser.is_sent(&opens), status: 0, body: String::new() };
        let asked = at_provider.said();
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut claims = liar.honest_claims("quire-rs256", &asked["nonce"]);
        let token = lie(&mut claims).unwrap_or_else(|| liar.sign(&claims));
        liar.answer_with(token);
        let (address, state) = (&relay.address, &asked["state"]);
        browser.go(&format!("http://{address}/sso/campus/callback?code=any&state={state}"))
    };
    let honest = come(&|_| None);
    fetch(&relay, &honest, &program).done();
    type Lie = dyn Fn(&mut Value);
    let lies: [(&str, &Lie); 9] = [
        ("nonce", &|claims| claims["nonce"] = json!("of another sign-in")),
        ("nonce", &|claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("audience", &|claims| claims["aud"] = json!("another-client")),
        ("audience", &|claims| claims["aud"] = json!(["quire-rs256", "another-client"])),
        ("issuer", &|claims| claims["iss"] = json!("https://login.example.org")),
        ("Expired", &|claims| claims["exp"] = json!(1_000_000_000)),
        ("access token", &|claims| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("not proven", &|claims| claims["email_verified"] = json!(false)),
        ("not proven", &|claims| drop(claims.as_object_mut().unwrap().remove("email_verified"))),
    ];
    for (words, lie) in lies {
        let page = come(&|claims| {
            // Not the one who is known already.
            claims["sub"] = json!("somebody-new");
            claims["email"] = json!("new@example.org");
            lie(claims);
            None
        });
        refused(&page, words);
    }
    type Signature<'l> = &'l dyn Fn(&Value) -> String;
    let signatures: [(&str, Signature<'_>); 6] = [
        ("none", &|claims| liar.unsigned(claims)),
        ("HS256 with the client's secret", &|claims| liar.hmac(claims, b"a secret of the tests")),
        ("HS256 with the public key", &|claims| liar.hmac(claims, liar.public_key().as_bytes())),
        ("ES384", &|claims| liar.with_header(claims, "ES384")),
        ("another's key", &|claims| liar.stranger_signs(claims)),
        ("changed", &|claims| liar.changed(claims)),
    ];
    for (what, sign) in signatures {
        let page = come(&|claims| Some(sign(claims)));
        assert!(!page.said().contains_key("code"), "{what}: {page:?}");
        refused(&page, "cannot be trusted");
    }
    // Another provider has answered than was asked (RFC 9207).
    let browser = Browser::new();
    let state =
        Page { url: browser.is_sent(&opens), status: 0, body: String::new() }.said()["state"]
            .clone();
    let mixed_up = format!(
        "http://{}/sso/campus/callback?code=any&state={state}&iss=https%3A%2F%2Fevil.example",
        relay.address
    );
    refused(&browser.go(&mixed_up), "another provider");
}

#[test]
fn the_desktop_signs_in_in_the_browser_of_its_machine() {
    let desk = Desk::new();
    let (_provider, relay) = both(&desk, &[]);
    let data = tempfile::tempdir().unwrap();
    let config = Config {
        data: data.path().to_owned(),
        author: "me".to_owned(),
        engine: Err("not in this test".to_owned()),
        pdfium: Err("not in this test".to_owned()),
        dictionaries: None,
        uses_keyring: false,
    };
    let desktop = Workbench::open(config).unwrap().workbench;
    let ways = desktop.sign_in_ways(&relay.address).unwrap();
    assert_eq!(ways.iter().map(|way| &*way.name).collect::<Vec<_>>(), ["the campus", "lab"]);
    let finish = || {
        let desktop = desktop.clone();
        std::thread::spawn(move || desktop.finish_browser_sign_in())
    };
    let sign_in = |name| {
        let url = desktop.begin_browser_sign_in(&relay.address, "campus").unwrap();
        let finishing = finish();
        let page = Browser::new().log_in_and_consent(&url, name);
        let shown = ureq::get(page.url.as_str()).call().unwrap().into_body().read_to_string();
        (finishing.join().unwrap(), shown.unwrap())
    };
    let (me, shown) = sign_in("carol");
    let me = me.unwrap();
    assert_eq!(me.email.as_deref(), Some("carol@example.org"));
    assert!(shown.contains("You are signed in"), "{shown}");
    assert_eq!(desktop.relay_projects(&me.relay, &me.user).unwrap(), []);
    let (refused, shown) = sign_in("unproven-mallory");
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("has not proven that your e-mail address is yours"), "{refused}");
    assert!(shown.contains("That did not work"), "{shown}");
    desktop.begin_browser_sign_in(&relay.address, "campus").unwrap();
    let finishing = finish();
    // Whether it waits already or not.
    desktop.give_up_browser_sign_in();
    assert!(matches!(finishing.join().unwrap(), Err(WorkbenchError::Cancelled)));
    desktop.close();
}
