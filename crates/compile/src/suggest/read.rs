//! Signs in the sources of a document: packages, commands and encodings that only some engines know. What stands in a
//! condition (`\ifpdf`, `\@ifundefined{pdfoutput}`), in a definition or in a comment is none: it may never be done.

use super::needs::{Need, of_class, of_command, of_package};
use crate::roots::scan::{
    IMPORTS, INPUTS, VERBATIM, after_line, after_verb, braced, command, optional, skip_blank,
    two_braced,
};
use quire_project::{FileSource, ProjectPath};
use quire_text::{ByteOffset, LineIndex};
use std::collections::BTreeSet;

/// Files that are read; a document with more has said before what it needs.
const MAX_FILES: usize = 400;
/// All of them together.
const MAX_BYTES: usize = 16 << 20;

/// Environments that hold code in another language.
const CODE: [&str; 5] = ["luacode", "luacode*", "gnuplot", "asy", "pycode"];

/// Something that only some engines can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    pub(super) need: Need,
    /// What it is, for people: ``the package `luacode` ``.
    pub(super) what: String,
    /// Where: the line, counted from one.
    pub(super) place: Option<(ProjectPath, u32)>,
}

/// The signs of a document, in the order in which TeX comes to them.
pub(super) fn signs(files: &dyn FileSource, root: &ProjectPath) -> Vec<Sign> {
    let mut reader = Reader {
        files,
        top: root.folder(),
        seen: BTreeSet::new(),
        bytes_left: MAX_BYTES,
        signs: Vec::new(),
        own: BTreeSet::new(),
        encoding: None,
        has_utf8: false,
        emulates_pdftex: false,
    };
    reader.read(root);
    let Reader { mut signs, encoding, has_utf8, emulates_pdftex, .. } = reader;
    if emulates_pdftex {
        signs.retain(|sign| sign.need != Need::Pdf);
    }
    // A text in UTF-8 is wrong under this encoding with every engine: the option has to go.
    signs.extend(encoding.filter(|_| !has_utf8));
    signs
}

struct Reader<'a> {
    files: &'a dyn FileSource,
    /// The root's folder, from which names count.
    top: &'a str,
    seen: BTreeSet<ProjectPath>,
    bytes_left: usize,
    signs: Vec<Sign>,
    /// Commands that the document defines itself.
    own: BTreeSet<String>,
    /// The document names an encoding other than UTF-8.
    encoding: Option<Sign>,
    has_utf8: bool,
    /// `luatex85` is loaded.
    emulates_pdftex: bool,
}

