//! What a source file says about its place in a document: its class, the files it reads, its magic
//! comments. Comments, verbatim text and `\iffalse` blocks do not count. Not a TeX parser: what a
//! macro hides is not seen.

/// What was found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceScan {
    /// The class of the first `\documentclass`.
    pub class: Option<DocumentClass>,
    /// Files it reads, as written: `\input`, `\include`, `\subfile`, `\import` …
    pub inputs: Vec<String>,
    /// `% !TEX root = …`
    pub magic_root: Option<String>,
    /// `% !TEX program = …`
    pub magic_program: Option<MagicProgram>,
}

/// The engine that a document asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MagicProgram {
    /// In lower case.
    pub name: String,
    /// The line with the wish, counted from one.
    pub line: usize,
}

/// `\documentclass[options]{name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentClass {
    /// The class.
    pub name: String,
    /// What is in the brackets, or empty.
    pub options: String,
}

/// Lines at the top of a file in which magic comments are looked for.
const MAGIC_LINES: usize = 40;

/// Environments whose text TeX does not interpret.
pub(crate) const VERBATIM: [&str; 12] = [
    "verbatim",
    "verbatim*",
    "Verbatim",
    "Verbatim*",
    "BVerbatim",
    "lstlisting",
    "minted",
    "comment",
    "filecontents",
    "filecontents*",
    "tcblisting",
    "alltt",
];

/// Commands that read the file named in their argument.
pub(crate) const INPUTS: [&str; 7] = [
    "input",
    "include",
    "subfile",
    "subfileinclude",
    "includestandalone",
    "InputIfFileExists",
    "loadglsentries",
];

/// Commands of the package `import`: a folder, then a file.
pub(crate) const IMPORTS: [&str; 6] =
    ["import", "subimport", "inputfrom", "subinputfrom", "includefrom", "subincludefrom"];

/// Scan a source text.
pub fn scan_source(text: &[u8]) -> SourceScan {
    let text = String::from_utf8_lossy(text);
    let mut scan = SourceScan::default();
    for (number, line) in (1..).zip(text.lines()).take(MAGIC_LINES) {
        read_magic(number, line, &mut scan);
    }
    read_commands(&text, &mut scan);
    scan
}

fn read_magic(number: usize, line: &str, scan: &mut SourceScan) {
    let Some(comment) = line.trim_start_matches('\u{feff}').trim_start().strip_prefix('%') else {
        return;
    };
    let comment = comment.trim_start_matches('%').trim_start();
    let Some(rest) = comment.strip_prefix('!') else { return };
    let rest = rest.trim_start();
    let Some((word, rest)) = rest.split_at_checked(3) else { return };
    if !word.eq_ignore_ascii_case("tex") || !rest.starts_with([' ', '\t']) {
        return;
    }
    let Some((key, value)) = rest.split_once('=') else { return };
    let value = value.trim().trim_matches('"');
    if value.is_empty() {
        return;
    }
    match key.trim().to_ascii_lowercase().as_str() {
        "root" => {
            scan.magic_root.get_or_insert_with(|| value.to_owned());
        }
        "program" | "ts-program" => {
            scan.magic_program.get_or_insert_with(|| MagicProgram {
                name: value.to_ascii_lowercase(),
                line: number,
            });
        }
        _ => {}
    }
}

fn read_commands(text: &str, scan: &mut SourceScan) {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '%']) {
        rest = &rest[at..];
        if rest.starts_with('%') {
            rest = after_line(rest);
            continue;
        }
        let (name, after) = command(rest);
        rest = match name {
            "documentclass" | "documentstyle" => {
                let (options, after) = optional(after);
                match braced(after) {
                    Some((class, after)) => {
                        scan.class.get_or_insert_with(|| DocumentClass {
                            name: class.trim().to_owned(),
                            options: options.trim().to_owned(),
                        });
                        after
                    }
                    None => after,
                }
            }
            "begin" => match braced(after) {
                Some((name, after)) if VERBATIM.contains(&name) => {
                    let end = format!("\\end{{{name}}}");
                    after.find(&end).map_or("", |at| &after[at + end.len()..])
                }
                _ => after,
            },
            "end" => match braced(after) {
                Some(("document", _)) => "",
                _ => after,
            },
            "endinput" => "",
            "iffalse" => after_conditional(after),
            "verb" | "lstinline" => after_verb(after),
            _ if INPUTS.contains(&name) => read_input(after, scan),
            _ if IMPORTS.contains(&name) => match two_braced(after) {
                Some((folder, file, after)) => {
                    scan.inputs.push(format!("{}/{}", folder.trim_end_matches('/'), file));
                    after
                }
                None => after,
            },
            _ => after,
        };
    }
}

/// `\input{file}`, `\input "a file"`, `\input file `, `\includestandalone[…]{file}`.
fn read_input<'a>(after: &'a str, scan: &mut SourceScan) -> &'a str {
    let (_, after) = optional(after);
    let (file, after) = match braced(after) {
        Some(found) => found,
        None => {
            let bare = after.trim_start_matches([' ', '\t']);
            match bare.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
                Some(found) => found,
                None => {
                    let stop = |c: char| c.is_whitespace() || "\\{}%[]#".contains(c);
                    bare.split_at(bare.find(stop).unwrap_or(bare.len()))
                }
            }
        }
    };
    let file = file.trim().trim_matches('"');
    // A name built by macros says nothing to us.
    if !file.is_empty() && !file.contains(['\\', '#']) {
        scan.inputs.push(file.to_owned());
    }
    after
}

