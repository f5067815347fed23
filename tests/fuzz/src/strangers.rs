//! What the relay reads of strangers, and the desktop of a relay and of links that people pass on.

use quire_relay_client::{DocumentInfo, JoinLink, Member, Offer, ProjectInfo, RelayAddress, User};

pub use quire_relay::hostile::{channel, credentials, request, settings, token, versions};
pub use quire_relay_client::hostile::strands;

/// The address of a relay or a link into a project, and what a relay answers.
pub fn link(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(address) = RelayAddress::parse(&text) {
        let said = address.to_string();
        assert!(said.starts_with("https://") || is_here(&said), "{said} is not protected");
        assert_eq!(RelayAddress::parse(&said), Ok(address));
    }
    if let Ok(link) = JoinLink::parse(&text) {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        assert!(!link.secret.is_empty() && link.secret.chars().all(is_plain), "{}", link.secret);
    }
    let _ = serde_json::from_slice::<Vec<ProjectInfo>>(bytes);
    let _ = serde_json::from_slice::<Vec<DocumentInfo>>(bytes);
    let _ = serde_json::from_slice::<Vec<Member>>(bytes);
    let _ = serde_json::from_slice::<Offer>(bytes);
    let _ = serde_json::from_slice::<User>(bytes);
}

fn is_here(address: &str) -> bool {
    let host = address.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.starts_with("127.")
        || host.starts_with("[::1]")
}