impl Reader<'_> {
    fn read(&mut self, path: &ProjectPath) {
        if self.seen.len() >= MAX_FILES || !self.seen.insert(path.clone()) {
            return;
        }
        let Ok(Some(bytes)) = self.files.read(path) else { return };
        let Some(left) = self.bytes_left.checked_sub(bytes.len()) else { return };
        self.bytes_left = left;
        self.has_utf8 |= !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok();
        let text = String::from_utf8_lossy(&bytes);
        let lines = LineIndex::new(text.as_bytes());
        let mut rest: &str = &text;
        // Conditions that are open here.
        let mut open = 0_usize;
        while let Some(at) = rest.find(['\\', '%']) {
            rest = &rest[at..];
            if rest.starts_with('%') {
                rest = after_line(rest);
                continue;
            }
            let line = lines.line_of(ByteOffset(text.len() - rest.len())).0;
            let (name, after) = command(rest);
            rest = match name {
                "fi" => {
                    open = open.saturating_sub(1);
                    after
                }
                "newif" | "string" | "meta" => after_command(after),
                "let" => self.after_let(after),
                "verb" | "lstinline" => after_verb(after),
                "begin" => match braced(after) {
                    Some((name, after)) if VERBATIM.contains(&name) || CODE.contains(&name) => {
                        let end = format!("\\end{{{name}}}");
                        after.find(&end).map_or("", |at| &after[at + end.len()..])
                    }
                    _ => after,
                },
                "end" => match braced(after) {
                    Some(("document", _)) => "",
                    _ => after,
                },
                "endinput" if open == 0 => "",
                // `\ifthenelse{…}{…}{…}`, `\@ifundefined{…}{…}{…}`, `\IfFileExists{…}{…}{…}`.
                _ if is_condition(name) && skip_blank(after).starts_with('{') => {
                    after_groups(after)
                }
                _ if is_condition(name) && name.starts_with("if") => {
                    open += 1;
                    after
                }
                _ => match self.after_definition(name, after) {
                    Some(after) => after,
                    None if open > 0 => after,
                    None => self.take(name, after, (path, line)),
                },
            };
        }
    }

    /// A command that will be done.
    fn take<'t>(&mut self, name: &str, after: &'t str, at: (&ProjectPath, u32)) -> &'t str {
        match name {
            "usepackage" | "RequirePackage" | "RequirePackageWithOptions" => {
                let (options, names) = optional(after);
                let Some((names, after)) = braced(names) else { return after };
                names.split(',').for_each(|name| self.package(name.trim(), options, at));
                after
            }
            "documentclass" | "LoadClass" | "LoadClassWithOptions" => {
                let (_, name) = optional(after);
                let Some((name, after)) = braced(name) else { return after };
                let name = name.trim();
                self.tell_all(of_class(name), || format!("The class `{name}`"), at);
                self.read_named(&format!("{name}.cls"), "");
                after
            }
            "usetikzlibrary" => {
                let Some((names, after)) = braced(after) else { return after };
                if names.split(',').any(|name| name.trim() == "graphdrawing") {
                    self.tell(Need::Lua, "The TikZ library `graphdrawing`".to_owned(), at);
                }
                after
            }
            "tikzexternalize" => {
                let (options, after) = optional(after);
                // Other modes only write down what is to be done.
                if !options.contains("mode=") || options.contains("system call") {
                    self.tell(Need::Programs, "`\\tikzexternalize`".to_owned(), at);
                }
                after
            }
            "addplot" => {
                let options = after.trim_start_matches(['+', '3']);
                if skip_blank(optional(options).1).starts_with("gnuplot") {
                    self.tell(Need::Programs, "`\\addplot gnuplot`".to_owned(), at);
                }
                after
            }
            "write" if after.starts_with("18") => {
                self.tell(Need::Programs, "`\\write18`".to_owned(), at);
                after
            }
            "ShellEscape" | "DelayedShellEscape" => {
                self.tell(Need::Programs, format!("`\\{name}`"), at);
                after
            }
            "input" if after.trim_start_matches(['{', '"', ' ']).starts_with('|') => {
                self.tell(Need::Programs, "`\\input|`".to_owned(), at);
                after
            }
            _ if INPUTS.contains(&name) => {
                let (file, after) = named(after);
                self.read_named(file, at.0.folder());
                after
            }
            _ if IMPORTS.contains(&name) => match two_braced(after) {
                Some((folder, file, after)) => {
                    let name = format!("{}/{file}", folder.trim_end_matches('/'));
                    self.read_named(&name, at.0.folder());
                    after
                }
                None => after,
            },
            _ => {
                if let Some(need) = of_command(name).filter(|_| !self.own.contains(name)) {
                    self.tell(need, format!("`\\{name}`"), at);
                }
                after
            }
        }
    }

    fn package(&mut self, name: &str, options: &str, at: (&ProjectPath, u32)) {
        let has = |option: &str| {
            options.split(',').any(|given| given.trim().trim_end_matches("=true") == option)
        };
        match name {
            // The code is set plain, or as it was coloured before.
            "minted" if has("draft") || has("frozencache") => {}
            "gnuplottex" if has("noshell") => {}
            "luatex85" => self.emulates_pdftex = true,
            "inputenc" => {
                let encoding = options.rsplit(',').next().unwrap_or_default().trim();
                if !matches!(encoding, "" | "utf8" | "utf8x" | "ascii") {
                    self.encoding.get_or_insert(Sign {
                        need: Need::Pdf,
                        what: format!("The encoding `{encoding}`"),
                        place: Some((at.0.clone(), at.1)),
                    });
                }
            }
            _ => self.tell_all(of_package(name), || format!("The package `{name}`"), at),
        }
        self.read_named(&format!("{name}.sty"), "");
    }

    fn tell_all(&mut self, needs: &[Need], what: impl Fn() -> String, at: (&ProjectPath, u32)) {
        needs.iter().for_each(|need| self.tell(*need, what(), at));
    }

    fn tell(&mut self, need: Need, what: String, (path, line): (&ProjectPath, u32)) {
        self.signs.push(Sign { need, what, place: Some((path.clone(), line)) });
    }

    /// Read a file of the project by the name that the document has for it, if it is one.
    fn read_named(&mut self, name: &str, folder: &str) {
        let name = name.trim().trim_matches('"');
        // A name built by macros says nothing to us.
        if name.is_empty() || name.contains(['\\', '#']) {
            return;
        }
        for folder in [self.top, folder] {
            for name in [name.to_owned(), format!("{name}.tex")] {
                let Ok(path) = ProjectPath::resolve(folder, &name) else { continue };
                if self.files.read(&path).is_ok_and(|bytes| bytes.is_some()) {
                    return self.read(&path);
                }
            }
        }
    }

    /// What follows a definition; `None` when the command begins none.
    fn after_definition<'t>(&mut self, name: &str, after: &'t str) -> Option<&'t str> {
        let (defined, body) = match name {
            "def" | "gdef" | "edef" | "xdef" => {
                let defined = skip_blank(after);
                let body = defined.find('{').map_or("", |at| &defined[at..]);
                (defined, after_group(body))
            }
            "newcommand"
            | "renewcommand"
            | "providecommand"
            | "DeclareRobustCommand"
            | "newrobustcmd" => {
                let (defined, body) = defined_name(after);
                (defined, after_group(optional(optional(body).1).1))
            }
            "NewDocumentCommand"
            | "RenewDocumentCommand"
            | "ProvideDocumentCommand"
            | "DeclareDocumentCommand" => {
                let (defined, body) = defined_name(after);
                (defined, after_group(body).and_then(after_group))
            }
            "newenvironment" | "renewenvironment" => {
                let body = after_group(after).map_or("", |body| optional(optional(body).1).1);
                ("", after_group(body).and_then(after_group))
            }
            _ => return None,
        };
        if defined.starts_with('\\') {
            self.own.insert(command(defined).0.to_owned());
        }
        Some(body.unwrap_or(after))
    }

    /// `\let\one=\other`.
    fn after_let<'t>(&mut self, after: &'t str) -> &'t str {
        let defined = skip_blank(after);
        if defined.starts_with('\\') {
            self.own.insert(command(defined).0.to_owned());
        }
        let after = skip_blank(after_command(after));
        after_command(after.strip_prefix('=').unwrap_or(after))
    }
}

