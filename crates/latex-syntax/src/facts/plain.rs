//! A title or a field of a bibliography as a list shows it: without commands, with its accents.

use super::words::{accent, letter};
use unicode_normalization::char::compose;

/// Commands whose argument is no part of the text.
const LEFT_OUT: [&str; 9] =
    ["label", "footnote", "thanks", "index", "vspace", "hspace", "color", "cite", "protect"];

/// `text` as it would be read, about: `Schr{\"o}dinger's \emph{cat}` is “Schrödinger's cat”. Formulas
/// stay as they are written. White space is folded.
pub fn plain_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        rest = match c {
            '\\' => command(behind, &mut out),
            '$' => {
                let end = behind.find('$').map_or(rest.len(), |end| end + 2);
                out.push_str(&rest[..end]);
                &rest[end..]
            }
            '{' | '}' => behind,
            '%' => behind.find('\n').map_or("", |end| behind[end..].trim_start()),
            '~' => {
                out.push(' ');
                behind
            }
            c => {
                out.push(c);
                behind
            }
        };
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a command prints; returns what stands behind it.
fn command<'a>(text: &'a str, out: &mut String) -> &'a str {
    let letters = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let length = if letters == 0 { text.chars().next().map_or(0, char::len_utf8) } else { letters };
    let (name, behind) = text.split_at(length);
    let behind = if letters == 0 { behind } else { behind.trim_start() };
    if let Some(mark) = accent(name) {
        return accented(mark, behind, out);
    }
    if let Some(printed) = letter(name) {
        out.push(printed);
        return behind;
    }
    match name {
        "LaTeX" | "TeX" | "BibTeX" | "XeTeX" | "LuaTeX" | "LaTeXe" => out.push_str(name),
        "&" | "%" | "#" | "$" | "_" | "{" | "}" => out.push_str(name),
        "\\" | "newline" | "quad" | "," | " " | "linebreak" => out.push(' '),
        "dots" | "ldots" => out.push('…'),
        "texorpdfstring" => return braced(behind).1,
        _ if LEFT_OUT.contains(&name) => return braced(options(behind)).1,
        _ => return options(behind),
    }
    behind.strip_prefix("{}").unwrap_or(behind)
}

/// The letter behind an accent, with it.
fn accented<'a>(mark: char, text: &'a str, out: &mut String) -> &'a str {
    let text = text.trim_start();
    let (inner, behind) = match text.chars().next() {
        Some('{') => braced(text),
        Some('\\') => {
            let name = text[1..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len() - 1);
            text.split_at(1 + name)
        }
        Some(c) => text.split_at(c.len_utf8()),
        None => return text,
    };
    let base = match inner.strip_prefix('\\').unwrap_or(inner).chars().next() {
        Some('ı') => 'i',
        Some(c) => c,
        None => return behind,
    };
    match compose(base, mark) {
        Some(composed) => out.push(composed),
        None => out.extend([base, mark]),
    }
    behind
}

/// What stands in the braces at the start of `text`, if there are any, and what behind them.
fn braced(text: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return (&text[depth..i], &text[i + depth..]),
            b'}' => depth -= 1,
            _ if depth == 0 => break,
            _ => {}
        }
    }
    ("", text)
}

/// What stands behind options in brackets.
fn options(text: &str) -> &str {
    let end = text.strip_prefix('[').and_then(|inner| inner.find(']'));
    end.map_or(text, |end| &text[end + 2..])
}

#[cfg(test)]
mod tests {
    use super::plain_text;

    #[test]
    fn commands_go_and_accents_stay() {
        let cases = [
            (r#"Schr{\"o}dinger's \emph{cat}"#, "Schrödinger's cat"),
            (r#"G\'{e}rard \v{C}apek, na{\"\i}ve"#, "Gérard Čapek, naïve"),
            (
                r"The {\LaTeX}~book: $a \le b$ \& more\label{sec:x}",
                "The LaTeX book: $a \\le b$ & more",
            ),
            (r"\texorpdfstring{$\pi$}{pi} is\\ \textbf{3}", "pi is 3"),
            ("A% comment\n  title", "Atitle"),
            (r"broken \'", "broken"),
            (r"} \footnote{never closed", "never closed"),
        ];
        for (text, expected) in cases {
            assert_eq!(plain_text(text), expected, "{text}");
        }
    }
}