/// The name of the command at the start of `text` and what follows it; a command of one
/// non-letter, such as `\%`, is skipped whole.
pub(crate) fn command(text: &str) -> (&str, &str) {
    let name = &text[1..];
    let letters = name.find(|c: char| !c.is_ascii_alphabetic() && c != '@').unwrap_or(name.len());
    if letters > 0 {
        let (name, mut after) = name.split_at(letters);
        if let Some(starred) = after.strip_prefix('*') {
            after = starred;
        }
        (name, after)
    } else {
        ("", name.get(name.chars().next().map_or(0, char::len_utf8)..).unwrap_or(""))
    }
}

pub(crate) fn after_line(text: &str) -> &str {
    text.find('\n').map_or("", |at| &text[at + 1..])
}

/// Spaces, at most one line end, and comments.
pub(crate) fn skip_blank(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        if !text.starts_with('%') {
            return text;
        }
        text = after_line(text);
    }
}

pub(crate) fn optional(text: &str) -> (&str, &str) {
    let inner = skip_blank(text).strip_prefix('[');
    inner.and_then(|inner| inner.split_once(']')).unwrap_or(("", text))
}

pub(crate) fn braced(text: &str) -> Option<(&str, &str)> {
    skip_blank(text).strip_prefix('{')?.split_once('}')
}

pub(crate) fn two_braced(text: &str) -> Option<(&str, &str, &str)> {
    let (first, after) = braced(text)?;
    let (second, after) = braced(after)?;
    Some((first, second, after))
}

pub(crate) fn after_verb(text: &str) -> &str {
    let text = text.strip_prefix('*').unwrap_or(text);
    let mut chars = text.chars();
    let Some(fence) = chars.next().filter(|c| !c.is_whitespace() && *c != '{') else { return text };
    let rest = chars.as_str();
    // `\verb` ends on its line; without its fence there it is a mistake, and skips nothing.
    let line = rest.find('\n').unwrap_or(rest.len());
    rest[..line].find(fence).map_or(rest, |at| &rest[at + fence.len_utf8()..])
}

/// What follows the `\fi` that closes a conditional.
fn after_conditional(text: &str) -> &str {
    let mut rest = text;
    let mut depth = 1;
    while let Some(at) = rest.find(['\\', '%']) {
        rest = &rest[at..];
        if rest.starts_with('%') {
            rest = after_line(rest);
            continue;
        }
        let (name, after) = command(rest);
        rest = after;
        match name {
            "fi" => depth -= 1,
            "else" if depth == 1 => return rest,
            _ if name.starts_with("if") => depth += 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    if depth == 0 { rest } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> SourceScan {
        scan_source(text.as_bytes())
    }

    #[test]
    fn reads_the_class_past_comments() {
        let found = scan("% \\documentclass{no}\n\\documentclass[a4paper,%\n 11pt]% c\n  {book}");
        let class = found.class.unwrap();
        assert_eq!(class.name, "book");
        assert!(class.options.starts_with("a4paper"));
        assert_eq!(scan("10\\% \\documentclass{x}").class.unwrap().name, "x");
    }

    #[test]
    fn what_is_not_interpreted_does_not_count() {
        for text in [
            "\\begin{verbatim}\n\\documentclass{x}\n\\end{verbatim}",
            "\\verb|\\documentclass{x}|",
            "\\iffalse \\ifx a b \\fi \\documentclass{x} \\fi",
            "\\begin{filecontents*}{a.tex}\\documentclass{x}\\end{filecontents*}",
            "\\endinput \\documentclass{x}",
            "\\string\\\\documentclass{x}",
        ] {
            assert_eq!(scan(text).class, None, "{text}");
        }
    }

    #[test]
    fn reads_every_way_to_read_a_file() {
        let found = scan(
            "\\input{a}\\input b.tex \\include{c d}\\input \"e f\"\\subfile{g}\\import{h/}{i}\n\
             \\includestandalone[mode=tex]{j}\\input{\\jobname-x}\\inputencoding{utf8}",
        );
        assert_eq!(found.inputs, ["a", "b.tex", "c d", "e f", "g", "h/i", "j"]);
    }

    #[test]
    fn reads_magic_comments() {
        let found = scan("% !TEX root = ../main.tex\n%!TeX TS-program = XeLaTeX\n\\section{x}");
        assert_eq!(found.magic_root.as_deref(), Some("../main.tex"));
        let wish = |name: &str, line| Some(MagicProgram { name: name.to_owned(), line });
        assert_eq!(found.magic_program, wish("xelatex", 2));
        assert_eq!(scan("% ! tex program=lualatex").magic_program, wish("lualatex", 1));
        assert_eq!(scan("text % !TEX root = x"), SourceScan::default());
    }

    #[test]
    fn odd_input_is_survived() {
        for text in
            ["\\", "\\verb", "\\verbé", "\\input", "\\begin{", "% !", "\\iffalse", "\\é", "% !té"]
        {
            scan(text);
        }
    }
}
