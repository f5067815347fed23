//! Is it a text, and in which encoding? Line ends stay as they are: git and co-authors would see every
//! line changed.

use encoding_rs::{
    IBM866, ISO_8859_2, ISO_8859_15, KOI8_R, MACINTOSH, SHIFT_JIS, UTF_16BE, UTF_16LE,
    WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1254, WINDOWS_1257,
};

/// Longer files are kept as they are: no editor of texts is of use for them.
const MAX_TEXT: usize = 16 << 20;

/// Bytes that are looked at for a NUL.
pub(crate) const PROBE: usize = 64 << 10;

/// Extensions of files that are texts, whatever their encoding.
const TEXTS: [&str; 27] = [
    "tex", "ltx", "latex", "bib", "bst", "bbx", "cbx", "lbx", "cls", "clo", "sty", "def", "cfg",
    "fd", "dtx", "ins", "ist", "tikz", "pgf", "txt", "md", "csv", "dat", "bbl", "ldf", "gls",
    "asy",
];

/// Extensions of files that nobody edits as texts, even if they could be read as such.
const BINARIES: [&str; 15] = [
    "pdf", "png", "jpg", "jpeg", "gif", "webp", "eps", "ps", "zip", "gz", "tar", "otf", "ttf",
    "pfb", "tfm",
];

/// How a text was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, as everything should be.
    Utf8,
    /// UTF-8 with a byte order mark, which was dropped.
    Utf8WithMark,
    /// UTF-16 with a byte order mark.
    Utf16,
    /// What the document names in `\usepackage[…]{inputenc}`.
    Declared(&'static str),
    /// Nothing says what it is: taken for Windows-1252, of which Latin-1 is the most part. The author
    /// should look at accented letters.
    Assumed(&'static str),
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A text, and the encoding that it had.
    Text {
        /// The text.
        text: String,
        /// How it was encoded.
        encoding: Encoding,
    },
    /// Anything else.
    Binary(Vec<u8>),
}

/// True when a file of so many bytes is no text, whatever they are.
pub(crate) fn never_text(extension: &str, bytes: u64) -> bool {
    bytes > MAX_TEXT as u64 || BINARIES.contains(&extension.to_ascii_lowercase().as_str())
}

/// Tell texts from other files by name and bytes, and decode them. `declared` is the encoding that
/// another file of the project names, as [`declared_encoding`] finds it.
pub fn content(extension: &str, bytes: Vec<u8>, declared: Option<&str>) -> Content {
    if never_text(extension, bytes.len() as u64) {
        return Content::Binary(bytes);
    }
    let found = |text: std::borrow::Cow<'_, str>, encoding| Content::Text {
        text: text.into_owned(),
        encoding,
    };
    for (mark, encoding) in [(&b"\xff\xfe"[..], UTF_16LE), (b"\xfe\xff", UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let (text, is_broken) = encoding.decode_without_bom_handling(rest);
            let is_text = !is_broken && !text.contains('\0');
            return if is_text { found(text, Encoding::Utf16) } else { Content::Binary(bytes) };
        }
    }
    let is_text = TEXTS.contains(&extension.to_ascii_lowercase().as_str());
    if bytes[..bytes.len().min(PROBE)].contains(&0) {
        return Content::Binary(bytes);
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => {
            return match text.strip_prefix('\u{feff}') {
                Some(rest) => found(rest.into(), Encoding::Utf8WithMark),
                None => Content::Text { text, encoding: Encoding::Utf8 },
            };
        }
        Err(error) => error.into_bytes(),
    };
    if !is_text {
        return Content::Binary(bytes);
    }
    let declared = declared_encoding(&bytes).or_else(|| declared.and_then(known_name));
    let (name, is_declared) = declared.map_or(("windows-1252", false), |name| (name, true));
    let encoding =
        ENCODINGS.iter().find(|(known, _)| *known == name).map(|(_, encoding)| *encoding);
    let (text, _) = encoding.unwrap_or(WINDOWS_1252).decode_without_bom_handling(&bytes);
    let told = if is_declared { Encoding::Declared(name) } else { Encoding::Assumed(name) };
    found(text, told)
}

