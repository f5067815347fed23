//! What an editor and `quire watch --live` say to each other: one JSON object a line, in both directions.
//! `docs/live.md` describes it for those who write editors.

use quire_compile::build::BuildOutcome;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// Raised when a field changes its meaning or goes.
pub(super) const VERSION: u32 = 1;

/// What an editor asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Request {
    /// The text of a file is the editor's from now on.
    Open(Open),
    /// A part of an open text is replaced.
    Change(Change),
    /// A page as a file.
    Page(WantedPage),
    /// The text of a file is the one on the disk again.
    Close(Close),
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    pub(super) path: String,
    /// The one on the disk, if left out.
    pub(super) text: Option<String>,
    /// How the positions of its changes are counted.
    #[serde(default)]
    pub(super) encoding: Encoding,
    pub(super) revision: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    pub(super) path: String,
    /// The whole text, if left out.
    pub(super) range: Option<Range>,
    pub(super) text: String,
    pub(super) revision: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedPage {
    /// Counted from one.
    pub(super) number: u32,
    #[serde(default)]
    pub(super) format: Format,
    /// Pixels to an inch, of formats that have pixels.
    #[serde(default = "default_dpi")]
    pub(super) dpi: u32,
    /// The file to write.
    pub(super) to: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Close {
    pub(super) path: String,
    pub(super) revision: Option<u64>,
}

/// What a page is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    #[default]
    Pdf,
    Png,
}

/// Two pixels to a point: sharp on screens of today.
fn default_dpi() -> u32 {
    144
}

/// From `start` up to and without `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

/// A place between two characters, as in the Language Server Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Position {
    /// Counted from zero.
    pub(super) line: u32,
    /// Units of the text's encoding from the start of the line.
    pub(super) character: u32,
}

/// The units in which a position counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Encoding {
    /// Bytes.
    #[serde(rename = "utf-8")]
    Utf8,
    /// As in the Language Server Protocol.
    #[default]
    #[serde(rename = "utf-16")]
    Utf16,
    /// Characters of Unicode.
    #[serde(rename = "utf-32")]
    Utf32,
}

/// Why a run began that told of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Cause {
    /// The program started.
    Start,
    /// The edit of this revision.
    Edit,
    /// Numbers, contents and citations are brought up to date.
    References,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Event {
    /// The first line.
    Hello {
        version: u32,
        quire: &'static str,
        /// The absolute folder.
        project: PathBuf,
        root: String,
        /// Whether pages follow each edit.
        live: bool,
        /// Why they do not.
        why: Option<String>,
    },
    /// A page differs from the one before of its number.
    Page {
        number: u32,
        revision: u64,
        /// Whether what was edited has been typeset: earlier pages may still be in flux.
        past_edit: bool,
        cause: Cause,
        ms: f64,
    },
    /// The end of the document is reached.
    Done { revision: u64, pages: u32, outcome: Outcome, waiting: bool, cause: Cause, ms: f64 },
    /// The document loops, or its process died.
    GivenUp { revision: u64, message: String, ms: f64 },
    /// What is wrong with the document; all that was told before is over.
    Diagnostics {
        revision: u64,
        /// Else there are only errors: of one run, with the references of the last build.
        exact: bool,
        items: Vec<Value>,
    },
    /// A build has made the PDF of the whole document.
    Exact {
        revision: u64,
        outcome: BuildOutcome,
        /// The absolute file; nothing when the build made none.
        pdf: Option<PathBuf>,
        pages: u32,
        /// From the edit.
        ms: f64,
        /// The build alone.
        build_ms: f64,
    },
    /// A page that was asked for is written.
    Written {
        /// The line of the request.
        line: u64,
        number: u32,
        /// Of the edit that the page shows.
        revision: u64,
        format: Format,
        to: PathBuf,
        /// From the request.
        ms: f64,
    },
    /// Something could not be done.
    Error {
        /// The line of the request, counted from one; nothing when no request is at fault.
        line: Option<u64>,
        message: String,
        /// What to do.
        advice: Option<String>,
    },
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    Clean,
    Warnings,
    Errors,
    /// TeX stopped before the end of the document.
    Fatal,
}

impl From<BuildOutcome> for Outcome {
    fn from(outcome: BuildOutcome) -> Self {
        match outcome {
            BuildOutcome::Clean => Self::Clean,
            BuildOutcome::Warnings => Self::Warnings,
            BuildOutcome::Errors => Self::Errors,
            BuildOutcome::Killed => Self::Fatal,
        }
    }
}

