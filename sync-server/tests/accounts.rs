//! Accounts through the real server: registering, logging in, tokens, letters; and what attackers try.

#![allow(clippy::unwrap_used)]

mod support;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use quire_relay::{
    auth::tokens::AccessTokens,
    directory::{Directory, Timestamp},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use support::{
    Desk, Relay,
    http::{Answer, Client},
};

const OPEN: [&str; 2] = ["--set", "accounts.registration=open"];
const PROVEN: [&str; 4] =
    ["--set", "accounts.registration=open", "--set", "accounts.verify_email=always"];
const PASSWORD: &str = "correct horse";

fn register(client: &Client, email: &str) -> Answer {
    let said = json!({ "email": email, "name": "Ann", "password": PASSWORD });
    client.post("/register", said)
}

fn log_in(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/sessions", json!({ "email": email, "password": password, "device": "the test" }))
}

fn refresh(client: &Client, token: &Value) -> Answer {
    client.post("/sessions/refresh", json!({ "refresh_token": token }))
}

/// Ann is registered and logged in.
fn ann(relay: &Relay) -> (Client, Value) {
    let client = relay.client();
    register(&client, "ann@example.org").done();
    let tokens = log_in(&client, "ann@example.org", PASSWORD).done();
    (client.with(tokens["access_token"].as_str().unwrap()), tokens)
}

#[test]
fn one_registers_logs_in_and_out() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, tokens) = ann(&relay);
    assert_eq!(tokens["expires_in"], 900);
    assert_eq!(tokens["refresh_expires_in"], 7 * 24 * 3600);
    let me = ann.get("/me").done();
    assert_eq!(
        (me["email"].as_str(), me["is_admin"].as_bool()),
        (Some("ann@example.org"), Some(false))
    );
    assert!(me.get("password").is_none());
    ann.patch("/me", json!({ "name": "Ann B." })).done();
    assert_eq!(ann.get("/me").done()["name"], "Ann B.");
    assert_eq!(ann.get("/sessions").done()[0]["device"], "the test");
    ann.delete("/sessions/current").done();
    // At once, though the token would be good for a quarter of an hour.
    ann.get("/me").refused(401, "unauthenticated");
    refresh(&ann, &tokens["refresh_token"]).refused(401, "unauthenticated");
}

#[test]
fn logging_out_everywhere_ends_all_log_ins_and_nobody_elses() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, _) = ann(&relay);
    let second = log_in(&relay.client(), "ann@example.org", PASSWORD).done();
    let second = relay.client().with(second["access_token"].as_str().unwrap());
    register(&relay.client(), "bob@example.org").done();
    let bob = log_in(&relay.client(), "bob@example.org", PASSWORD).done();
    let bob = relay.client().with(bob["access_token"].as_str().unwrap());
    let foreign = bob.get("/sessions").done()[0]["id"].as_str().unwrap().to_owned();
    ann.delete(&format!("/sessions/{foreign}")).refused(404, "not-found");
    assert_eq!(ann.get("/sessions").done().as_array().unwrap().len(), 2);
    second.delete("/sessions").done();
    ann.get("/me").refused(401, "unauthenticated");
    second.get("/me").refused(401, "unauthenticated");
    bob.get("/me").done();
}

#[test]
fn a_refresh_token_is_good_once_and_its_second_use_ends_the_log_in() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, first) = ann(&relay);
    let second = refresh(&ann, &first["refresh_token"]).done();
    // The reply was lost: asked again at once, there is another.
    let again = refresh(&ann, &first["refresh_token"]).done();
    assert_ne!(second["refresh_token"], again["refresh_token"]);
    let third = refresh(&ann, &again["refresh_token"]).done();
    // Now that what followed was used, nobody honest comes with the first any more.
    refresh(&ann, &first["refresh_token"]).refused(401, "unauthenticated");
    refresh(&ann, &third["refresh_token"]).refused(401, "unauthenticated");
    ann.with(third["access_token"].as_str().unwrap()).get("/me").refused(401, "unauthenticated");
    refresh(&ann, &json!("qrr_made-up")).refused(401, "unauthenticated");
}

