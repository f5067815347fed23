//! Which engine would build a document, and why: from `% !TEX program`, from packages and commands that only some
//! engines know, and from what the last build was told to lack.

mod needs;
mod read;

pub(crate) use needs::{Need, primitive};

use crate::{
    build::EngineChoice,
    diagnostics::{Diagnostic, SourceFile},
    roots::suggested_program,
};
use quire_project::{FileSource, ProjectPath};
use read::Sign;

/// What a document is built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The engine.
    pub engine: EngineChoice,
    /// The author lets the document run programs, inside the sandbox.
    pub runs_programs: bool,
}

/// What to build a document with instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The engine that has all it needs; the chosen one, where only consent is missing.
    pub engine: EngineChoice,
    /// It runs programs, which the author has not allowed.
    pub runs_programs: bool,
    /// Something is wrong or missing without it. Otherwise the document only asks for it.
    pub is_needed: bool,
    /// Why, in a sentence or two for people.
    pub why: String,
    /// Where that is seen: a line of a file, counted from one.
    pub place: Option<(ProjectPath, u32)>,
}

/// Suggest what to build a document with; nothing while it has what it needs. `told` is what the last build told.
pub fn suggest(
    files: &dyn FileSource,
    root: &ProjectPath,
    chosen: Chosen,
    told: &[Diagnostic],
) -> Option<Suggestion> {
    let mut signs = read::signs(files, root);
    of_diagnostics(told, &mut signs);
    let program = suggested_program(files, root);
    let wish = program.as_ref().and_then(|program| engine_of_program(&program.name));
    // Who has chosen one of TeX Live's has seen what was asked for.
    let asked = wish.filter(|_| !chosen.engine.is_tex_live());
    let is_unmet = |sign: &&Sign| !sign.need.is_met_by(chosen);
    let unmet: Vec<&Sign> = signs.iter().filter(is_unmet).collect();
    let runs_programs = unmet.iter().any(|sign| sign.need == Need::Programs);
    let Some(first) =
        unmet.iter().find(|sign| sign.need != Need::Programs).or_else(|| unmet.first())
    else {
        let (asked, program) = (asked?, program?);
        if asked == EngineChoice::XeLatex || !fits(asked, &signs) {
            return None;
        }
        let means = match asked {
            EngineChoice::LuaLatex => "what the document or its packages do in Lua cannot be built",
            _ => {
                "almost every document comes out the same, and what cannot is told as a problem of its own"
            }
        };
        return Some(Suggestion {
            engine: asked,
            runs_programs: false,
            is_needed: asked == EngineChoice::LuaLatex,
            why: format!(
                "The document asks for {}. Quire builds it with its own engine, XeTeX: {means}. TeX Live has that \
                 engine, in a sandbox.",
                called(asked)
            ),
            place: Some((root.clone(), u32::try_from(program.line).unwrap_or(1))),
        });
    };
    let engine = fitting(&signs, wish, chosen.engine)?;
    Some(Suggestion {
        engine,
        runs_programs,
        is_needed: true,
        why: why(first, root, chosen, engine, runs_programs),
        place: first.place.clone(),
    })
}

/// Whether a diagnostic of this code tells that another engine, or the author's consent, is needed.
pub fn tells_of_engine(code: &str) -> bool {
    needs::of_code(code).is_some()
}

/// How people call an engine.
pub fn called(engine: EngineChoice) -> &'static str {
    match engine {
        EngineChoice::Tectonic => "the built-in engine",
        EngineChoice::PdfLatex => "pdfLaTeX",
        EngineChoice::LuaLatex => "LuaLaTeX",
        EngineChoice::XeLatex => "XeLaTeX",
    }
}