/// The request of a line; else what is wrong with it.
pub(super) fn parse(line: &[u8]) -> Result<Request, String> {
    let text = std::str::from_utf8(line).map_err(|_| "the line is not UTF-8".to_owned())?;
    serde_json::from_str(text).map_err(|error| format!("this is no request: {error}"))
}

/// Milliseconds to a hundredth.
pub(super) fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 1e2
}

/// Milliseconds since then.
pub(super) fn ms_since(then: Instant) -> f64 {
    ms(then.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Request {
        parse(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn requests_have_the_documented_shapes() {
        let Request::Open(open) = read(&json!({"open": {"path": "main.tex"}})) else { panic!() };
        assert_eq!((open.text, open.encoding, open.revision), (None, Encoding::Utf16, None));
        let change = json!({"change": {
            "path": "main.tex",
            "range": {"start": {"line": 1, "character": 2}, "end": {"line": 3, "character": 4}},
            "text": "word",
            "revision": 7,
        }});
        let range = Range {
            start: Position { line: 1, character: 2 },
            end: Position { line: 3, character: 4 },
        };
        let wanted = Change {
            path: "main.tex".into(),
            range: Some(range),
            text: "word".into(),
            revision: Some(7),
        };
        assert_eq!(read(&change), Request::Change(wanted));
        let page = json!({"page": {"number": 3, "format": "pdf", "to": "/tmp/p.pdf"}});
        let wanted =
            WantedPage { number: 3, format: Format::Pdf, dpi: 144, to: "/tmp/p.pdf".into() };
        assert_eq!(read(&page), Request::Page(wanted));
        let page = json!({"page": {"number": 3, "format": "png", "dpi": 300, "to": "p.png"}});
        let wanted = WantedPage { number: 3, format: Format::Png, dpi: 300, to: "p.png".into() };
        assert_eq!(read(&page), Request::Page(wanted));
        let close = Request::Close(Close { path: "main.tex".into(), revision: None });
        assert_eq!(read(&json!({"close": {"path": "main.tex"}})), close);
        let open = json!({"open": {"path": "a.tex", "text": "ä", "encoding": "utf-8"}});
        assert!(matches!(read(&open), Request::Open(Open { encoding: Encoding::Utf8, .. })));
    }

    #[test]
    fn what_is_no_request_is_told_and_why() {
        let why = |line: &[u8]| parse(line).unwrap_err();
        assert!(why(b"").contains("no request"));
        assert!(why(b"{\"shut\": {}}").contains("unknown variant `shut`, expected one of `open`"));
        assert!(why(b"{\"change\": {\"path\": \"a\"}}").contains("missing field `text`"));
        assert!(
            why(b"{\"open\": {\"path\": \"a\", \"txt\": \"\"}}").contains("unknown field `txt`")
        );
        assert!(why(b"\xff").contains("not UTF-8"));
        assert!(why(&[b'['; 100_000]).contains("no request"));
        let negative = br#"{"page": {"number": -1, "to": "p.pdf"}}"#;
        assert!(why(negative).contains("invalid value"));
    }

    #[test]
    fn events_have_the_documented_shapes() {
        let hello = Event::Hello {
            version: VERSION,
            quire: "0.1.0",
            project: "/paper".into(),
            root: "main.tex".into(),
            live: true,
            why: None,
        };
        let shape = json!({
            "event": "hello", "version": 1, "quire": "0.1.0", "project": "/paper", "root": "main.tex",
            "live": true, "why": null,
        });
        assert_eq!(serde_json::to_value(hello).unwrap(), shape);
        let page =
            Event::Page { number: 3, revision: 7, past_edit: true, cause: Cause::Edit, ms: 23.5 };
        let shape = json!({
            "event": "page", "number": 3, "revision": 7, "past_edit": true, "cause": "edit", "ms": 23.5,
        });
        assert_eq!(serde_json::to_value(page).unwrap(), shape);
        let given_up = Event::GivenUp { revision: 7, message: "it loops".into(), ms: 10_000.0 };
        assert_eq!(serde_json::to_value(given_up).unwrap()["event"], "given-up");
        let done = Event::Done {
            revision: 7,
            pages: 27,
            outcome: Outcome::Warnings,
            waiting: false,
            cause: Cause::References,
            ms: ms(Duration::from_micros(1_234_567)),
        };
        let shape = json!({
            "event": "done", "revision": 7, "pages": 27, "outcome": "warnings", "waiting": false,
            "cause": "references", "ms": 1234.57,
        });
        assert_eq!(serde_json::to_value(done).unwrap(), shape);
    }
}