#[test]
fn the_one_of_two_replies_that_is_used_later_ends_the_log_in() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, first) = ann(&relay);
    let thiefs = refresh(&ann, &first["refresh_token"]).done();
    let owners = refresh(&ann, &first["refresh_token"]).done();
    refresh(&ann, &thiefs["refresh_token"]).refused(401, "unauthenticated");
    refresh(&ann, &owners["refresh_token"]).refused(401, "unauthenticated");
}

#[test]
fn after_the_grace_a_lost_reply_is_a_theft() {
    let desk = Desk::new();
    let relay = Relay::start(
        desk.path(),
        &["--set", "accounts.registration=open", "--set", "tokens.grace_seconds=0"],
    );
    let (ann, first) = ann(&relay);
    refresh(&ann, &first["refresh_token"]).done();
    std::thread::sleep(Duration::from_millis(1100));
    refresh(&ann, &first["refresh_token"]).refused(401, "unauthenticated");
    ann.get("/me").refused(401, "unauthenticated");
}

/// A token in parts.
fn forged(header: &Value, claims: &Value, sign: impl Fn(&str) -> Vec<u8>) -> String {
    let signed =
        format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    format!("{signed}.{}", BASE64.encode(sign(&signed)))
}

#[test]
fn forged_and_expired_tokens_are_refused() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, tokens) = ann(&relay);
    let keys = ann.get("/.well-known/jwks.json").done();
    let key = &keys["keys"][0];
    assert_eq!((&key["alg"], &key["kty"]), (&json!("RS256"), &json!("RSA")));
    assert!(key.get("d").is_none(), "the private key is told");
    let token = tokens["access_token"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let claims: Value = serde_json::from_slice(&BASE64.decode(parts[1]).unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&BASE64.decode(parts[0]).unwrap()).unwrap();
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("at+jwt")));
    let refused = |token: &str, word: &str| {
        ann.with(token).get("/me").refused(401, word);
    };
    // No signature, by its own account.
    for algorithm in ["none", "None", "NONE", ""] {
        let header = json!({ "alg": algorithm, "typ": "at+jwt", "kid": key["kid"] });
        refused(&forged(&header, &claims, |_| Vec::new()), "unauthenticated");
    }
    // The public key, which everybody has, as the secret of another algorithm.
    let modulus = BASE64.decode(key["n"].as_str().unwrap()).unwrap();
    for secret in
        [&*modulus, key["n"].as_str().unwrap().as_bytes(), key.to_string().as_bytes(), b""]
    {
        let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        let sign = |text: &str| aws_lc_rs::hmac::sign(&secret, text.as_bytes()).as_ref().to_vec();
        let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": key["kid"] });
        refused(&forged(&header, &claims, sign), "unauthenticated");
    }
    // Another's key, told along.
    let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let sign = |text: &str| {
        let mut signature = vec![0; pair.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        let scheme = &aws_lc_rs::signature::RSA_PKCS1_SHA256;
        pair.sign(scheme, &random, text.as_bytes(), &mut signature).unwrap();
        signature
    };
    let own = json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" });
    for header in [
        header.clone(),
        json!({ "alg": "RS256", "typ": "at+jwt", "jwk": own, "jku": "https://evil.example.org" }),
        json!({ "alg": "RS256", "typ": "at+jwt", "kid": "../../etc/passwd" }),
    ] {
        refused(&forged(&header, &claims, sign), "unauthenticated");
    }
    // The claims of an administrator under Ann's signature.
    let mut others = claims.clone();
    others["sub"] = json!(desk.owner);
    let signature = BASE64.decode(parts[2]).unwrap();
    refused(&forged(&header, &others, |_| signature.clone()), "unauthenticated");
    refused(&format!("{token}x"), "unauthenticated");
    refused("qrp_made-up", "unauthenticated");
    refused("", "unauthenticated");
    // A refresh token is no access token.
    refused(tokens["refresh_token"].as_str().unwrap(), "unauthenticated");
    // One of the relay's own that has expired, and one of a log-in that never was.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let directory = Directory::open(desk.path()).unwrap();
    let ours = runtime.block_on(AccessTokens::open(&directory, 900, 30)).unwrap();
    let user = tokens["user"]["id"].as_str().unwrap().parse().unwrap();
    let login = tokens["session"].as_str().unwrap().parse().unwrap();
    let long_ago = Timestamp(Timestamp::now().0 - 901);
    refused(&ours.issue(user, login, long_ago).unwrap().0, "token-expired");
    let now = Timestamp::now();
    refused(&ours.issue(desk.owner, login, now).unwrap().0, "unauthenticated");
    ann.with(&ours.issue(user, login, now).unwrap().0).get("/me").done();
}