/// The engine that `% !TEX program` means.
fn engine_of_program(name: &str) -> Option<EngineChoice> {
    Some(match name {
        "xelatex" | "xetex" | "tectonic" => EngineChoice::XeLatex,
        "pdflatex" | "pdftex" | "latex" => EngineChoice::PdfLatex,
        "lualatex" | "luatex" => EngineChoice::LuaLatex,
        _ => return None,
    })
}

fn of_diagnostics(told: &[Diagnostic], signs: &mut Vec<Sign>) {
    for diagnostic in told {
        if let Some(need) = needs::of_code(&diagnostic.code) {
            let place = diagnostic.place.as_ref().and_then(|place| match &place.file {
                SourceFile::Project(path) => Some((path.clone(), place.first_line.0)),
                SourceFile::Bundle(_) | SourceFile::Generated(_) => None,
            });
            // A package whose line is known says more.
            if !signs.iter().any(|sign| sign.need == need) {
                signs.push(Sign { need, what: String::new(), place });
            }
        }
        of_diagnostics(&diagnostic.caused, signs);
    }
}

/// Whether an engine has all that is needed, once the author allows programs.
fn fits(engine: EngineChoice, signs: &[Sign]) -> bool {
    signs.iter().all(|sign| sign.need.is_met_by(Chosen { engine, runs_programs: true }))
}

/// The first that has everything: the one that is asked for, the chosen one, then those that set the document most like it.
fn fitting(
    signs: &[Sign],
    wish: Option<EngineChoice>,
    chosen: EngineChoice,
) -> Option<EngineChoice> {
    use EngineChoice as E;
    let is_xetex = signs.iter().any(|sign| matches!(sign.need, Need::XeOrLua | Need::Xe));
    let others = match is_xetex {
        true => [E::Tectonic, E::XeLatex, E::LuaLatex, E::PdfLatex],
        false => [E::Tectonic, E::PdfLatex, E::LuaLatex, E::XeLatex],
    };
    let mut all = wish.into_iter().chain([chosen]).chain(others);
    all.find(|engine| fits(*engine, signs))
}

fn why(
    sign: &Sign,
    root: &ProjectPath,
    chosen: Chosen,
    engine: EngineChoice,
    runs_programs: bool,
) -> String {
    let subject = match &sign.place {
        _ if sign.what.is_empty() => "The document".to_owned(),
        Some((path, line)) if path != root => format!("{} in line {line} of `{path}`", sign.what),
        Some((_, line)) => format!("{} in line {line}", sign.what),
        None => sign.what.clone(),
    };
    let is_about_programs = sign.need == Need::Programs;
    let state = match (chosen.engine, is_about_programs) {
        (EngineChoice::Tectonic, true) => "the built-in engine runs none".to_owned(),
        (EngineChoice::Tectonic, false) => "the built-in engine is XeTeX".to_owned(),
        (_, true) => "this project is not allowed to".to_owned(),
        (other, false) => format!("the document is built with {}", called(other)),
    };
    let cure = match engine {
        _ if engine == chosen.engine => String::new(),
        EngineChoice::Tectonic => " The built-in engine can build it.".to_owned(),
        other => format!(" {} of TeX Live can build it, in a sandbox.", called(other)),
    };
    let programs = match runs_programs {
        true => {
            " Programs run only once you allow them, and in the sandbox: without network and without your files."
        }
        false => "",
    };
    format!("{subject} {}, and {state}.{cure}{programs}", sign.need.words())
}

/// What rules say of the built-in engine, put right for a build by TeX Live that the author has not let run programs.
pub(crate) fn in_words_of_tex_live(told: &mut [Diagnostic]) {
    for diagnostic in told {
        if needs::of_code(&diagnostic.code) == Some(Need::Programs) {
            "The document runs programs beside TeX, and it is not allowed to: what they would make is missing. \
             Programs run only once you allow them, and in the sandbox alone."
                .clone_into(&mut diagnostic.explanation);
        }
        in_words_of_tex_live(&mut diagnostic.caused);
    }
}

#[cfg(test)]
mod tests;
