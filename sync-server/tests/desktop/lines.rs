//! The lines of a project's texts: one for all of them, and those of the texts that it does not carry.

use super::*;
use crate::support::http::Client;

const TEXTS: usize = 20;

/// A relay that tells its numbers at an address of its own, and who reads them.
fn measured(data: &Path, more: &[&str]) -> (Relay, Client) {
    let address = free_address();
    let metrics = format!("metrics_listen={address}");
    let relay = relay(data, &free_address(), &[&["--set", &*metrics], more].concat());
    (relay, Client::new(&address))
}

/// How many lines were opened by this address.
fn opened(metrics: &Client, route: &str) -> u64 {
    let text = metrics.ask("GET", "/metrics").done();
    let series =
        format!("quire_relay_requests_total{{method=\"GET\",route=\"{route}\",status=\"101\"}} ");
    let line = text.as_str().unwrap().lines().find_map(|line| line.strip_prefix(&*series));
    line.map_or(0, |count| count.parse().unwrap())
}

/// What it takes at the relay, for who looks at the tests' output.
fn tell_what_it_takes(relay: &Relay, metrics: &Client, which: &str) {
    let port =
        format!(":{:04X} ", relay.address.rsplit_once(':').unwrap().1.parse::<u16>().unwrap());
    let Ok(sockets) = std::fs::read_to_string("/proc/net/tcp") else { return };
    let is_open = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        let is_ours = fields.next().is_some_and(|local| local.ends_with(port.trim_end()));
        is_ours && fields.nth(1) == Some("01")
    };
    let sockets = sockets.lines().filter(is_open).count();
    let text = metrics.ask("GET", "/metrics").done();
    let text = text.as_str().unwrap();
    let memory =
        text.lines().find_map(|line| line.strip_prefix("quire_relay_resident_memory_bytes "));
    println!("{which}: {sockets} sockets at the relay, {} bytes", memory.unwrap_or("?"));
}

fn texts() -> Vec<(String, String)> {
    (0..TEXTS).map(|nth| (format!("{nth:02}.tex"), format!("Text {nth}.\n"))).collect()
}

fn share_and_join(relay: &Relay) -> (Desktop, Desktop, ProjectId) {
    let texts = texts();
    let files: Vec<(&str, &str)> =
        texts.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect();
    let (ada, id) = Desktop::sharing(relay, "Ada", &files);
    let bob = Desktop::joining(relay, "Bob", &ada, id, ShareRole::Editor);
    for (at, text) in &texts {
        until("the text came", || bob.text(id, at) == *text);
    }
    (ada, bob, id)
}

#[test]
fn all_texts_of_a_project_come_over_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, metrics) = measured(folder.path(), &[]);
    let (ada, bob, id) = share_and_join(&relay);
    tell_what_it_takes(&relay, &metrics, "one line");
    bob.write(id, "07.tex", 0, "Bob. ").unwrap();
    ada.write(id, "11.tex", 0, "Ada. ").unwrap();
    assert_eq!(agree(id, "07.tex", &ada, &bob), "Bob. Text 7.\n");
    assert_eq!(agree(id, "11.tex", &ada, &bob), "Ada. Text 11.\n");
    assert_eq!(opened(&metrics, "/ws/{*document}"), 0);
    assert_eq!(opened(&metrics, "/ws/projects/{project}"), 2);
    // A text that comes later is on it too, and one that goes leaves the others.
    ada.workbench.create_file(id, path("new.tex"), "New.\n").unwrap();
    until("it came", || bob.text(id, "new.tex") == "New.\n");
    bob.workbench.trash_path(id, path("03.tex")).unwrap();
    until("it went", || !ada.files(id).contains(&"03.tex".to_owned()));
    bob.write(id, "new.tex", 0, "Bob. ").unwrap();
    assert_eq!(agree(id, "new.tex", &ada, &bob), "Bob. New.\n");
    assert_eq!(opened(&metrics, "/ws/{*document}"), 0);
    assert_eq!(opened(&metrics, "/ws/projects/{project}"), 2);
}

#[test]
fn texts_that_the_line_does_not_carry_have_lines_of_their_own() {
    // As all have with a relay that carries none.
    for strands in ["limits.strands=5", "limits.strands=0"] {
        let folder = tempfile::tempdir().unwrap();
        let (relay, metrics) = measured(folder.path(), &["--set", strands]);
        let (ada, bob, id) = share_and_join(&relay);
        tell_what_it_takes(&relay, &metrics, strands);
        for (at, text) in [("01.tex", "Text 1.\n"), ("19.tex", "Text 19.\n")] {
            bob.write(id, at, 0, "Bob. ").unwrap();
            assert_eq!(agree(id, at, &ada, &bob), format!("Bob. {text}"));
        }
        assert!(opened(&metrics, "/ws/{*document}") >= 2 * (TEXTS as u64 - 5));
        ada.workbench.remove_member(id, &bob.me.user).unwrap();
        until("Bob is out", || bob.shared(id).connection == Connection::NoAccess);
    }
}