#[test]
fn who_guesses_a_password_is_stopped_and_learns_nothing() {
    let desk = Desk::new();
    let mut settings = OPEN.to_vec();
    settings.extend(["--set", "limits.failed_logins=4"]);
    let relay = Relay::start(desk.path(), &settings);
    let (ann, _) = ann(&relay);
    let mut answers = Vec::new();
    for email in ["ann@example.org", "nobody@example.org"] {
        let start = Instant::now();
        for _ in 0..4 {
            answers.push(log_in(&ann, email, "wrong horse").refused(401, "wrong-credentials").body);
        }
        // Not sooner for one than for the other.
        assert!(start.elapsed() > Duration::from_millis(4 * 350), "{email}");
        let answer = log_in(&ann, email, PASSWORD).refused(429, "throttled");
        assert!(answer.retry_after.is_some_and(|seconds| seconds > 60), "{answer:?}");
        answers.push(answer.body);
    }
    assert_eq!(answers[..5], answers[5..]);
    // Many at once are no way around.
    let together: Vec<_> = (0..20)
        .map(|nth| {
            let client = relay.client();
            std::thread::spawn(move || {
                log_in(&client, "carol@example.org", &format!("password {nth}")).status
            })
        })
        .collect();
    let statuses: Vec<u16> = together.into_iter().map(|one| one.join().unwrap()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 4, "{statuses:?}");
    // Who is logged in already is not disturbed, and the log tells.
    ann.get("/me").done();
    let is_told =
        |line: &str| line.contains("refused") && line.contains("path=\"/api/v1/sessions\"");
    let plain: String =
        relay.log().replace("\u{1b}[3m", "").replace("\u{1b}[0m", "").replace("\u{1b}[2m", "");
    assert!(plain.lines().any(is_told), "{plain}");
}

#[test]
fn an_address_is_proven_by_a_letter_and_no_answer_tells_who_is_here() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &PROVEN);
    let client = relay.client();
    let new = register(&client, "Ann@Example.org").done();
    assert_eq!(new, json!({ "next": "read-mail" }));
    let secret = relay.letter("#verify=");
    let known = register(&client, "ann@example.org").done();
    assert_eq!(known, new);
    assert_eq!(register(&client, "owner@example.org").done(), new);
    log_in(&client, "ann@example.org", PASSWORD).refused(403, "unverified");
    log_in(&client, "ann@example.org", "wrong horse").refused(401, "wrong-credentials");
    // Logging in has sent another letter: the first is good no more.
    client.post("/verify", json!({ "secret": secret })).refused(404, "bad-secret");
    let newer = relay.letter("#verify=");
    assert_ne!(newer, secret);
    client
        .post("/password/reset", json!({ "secret": newer, "password": "another horse" }))
        .refused(404, "bad-secret");
    client.post("/verify", json!({ "secret": newer })).done();
    client.post("/verify", json!({ "secret": newer })).refused(404, "bad-secret");
    log_in(&client, "ann@example.org", PASSWORD).done();
    assert!(relay.log().contains("You have an account already"));
}