/// LaTeX's names of encodings (inputenc, with what people call them), and what they are.
const ENCODINGS: [(&str, &encoding_rs::Encoding); 16] = [
    ("latin1", WINDOWS_1252),
    ("ansinew", WINDOWS_1252),
    ("cp1252", WINDOWS_1252),
    ("windows-1252", WINDOWS_1252),
    ("latin2", ISO_8859_2),
    ("cp1250", WINDOWS_1250),
    ("latin5", WINDOWS_1254),
    ("latin9", ISO_8859_15),
    ("cp1251", WINDOWS_1251),
    ("cp1257", WINDOWS_1257),
    ("cp866", IBM866),
    ("koi8-r", KOI8_R),
    ("applemac", MACINTOSH),
    ("macroman", MACINTOSH),
    ("sjis", SHIFT_JIS),
    ("latin10", WINDOWS_1250),
];

fn known_name(name: &str) -> Option<&'static str> {
    ENCODINGS.iter().find(|(known, _)| *known == name).map(|(known, _)| *known)
}

/// The encoding in `\usepackage[latin1]{inputenc}` or `\inputencoding{latin1}`, unless it is UTF-8.
pub(crate) fn declared_encoding(bytes: &[u8]) -> Option<&'static str> {
    let start = &bytes[..bytes.len().min(PROBE)];
    for line in start.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let code = line.split(|byte| *byte == b'%').next().unwrap_or_default();
        let code = String::from_utf8_lossy(code);
        let named = match (code.find("{inputenc}"), code.split_once("\\inputencoding{")) {
            (Some(end), _) => code[..end].rsplit_once('[').map(|(_, options)| options.to_owned()),
            (None, Some((_, rest))) => rest.split('}').next().map(str::to_owned),
            (None, None) => None,
        };
        let names = named.unwrap_or_default();
        if let Some(name) =
            names.trim_end_matches(']').split(',').find_map(|n| known_name(n.trim()))
        {
            return Some(name);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(extension: &str, bytes: &[u8]) -> (String, Encoding) {
        match content(extension, bytes.to_vec(), None) {
            Content::Text { text, encoding } => (text, encoding),
            Content::Binary(bytes) => panic!("not a text: {bytes:?}"),
        }
    }

    #[test]
    fn marks_are_dropped_and_line_ends_kept() {
        assert_eq!(
            text("tex", b"\xef\xbb\xbfa\r\nb\r"),
            ("a\r\nb\r".into(), Encoding::Utf8WithMark)
        );
        assert_eq!(text("bib", b"\xff\xfea\0\xe4\0"), ("aä".into(), Encoding::Utf16));
        assert_eq!(text("tex", b"\xfe\xff\0a\0\n"), ("a\n".into(), Encoding::Utf16));
        assert_eq!(text("tex", "ä".as_bytes()), ("ä".into(), Encoding::Utf8));
    }

    #[test]
    fn old_encodings_are_those_named_or_told_as_assumed() {
        assert_eq!(
            text("tex", b"Gr\xfc\xdfe"),
            ("Grüße".into(), Encoding::Assumed("windows-1252"))
        );
        let source = b"% [latin1]\n\\usepackage[applemac]{inputenc}\n\x8a";
        assert!(text("tex", source).0.ends_with('ä'));
        assert_eq!(text("tex", source).1, Encoding::Declared("applemac"));
        let chapter = content("tex", b"\x8a".to_vec(), Some("applemac"));
        let encoding = Encoding::Declared("applemac");
        assert_eq!(chapter, Content::Text { text: "ä".into(), encoding });
        assert_eq!(declared_encoding(b"\\usepackage[utf8]{inputenc}"), None);
    }

    #[test]
    fn what_is_no_text_stays_as_it_is() {
        for (extension, bytes) in
            [("png", &b"text"[..]), ("tex", b"a\0b"), ("xyz", b"\xff\xe4"), ("", b"\xff\xfe\xd8")]
        {
            assert_eq!(content(extension, bytes.to_vec(), None), Content::Binary(bytes.to_vec()));
        }
        assert_eq!(text("", b"all: main.pdf\n").1, Encoding::Utf8);
    }
}
