//! What the worker and the conversion to PDF say about pictures, joined with what LaTeX says of the
//! same ones: LaTeX knows the line, the others know what is wrong.

use super::{Diagnostic, Place, Severity, explain::View, rules::capture};
use quire_text::ByteRange;

/// What LaTeX says when a picture is kept from it, or it cannot read one.
const OF_LATEX: [&str; 5] = [
    "missing-file",
    "missing-image",
    "damaged-picture",
    "cannot-determine-size",
    "unknown-graphics-extension",
];

pub(crate) const EXPORT_AGAIN: &str =
    "Export the picture again, or copy it again from where it came from.";

struct Fault {
    name: String,
    code: &'static str,
    message: String,
    cure: String,
    /// Found by looking at the file, not by converting it.
    is_of_worker: bool,
}

impl View<'_> {
    /// Add a message about a picture to what has been found; false when it is about something else.
    pub(super) fn tell_picture(&self, text: &str, found: &mut Vec<Diagnostic>) -> bool {
        let Some(fault) = fault(text) else { return false };
        let is_missing =
            |told: &Diagnostic| told.code.starts_with("missing-") && is_about(told, &fault.name);
        if !fault.is_of_worker && found.iter().any(is_missing) {
            // One that is not there at all cannot be converted either.
            let others =
                found.extract_if(.., |told| !is_missing(told) && is_about(told, &fault.name));
            let others: Vec<Diagnostic> = others.collect();
            let missing = found.iter_mut().find(|told| is_missing(told));
            missing.into_iter().for_each(|told| told.caused.extend(others.iter().cloned()));
            return true;
        }
        let mut known = false;
        for diagnostic in found.iter_mut().filter(|told| is_about(told, &fault.name)) {
            known = true;
            fault.code.clone_into(&mut diagnostic.code);
            diagnostic.message.clone_from(&fault.message);
            diagnostic.explanation.clone_from(&fault.cure);
            diagnostic.fix = None;
            if let Some(place) = self.picture_place(&fault.name)
                && diagnostic.place.as_ref().is_some_and(|old| old.first_line == place.first_line)
            {
                diagnostic.place = Some(place);
            }
        }
        if !known {
            found.push(Diagnostic {
                code: fault.code.to_owned(),
                severity: Severity::Error,
                place: self.picture_place(&fault.name),
                message: fault.message,
                explanation: fault.cure,
                fix: None,
                caused: Vec::new(),
                log: None,
            });
        }
        true
    }

    /// Where the sources name a picture, with or without its folder and extension.
    fn picture_place(&self, name: &str) -> Option<Place> {
        let file_name = name.rsplit_once('/').map_or(name, |(_, file_name)| file_name);
        let mut wanted = Vec::new();
        for name in [name, file_name] {
            wanted.extend([name, stem(name)].map(|name| format!("{{{name}}}")));
            wanted.extend([name, stem(name)].map(|name| format!("/{name}}}")));
        }
        wanted.iter().find_map(|braced| {
            self.evidence.inputs.iter().find_map(|path| {
                let bytes = self.evidence.files.read(path).ok()??;
                let at = std::str::from_utf8(&bytes).ok()?.find(braced)?;
                let range = ByteRange::new(at + 1, at + braced.len() - 1);
                Some(Place::of_range(path, &bytes, range))
            })
        })
    }
}

fn fault(text: &str) -> Option<Fault> {
    if let Some(captured) = capture("the picture `{}` cannot be used: {}; {}", text)
        && let [name, wrong, cure] = &captured[..]
    {
        let message = format!("the picture `{name}` cannot be used: {wrong}");
        let (name, cure) = (name.clone(), cure.clone());
        return Some(Fault { name, code: "damaged-picture", message, cure, is_of_worker: true });
    }
    let name = capture("mage inclusion failed for \"{}\"", text)?.pop()?;
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let convert = |kind: &str, how: &str| {
        let message =
            format!("the picture `{name}` is {kind}, which the built-in engine does not take");
        let cure = format!(
            "Its place is left blank. Convert it to PDF ({how}) and name that in `\\includegraphics`."
        );
        (message, cure)
    };
    let (code, (message, cure)) = match extension.to_ascii_lowercase().as_str() {
        "eps" | "ps" => ("eps-picture", convert("EPS", &format!("`epstopdf {name}`"))),
        "svg" => ("svg-picture", convert("SVG", "in Inkscape with Save a Copy")),
        _ => {
            let message = format!("the picture `{name}` cannot be read: it is damaged");
            ("damaged-picture", (message, format!("Its place is left blank. {EXPORT_AGAIN}")))
        }
    };
    Some(Fault { name, code, message, cure, is_of_worker: false })
}

/// Whether LaTeX complains about this very picture.
fn is_about(diagnostic: &Diagnostic, name: &str) -> bool {
    if !OF_LATEX.contains(&diagnostic.code.as_str()) {
        return false;
    }
    let quoted = ["`{}'", "'{}'", "graphic in {} (no"]
        .iter()
        .find_map(|pattern| capture(pattern, &diagnostic.message)?.pop());
    let Some(quoted) = quoted.as_deref() else { return false };
    let ends = |long: &str| {
        long.strip_suffix(quoted).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    };
    ends(name) || ends(stem(name))
}

/// A name without its extension.
pub(crate) fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => stem,
        _ => name,
    }
}