#[test]
fn a_forgotten_password_is_chosen_anew_by_who_reads_the_mail() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, _) = ann(&relay);
    let asked = ann.post("/password/forgot", json!({ "email": "nobody@example.org" }));
    assert_eq!((asked.status, asked.body), (202, json!("")));
    let asked = ann.post("/password/forgot", json!({ "email": "ann@example.org" }));
    assert_eq!((asked.status, asked.body), (202, json!("")));
    let secret = relay.letter("#reset=");
    let reset = |password: &str| {
        ann.post("/password/reset", json!({ "secret": secret, "password": password }))
    };
    reset("short").refused(422, "invalid");
    reset("another horse").done();
    reset("a third horse").refused(404, "bad-secret");
    ann.get("/me").refused(401, "unauthenticated");
    log_in(&ann, "ann@example.org", PASSWORD).refused(401, "wrong-credentials");
    let tokens = log_in(&ann, "ann@example.org", "another horse").done();
    let ann = ann.with(tokens["access_token"].as_str().unwrap());
    let change = |old: &str, new: &str| ann.post("/me/password", json!({ "old": old, "new": new }));
    change("wrong horse", PASSWORD).refused(401, "wrong-credentials");
    change("another horse", "password123").refused(422, "invalid");
    change("another horse", PASSWORD).done();
    ann.get("/me").done();
}

#[test]
fn strangers_register_only_where_they_may() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    register(&relay.client(), "ann@example.org").refused(403, "forbidden");
    assert_eq!(relay.client().get("").done()["registration"], "invited");
    drop(relay);
    let relay = Relay::start(desk.path(), &["--set", "accounts.registration=closed"]);
    register(&relay.client(), "ann@example.org").refused(403, "forbidden");
    drop(relay);
    let relay = Relay::start(desk.path(), &OPEN);
    register(&relay.client(), "not an address").refused(422, "invalid");
    let weak = json!({ "email": "ann@example.org", "name": "Ann", "password": "password1" });
    relay.client().post("/register", weak).refused(422, "invalid");
    let unknown =
        json!({ "email": "a@example.org", "name": "A", "password": PASSWORD, "is_admin": true });
    let answer = relay.client().post("/register", unknown).refused(400, "malformed");
    assert!(answer.text("detail").contains("is_admin"), "{answer:?}");
}

#[test]
fn a_personal_token_works_with_projects_and_not_with_the_account() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, _) = ann(&relay);
    let made = ann.post("/tokens", json!({ "name": "backup script" })).done();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("qrp_"));
    let script = ann.with(secret);
    script.post("/projects", json!({ "name": "Paper" })).done();
    assert_eq!(script.get("/projects").done().as_array().unwrap().len(), 1);
    script.post("/tokens", json!({ "name": "more" })).refused(403, "forbidden");
    script.delete("/sessions").refused(403, "forbidden");
    let password = json!({ "old": PASSWORD, "new": "another horse" });
    script.post("/me/password", password).refused(403, "forbidden");
    let listed = ann.get("/tokens").done();
    assert!(listed[0]["used_at"].is_string() && listed[0].get("secret").is_none(), "{listed}");
    ann.delete(&format!("/tokens/{}", made["id"].as_str().unwrap())).done();
    script.get("/projects").refused(401, "unauthenticated");
    let past = json!({ "name": "old", "expires_at": "2020-01-01T00:00:00Z" });
    let old = ann.post("/tokens", past).done();
    ann.with(old["secret"].as_str().unwrap()).get("/projects").refused(401, "unauthenticated");
}

