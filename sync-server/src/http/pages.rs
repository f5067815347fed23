//! The pages to which letters and links lead: prove an address, choose a password, come into a project. Their secret is
//! what follows `#`, which browsers do not send; a script takes it from there. They load nothing from elsewhere.

use super::Api;
use axum::{
    Router,
    http::{HeaderName, header},
    routing::get,
};

const HTML: &str = include_str!("page_files/page.html");
const SCRIPT: &str = include_str!("page_files/page.js");
const STYLE: &str = include_str!("page_files/page.css");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn headers(kind: &'static str) -> [(HeaderName, &'static str); 5] {
    [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ]
}

/// The pages.
pub(super) fn router() -> Router<Api> {
    let page = || get(|| async { (headers("text/html; charset=utf-8"), HTML) });
    Router::new()
        .route("/join", page())
        .route("/account", page())
        .route("/page.js", get(|| async { (headers("text/javascript; charset=utf-8"), SCRIPT) }))
        .route("/page.css", get(|| async { (headers("text/css; charset=utf-8"), STYLE) }))
}
