//! Cures: what is offered for a command, an environment or a name that does not exist.

use super::Diagnostic;
use super::{Edit, Fix, Place, SourceFile, explain::View, near::nearest, unended};
use crate::suggest::{Need, primitive};
use quire_text::{ByteRange, LineNumber};

impl View<'_> {
    pub(super) fn undefined_command(&self, diagnostic: &mut Diagnostic) {
        let Some((path, bytes, line)) = diagnostic.place.as_ref().and_then(|p| self.line(p)) else {
            return;
        };
        let range = diagnostic.place.as_ref().and_then(|place| place.range);
        let Some(range) = range.filter(|r| r.start >= line.start) else { return };
        let token = String::from_utf8_lossy(&bytes[range.as_range()]).into_owned();
        let Some(name) = token.strip_prefix('\\') else { return };
        diagnostic.message = format!("Undefined control sequence {token}");
        if of_other_engine(diagnostic, name) {
            return;
        }
        let own = nearest(name, self.names().macros.iter().map(String::as_str));
        if own.is_none() && self.add_package(diagnostic, self.index().providers(name), &token) {
            return;
        }
        let near = own.or_else(|| nearest(name, self.kernel_first()));
        if let Some(near) = near {
            diagnostic.explanation =
                format!("TeX does not know `{token}`. Did you mean `\\{near}`?");
            diagnostic.fix = Some(Fix {
                title: format!("Replace `{token}` by `\\{near}`"),
                edits: vec![Edit { file: path, range, text: format!("\\{near}") }],
            });
        }
    }

    /// A command that is undefined where a macro uses it, so that the line shows another one or none.
    pub(super) fn undefined_within(&self, diagnostic: &mut Diagnostic, token: &str) {
        let at = diagnostic.place.as_ref().and_then(|p| Some((self.line(p)?, p.range?)));
        let written = at.map(|((_, bytes, _), range)| bytes[range.as_range()].to_vec());
        match written {
            Some(written) if written == token.as_bytes() => {
                return self.undefined_command(diagnostic);
            }
            Some(written) if written.starts_with(b"\\") => {}
            // The last letter or brace that TeX read says nothing: the command itself, if it is
            // written in the line, or the whole line is meant.
            _ => {
                let found = self.only_in_line(diagnostic, token.as_bytes());
                diagnostic.place.iter_mut().for_each(|place| place.range = found);
                if found.is_some() {
                    return self.undefined_command(diagnostic);
                }
            }
        }
        let name = token.trim_start_matches('\\');
        diagnostic.message = format!("Undefined control sequence {token}");
        if !of_other_engine(diagnostic, name) {
            self.add_package(diagnostic, self.index().providers(name), token);
        }
    }

    /// Where `token` is in the line of a diagnostic, when it is there once.
    fn only_in_line(&self, diagnostic: &Diagnostic, token: &[u8]) -> Option<ByteRange> {
        let (_, bytes, line) = self.line(diagnostic.place.as_ref()?)?;
        let text = &bytes[line.as_range()];
        let ends = |at: usize| {
            !text.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'@')
        };
        let mut found =
            (0..text.len()).filter(|at| text[*at..].starts_with(token) && ends(at + token.len()));
        let (at, None) = (found.next()?, found.next()) else { return None };
        Some(ByteRange::new(line.start.0 + at, line.start.0 + at + token.len()))
    }

    /// Commands of LaTeX itself, then those of packages.
    fn kernel_first(&self) -> impl Iterator<Item = &str> {
        let index = self.index();
        let is_kernel =
            move |name: &&str| index.providers(name).first().is_some_and(|p| p == "latex");
        let well_known = move |name: &&str| !is_kernel(name);
        index.commands().filter(is_kernel).chain(index.commands().filter(well_known))
    }

    pub(super) fn undefined_environment(&self, diagnostic: &mut Diagnostic, name: &str) {
        let own = nearest(name, self.names().environments.iter().map(String::as_str));
        let providers = self.index().environment_providers(name);
        if own.is_none() && self.add_package(diagnostic, providers, &format!("{{{name}}}")) {
            return;
        }
        let near = own.or_else(|| nearest(name, self.index().environments()));
        self.replace(diagnostic, near);
    }

    /// `\begin{a}` in line N ended by `\end{b}`: the one is a misspelt other, or the end is missing.
    pub(super) fn mismatched_environment(&self, diagnostic: &mut Diagnostic, captured: &[String]) {
        let [begun, line, ended] = captured else { return };
        let Ok(number) = line.parse() else { return };
        let inputs = self.evidence.inputs.iter().filter(|path| path.extension() == "tex");
        let begins: Vec<Place> = inputs
            .filter_map(|path| {
                let line = LineNumber(number);
                let file = SourceFile::Project(path.clone());
                let place = Place { file, first_line: line, last_line: line, range: None };
                let (_, bytes, range) = self.line(&place)?;
                let text = std::str::from_utf8(&bytes[range.as_range()]).ok()?;
                let opening = format!("\\begin{{{begun}}}");
                let at = range.start.0 + text.find(&opening)?;
                Some(Place { range: Some(ByteRange::new(at, at + opening.len())), ..place })
            })
            .collect();
        if nearest(ended, [begun.as_str()]).is_some() {
            self.narrow_to(diagnostic, ended);
            self.replace(diagnostic, Some(begun));
        } else if let [begin] = &begins[..] {
            // TeX names the line, but not the file.
            if let (SourceFile::Project(path), Some(place)) = (&begin.file, &diagnostic.place)
                && begin.file != place.file
            {
                diagnostic.explanation = format!(
                    "`\\begin{{{begun}}}` in line {line} of {path} was not ended. Add the missing \
                     `\\end{{{begun}}}`, or correct the name."
                );
            }
            diagnostic.place = Some(begin.clone());
        }
    }

    /// The file ended inside an argument or a verbatim environment: where that began.
    pub(super) fn unended_argument(&self, diagnostic: &mut Diagnostic, what: &str) {
        let command = what.trim_start_matches("use of ").trim_end_matches(['.', ' ']);
        let files = self.evidence.files;
        let inputs = || self.evidence.inputs.iter().filter(|path| path.extension() == "tex");
        if command.contains("verbatim") || command.contains("lst@") {
            diagnostic.explanation = "A `verbatim` or a listing is not ended, or stands where it \
                cannot. In Beamer its frame needs the option `[fragile]`: `\\begin{frame}[fragile]`."
                .to_owned();
            for name in ["verbatim", "lstlisting"] {
                let begin = || {
                    inputs()
                        .find_map(|path| unended::text(files, path, &format!("\\begin{{{name}}}")))
                };
                diagnostic.place = diagnostic.place.take().or_else(begin);
            }
        } else if let Some(place) =
            inputs().find_map(|path| unended::argument(files, path, command))
        {
            diagnostic.explanation =
                format!("The `{{` after `{command}` is not closed: a `}}` is missing.");
            diagnostic.place = Some(place);
        } else if let Some((name, place)) =
            inputs().find_map(|path| unended::environment(files, path))
        {
            diagnostic.explanation = format!("`\\begin{{{name}}}` was not ended.");
            diagnostic.place = Some(place);
        }
    }

    /// Offer to load the package that defines what is missing.
    pub(super) fn add_package(
        &self,
        diagnostic: &mut Diagnostic,
        providers: &[String],
        what: &str,
    ) -> bool {
        let Some(package) = providers.iter().find(|p| !p.ends_with(".cls") && *p != "latex") else {
            return false;
        };
        // Parts that people do not load by themselves.
        let package = match package.as_str() {
            "amstext" | "amsopn" | "amsbsy" | "amsgen" => "amsmath",
            package => package,
        };
        diagnostic.explanation =
            format!("`{what}` is defined by the package `{package}`, which is not loaded.");
        let edit = self.package_place().map(|(range, before)| Edit {
            file: self.evidence.root.clone(),
            range,
            text: format!("{before}\\usepackage{{{package}}}\n"),
        });
        diagnostic.fix = Some(Fix {
            title: format!("Add `\\usepackage{{{package}}}` to the preamble"),
            edits: edit.into_iter().collect(),
        });
        true
    }

    /// Where a `\usepackage` goes in the root: after the last one, or after `\documentclass`.
    fn package_place(&self) -> Option<(ByteRange, &'static str)> {
        let bytes = self.evidence.files.read(self.evidence.root).ok()??;
        let text = std::str::from_utf8(&bytes).ok()?;
        let preamble = &text[..text.find("\\begin{document}")?];
        let at = preamble.rfind("\\usepackage").or_else(|| preamble.rfind("\\documentclass"))?;
        let closing = at + preamble[at..].find('}')? + 1;
        Some(match text[closing..].find('\n') {
            Some(end) if closing + end < preamble.len() => {
                (ByteRange::new(closing + end + 1, closing + end + 1), "")
            }
            _ => (ByteRange::new(closing, closing), "\n"),
        })
    }

    /// Offer to replace the quoted name by one that exists.
    pub(super) fn replace(&self, diagnostic: &mut Diagnostic, near: Option<&str>) {
        let Some(near) = near else { return };
        diagnostic.explanation.push_str(&format!(" Did you mean `{near}`?"));
        let Some(place) = &diagnostic.place else { return };
        if let (SourceFile::Project(path), Some(range)) = (&place.file, place.range) {
            let edit = Edit { file: path.clone(), range, text: near.to_owned() };
            diagnostic.fix =
                Some(Fix { title: format!("Replace it by `{near}`"), edits: vec![edit] });
        }
    }

    /// A `_` or `^` right where TeX stopped wants a backslash, if the line has no mathematics.
    pub(super) fn escape(&self, diagnostic: &mut Diagnostic) {
        let Some(place) = diagnostic.place.clone() else { return };
        let Some((path, bytes, line)) = self.line(&place) else { return };
        let text = &bytes[line.as_range()];
        let special = |byte: &u8| matches!(byte, b'_' | b'^');
        let mut marks = text.iter().enumerate().filter(|(_, byte)| special(byte));
        if let (Some((at, b'_')), None) = (marks.next(), marks.next())
            && !text.contains(&b'$')
            && !text.contains(&b'\\')
        {
            let range = ByteRange::new(line.start.0 + at, line.start.0 + at + 1);
            let edit = Edit { file: path, range, text: "\\_".to_owned() };
            diagnostic.fix = Some(Fix { title: "Write `\\_`".to_owned(), edits: vec![edit] });
            if let Some(place) = &mut diagnostic.place {
                place.range = Some(range);
            }
        }
    }
}

/// Say so when the command is one of another engine's.
fn of_other_engine(diagnostic: &mut Diagnostic, name: &str) -> bool {
    let Some((engine, option)) = engine_of(name) else { return false };
    diagnostic.code = format!("{}-primitive", engine.to_lowercase());
    diagnostic.explanation = format!(
        "`\\{name}` belongs to {engine}, and the built-in engine is XeTeX. Leave it out, or build the \
         document with {option} of a TeX Live installation."
    );
    true
}

/// Which other engine has a primitive of this name, and how it is called on the command line.
fn engine_of(name: &str) -> Option<(&'static str, &'static str)> {
    match primitive(name) {
        Some(Need::Lua) => Some(("LuaTeX", "lualatex")),
        Some(_) => Some(("pdfTeX", "pdflatex")),
        // The interface of pdftexcmds, which is empty without pdfTeX.
        None => name.starts_with("pdf@").then_some(("pdfTeX", "pdflatex")),
    }
}