#[test]
fn an_administrator_makes_and_disables_accounts() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let admin = relay.client().with(&desk.pass.token);
    let made =
        admin.post("/admin/users", json!({ "email": "ann@example.org", "name": "Ann" })).done();
    let secret = relay.letter("#reset=");
    relay
        .client()
        .post("/password/reset", json!({ "secret": secret, "password": PASSWORD }))
        .done();
    let tokens = log_in(&relay.client(), "ann@example.org", PASSWORD).done();
    let ann = relay.client().with(tokens["access_token"].as_str().unwrap());
    for path in ["/admin/users", "/admin/audit"] {
        ann.get(path).refused(403, "forbidden");
    }
    ann.post("/admin/users", json!({ "email": "x@example.org", "name": "X" }))
        .refused(403, "forbidden");
    let users = admin.get("/admin/users").done();
    assert_eq!(users.as_array().unwrap().len(), 2);
    let user = format!("/admin/users/{}", made["id"].as_str().unwrap());
    // A personal token reads, and changes nobody.
    admin.patch(&user, json!({ "is_disabled": true })).refused(403, "forbidden");
    drop(relay);
    let told = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .args(["admin", "create", "root@example.org", "--data"])
        .arg(desk.path())
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
    let told = String::from_utf8(told.stdout).unwrap();
    let secret = told.split("#reset=").nth(1).unwrap().trim().to_owned();
    let relay = Relay::start(desk.path(), &[]);
    relay
        .client()
        .post("/password/reset", json!({ "secret": secret, "password": "a third horse" }))
        .done();
    let root = log_in(&relay.client(), "root@example.org", "a third horse").done();
    let root = relay.client().with(root["access_token"].as_str().unwrap());
    let ann = relay.client().with(tokens["access_token"].as_str().unwrap());
    ann.get("/me").done();
    root.patch(&user, json!({ "is_disabled": true })).done();
    ann.get("/me").refused(401, "unauthenticated");
    log_in(&ann, "ann@example.org", PASSWORD).refused(401, "wrong-credentials");
    let audit = root.get("/admin/audit?count=3").done();
    let actions: Vec<&str> =
        audit.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["login.end_all", "user.disable", "login.begin"]);
}

#[test]
fn keys_are_rotated_while_the_relay_serves_and_old_tokens_stay_good() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, _) = ann(&relay);
    let relay_id = ann.get("").done()["id"].clone();
    let rotated = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .args(["admin", "rotate-keys", "--data"])
        .arg(desk.path())
        .status()
        .unwrap();
    assert!(rotated.success());
    drop(relay);
    let relay = Relay::start(desk.path(), &OPEN);
    let ann = relay.client().with(ann.token.as_deref().unwrap());
    assert_eq!(ann.get("").done()["id"], relay_id);
    ann.get("/me").done();
    assert_eq!(ann.get("/.well-known/jwks.json").done()["keys"].as_array().unwrap().len(), 2);
}

#[test]
fn accounts_of_another_program_come_with_their_passwords() {
    let desk = Desk::new();
    let file = desk.path().join("users.jsonl");
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let line = json!({ "email": "Ann@example.org", "name": "Ann", "password": hash });
    std::fs::write(&file, format!("{line}\n\n{line}\n")).unwrap();
    let imported = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .arg("import-users")
        .arg(&file)
        .arg("--data")
        .arg(desk.path())
        .output()
        .unwrap();
    let said = String::from_utf8(imported.stdout).unwrap();
    assert!(said.starts_with("1 accounts were made; 1 addresses had one"), "{said}");
    let relay = Relay::start(desk.path(), &[]);
    log_in(&relay.client(), "ann@example.org", "wrong horse").refused(401, "wrong-credentials");
    for _ in 0..2 {
        log_in(&relay.client(), "ann@example.org", PASSWORD).done();
    }
    relay.kill();
    let directory = rusqlite::Connection::open(desk.path().join("directory.sqlite3")).unwrap();
    let kept: String = directory
        .query_row("SELECT password FROM users WHERE email = 'ann@example.org'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(kept.starts_with("$argon2id$"), "{kept}");
}

#[test]
fn no_secret_is_in_the_log_or_in_the_database_but_in_letters() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &OPEN);
    let (ann, tokens) = ann(&relay);
    let personal = ann.post("/tokens", json!({ "name": "x" })).done()["secret"].clone();
    ann.get("/projects").done();
    let log = relay.log();
    relay.kill();
    let mut files = log.into_bytes();
    for entry in std::fs::read_dir(desk.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files.extend(std::fs::read(path).unwrap());
        }
    }
    let secrets = [&tokens["access_token"], &tokens["refresh_token"], &personal, &json!(PASSWORD)];
    for secret in secrets {
        let secret = secret.as_str().unwrap().as_bytes();
        assert!(!files.windows(secret.len()).any(|window| window == secret));
    }
}