/// Whether a command's name is that of a condition. `\iff` is an arrow.
fn is_condition(name: &str) -> bool {
    let begins = ["if", "@if", "If"].iter().any(|begin| name.starts_with(begin));
    begins && name != "iff"
}

fn after_command(text: &str) -> &str {
    let text = skip_blank(text);
    if text.starts_with('\\') { command(text).1 } else { text }
}

/// `{\name}` or `\name`, and what follows.
fn defined_name(after: &str) -> (&str, &str) {
    match braced(after) {
        Some((name, after)) => (name.trim(), after),
        None => (skip_blank(after), after_command(after)),
    }
}

/// The file of `\input{file}`, `\input "a file"` or `\input file `, and what follows.
fn named(after: &str) -> (&str, &str) {
    let (_, after) = optional(after);
    if let Some(found) = braced(after) {
        return found;
    }
    let bare = after.trim_start_matches([' ', '\t']);
    if let Some(found) = bare.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
        return found;
    }
    let stop = |c: char| c.is_whitespace() || "\\{}%[]#".contains(c);
    bare.split_at(bare.find(stop).unwrap_or(bare.len()))
}

/// What follows a group in braces; `None` where none begins or it does not end.
fn after_group(text: &str) -> Option<&str> {
    let text = skip_blank(text);
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'\\' => at += 1,
            b'%' => at += text[at..].find('\n')?,
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return text.get(at..);
        }
    }
    None
}

/// What follows all groups that stand here.
fn after_groups(mut text: &str) -> &str {
    while let Some(after) = after_group(text) {
        text = after;
    }
    text
}
