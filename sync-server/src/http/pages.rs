//! The pages to which letters and links lead: prove an address, choose a password, come into a project. Their secret is
//! what follows `#`, which browsers do not send; a script takes it from there. They load nothing from elsewhere.

use super::Api;
use axum::{
    Router,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
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

/// A page that says something.
pub(super) fn words(status: StatusCode, title: &str, text: &str) -> Response {
    let escaped = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let (title, text) = (escaped(title), escaped(text));
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>Quire</title><link rel=\"stylesheet\" href=\"/page.css\">\
         </head><body><main><p class=\"name\">Quire</p><h1>{title}</h1><p>{text}</p></main></body></html>"
    );
    (status, headers("text/html; charset=utf-8"), html).into_response()
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
