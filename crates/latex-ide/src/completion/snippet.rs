//! Snippets in the syntax of Monaco: `\\section{${1:title}}`.

use quire_latex_syntax::{Form, Role, Slot};
use std::fmt::Write;

/// `text` as it is, in a snippet.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if matches!(c, '\\' | '$' | '}') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The arguments that must be given, each with a place to write in. `next` is the number of the first.
pub(super) fn arguments(slots: &[Slot], next: &mut usize) -> String {
    let mut text = String::new();
    for slot in slots.iter().filter(|slot| slot.form == Form::Mandatory) {
        let name = match slot.role {
            Role::Heading => "title",
            Role::Caption => "caption",
            Role::Text | Role::Footnote => "text",
            Role::Label | Role::References => "label",
            Role::Citations => "key",
            Role::Path => "file",
            Role::EnvironmentName => "name",
            Role::CommandName => "\\\\name",
            Role::Code => "definition",
            Role::Keys | Role::Math | Role::Verbatim | Role::Printed | Role::Unknown => "",
        };
        let colon = if name.is_empty() { "" } else { ":" };
        // Writing to a text cannot fail.
        let _ = write!(text, "{{${{{next}{colon}{name}}}\\}}");
        *next += 1;
    }
    text
}

/// How the arguments look: `{text}[…]`.
pub(crate) fn signature(slots: &[Slot]) -> String {
    let shown = slots.iter().map(|slot| match slot.form {
        Form::Star => "*",
        Form::Optional | Form::OptionalTight => "[…]",
        Form::Mandatory | Form::OptionalBraces => "{…}",
        Form::Coordinates => "(…)",
        Form::Delimited => "|…|",
        Form::Overlay | Form::Token | Form::ParameterText | Form::Equals => "",
    });
    shown.collect()
}
