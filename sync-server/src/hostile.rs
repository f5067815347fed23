//! What strangers send, given to the code that reads it, and what must hold whatever they send: for `tests/fuzz`, with the
//! feature `fuzz`. Each function panics when the code breaks its word: it may refuse, it may not crash or let through.

use crate::{
    auth::tokens::{AccessTokens, Claims},
    config::{Config, KEYS, Sources},
    directory::{BlobHash, Directory, DocumentId, LoginId, Timestamp, UserId, paths, users},
    http::{blobs, extract, history},
    ws::{channel, entry},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::{net::IpAddr, str::FromStr, sync::OnceLock};

/// How a line says who it is: three headers, what follows `?`, and from where it says to come, in lines.
pub fn credentials(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    let forwarded = HeaderName::from_static("x-forwarded-for");
    let names = [header::AUTHORIZATION, header::COOKIE, header::SEC_WEBSOCKET_PROTOCOL, forwarded];
    for name in names {
        if let Some(Ok(value)) = lines.next().map(HeaderValue::from_bytes) {
            headers.insert(name, value);
        }
    }
    let query = lines.next().map(String::from_utf8_lossy);
    if let Ok(asked) = entry::Asked::of(&headers, query.as_deref()) {
        let said = asked.said();
        let is_in = |text: &str| !said.is_empty() && text.contains(said);
        let in_headers = headers.values().filter_map(|value| value.to_str().ok()).any(is_in);
        assert!(said.is_empty() || in_headers || query.as_deref().is_some_and(is_in), "{said}");
    }
    let proxy = IpAddr::from([10, 0, 0, 1]);
    let origin = extract::origin_of(proxy, &headers, &[proxy]);
    let stranger = IpAddr::from([192, 0, 2, 1]);
    assert!(extract::origin_of(stranger, &headers, &[proxy]) == stranger, "{origin}");
}

/// An access token: as it is sent, or, behind a NUL byte, changes of a good one, each a place (two bytes) and what is put
/// there.
pub fn token(bytes: &[u8]) {
    static MADE: OnceLock<(AccessTokens, String, Claims)> = OnceLock::new();
    let now = Timestamp(1_700_000_000);
    let (tokens, good, claims) = MADE.get_or_init(|| made(now).expect("a folder for the keys"));
    let said = match bytes.split_first() {
        Some((0, changes)) => {
            let mut said = good.clone().into_bytes();
            for change in changes.chunks_exact(3) {
                let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % said.len();
                said[at] = change[2];
            }
            String::from_utf8_lossy(&said).into_owned()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    if let Ok(found) = tokens.check(&said, now) {
        assert_eq!(&found, claims, "a token that was not made here");
    }
    assert!(tokens.check(&said, now.after(900)).is_err(), "a token that has expired");
}

fn made(now: Timestamp) -> anyhow::Result<(AccessTokens, String, Claims)> {
    let folder = std::env::temp_dir().join(format!("quire-fuzz-{}", std::process::id()));
    let directory = Directory::open(&folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let tokens = runtime.block_on(AccessTokens::open(&directory, 900, 30))?;
    drop(directory);
    std::fs::remove_dir_all(&folder)?;
    let (good, _) = tokens.issue(UserId::new(), LoginId::new(), now)?;
    let claims = tokens.check(&good, now)?;
    Ok((tokens, good, claims))
}

/// A message to a project's channel.
pub fn channel(bytes: &[u8]) {
    if let Ok(channel::Said::Here { place, color }) = serde_json::from_slice(bytes) {
        let (place, color) = channel::fitting(place, color);
        assert!(place.is_none_or(|place| place.to_string().len() <= channel::MAX_PLACE_BYTES));
        assert!(color.is_none_or(|color| color.len() <= 9 && color.starts_with('#')));
    }
}

/// The parts of requests that are more than a word: after the size of a file (eight bytes) a range of it, and all as the
/// JSON of an upload, as ids, a path and an e-mail address.
pub fn request(bytes: &[u8]) {
    if let Some((size, range)) = bytes.split_first_chunk::<8>()
        && let Ok(range) = HeaderValue::from_bytes(range)
    {
        let size = u64::from_le_bytes(*size);
        let headers = HeaderMap::from_iter([(header::RANGE, range)]);
        if let blobs::Wanted::Part(from, to) = blobs::wanted(&headers, size) {
            assert!(from < to && to <= size, "{from}-{to} of {size}");
        }
    }
    let _ = serde_json::from_slice::<blobs::NewUpload>(bytes);
    let text = String::from_utf8_lossy(bytes);
    said_again::<DocumentId>(&text);
    said_again::<BlobHash>(&text);
    if let Ok(path) = paths::checked(&text) {
        assert!(
            !path.starts_with('/') && path.split('/').all(|part| !["", ".", ".."].contains(&part))
        );
        assert_eq!(paths::checked(&path).ok().as_deref(), Some(&*path));
    }
    if let Ok(email) = users::checked_email(&text) {
        assert!(!email.contains(['\r', '\n']), "another header of a letter");
        assert_eq!(users::checked_email(&email).ok(), Some(email));
    }
}

fn said_again<T: FromStr + ToString>(text: &str) {
    if let Ok(id) = text.parse::<T>() {
        assert_eq!(id.to_string(), text, "an id has one form");
    }
}

/// Two versions of a text, divided by a NUL byte.
pub fn versions(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (old, new) = text.split_once('\0').unwrap_or((&*text, ""));
    let mut units: Vec<u16> = old.encode_utf16().collect();
    for history::Replaced { at, removed, inserted } in history::replaced(old, new).iter().rev() {
        let (at, end) = (*at as usize, *at as usize + removed.encode_utf16().count());
        let gone = String::from_utf16_lossy(&units[at..end]);
        assert_eq!(&gone, removed, "what was removed is not what was there");
        units.splice(at..end, inserted.encode_utf16());
    }
    assert_eq!(String::from_utf16_lossy(&units), new);
}

/// The settings, as a file and as one of the command line.
pub fn settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Secrets may be in files of any name, also of ones that never end.
    if text.contains("password_file") {
        return;
    }
    if let Ok(config) = text.parse().map_err(anyhow::Error::from).and_then(Config::of) {
        assert!(config.limits.failed_logins >= 1 && config.tokens.access_seconds <= 24 * 3600);
    }
    let nth = bytes.first().map_or(0, |byte| usize::from(*byte)) % KEYS.len();
    let set = vec![format!("{}={text}", KEYS[nth].path)];
    if KEYS[nth].path.ends_with("password_file") {
        return;
    }
    let _ = Sources { set, ..Sources::default() }.load(std::iter::empty());
}
