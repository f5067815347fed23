//! What a document asks for with `% !TEX program`, when it is another engine than the one that builds it.

use super::{Problem, ProblemSeverity};
use crate::{Range, place::Position};
use quire_compile::{build::EngineChoice, roots::suggested_program};
use quire_project::{FileSource, ProjectPath};

/// Tells the author what becomes of the wish; nothing where the wish is fulfilled.
pub(super) fn other_engine(
    files: &dyn FileSource,
    root: &ProjectPath,
    chosen: EngineChoice,
) -> Option<Problem> {
    let program = suggested_program(files, root)?;
    let asked = match program.name.as_str() {
        "xelatex" | "xetex" | "tectonic" => Some(EngineChoice::XeLatex),
        "pdflatex" | "pdftex" | "latex" => Some(EngineChoice::PdfLatex),
        "lualatex" | "luatex" => Some(EngineChoice::LuaLatex),
        _ => None,
    };
    // An author who chose another one of TeX Live's has seen what was asked for.
    if chosen.is_tex_live() && asked.is_some() {
        return None;
    }
    let (name, severity, means) = match program.name.as_str() {
        "xelatex" | "xetex" | "tectonic" => return None,
        "pdflatex" | "pdftex" | "latex" => (
            "pdfLaTeX",
            ProblemSeverity::Hint,
            "almost every document comes out the same, and what cannot is told as a problem of its own",
        ),
        "lualatex" | "luatex" => (
            "LuaLaTeX",
            ProblemSeverity::Warning,
            "what the document or its packages do in Lua cannot be built",
        ),
        other => (other, ProblemSeverity::Warning, "what only that engine can do is not built"),
    };
    let bytes = files.read(root).ok().flatten()?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().nth(program.line - 1)?;
    let number = u32::try_from(program.line).ok()?;
    let columns = line.encode_utf16().count() + 1;
    Some(Problem {
        code: "other-engine".to_owned(),
        severity,
        path: Some(root.clone()),
        foreign: None,
        range: Some(Range {
            start: Position { line: number, column: 1 },
            end: Position { line: number, column: u32::try_from(columns).unwrap_or(u32::MAX) },
        }),
        message: line.trim().to_owned(),
        explanation: format!(
            "The document asks for {name}. Quire builds it with its own engine, XeTeX: {means}.{}",
            asked.map_or("", |_| " TeX Live has that engine: choose it in the project's settings.")
        ),
        fix: None,
        caused: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use quire_project::MemoryFiles;

    fn told(text: &str) -> Option<(ProblemSeverity, u32, String)> {
        let root: ProjectPath = ProjectPath::new("main.tex").unwrap();
        let mut files = MemoryFiles::default();
        files.insert(root.clone(), text.as_bytes().to_vec());
        let problem = other_engine(&files, &root, EngineChoice::Tectonic)?;
        assert_eq!(
            other_engine(&files, &root, EngineChoice::PdfLatex).is_some(),
            text.contains("uplatex")
        );
        Some((problem.severity, problem.range?.start.line, problem.explanation))
    }

    #[test]
    fn a_wish_for_another_engine_is_answered() {
        let text = "\\documentclass{article}";
        assert_eq!(told(text), None);
        assert_eq!(told(&format!("% !TEX program = xelatex\n{text}")), None);
        let (severity, line, explanation) =
            told(&format!("% a TeX program\n%!TeX TS-program = pdflatex\n{text}")).unwrap();
        assert_eq!((severity, line), (ProblemSeverity::Hint, 2));
        assert!(explanation.contains("asks for pdfLaTeX"), "{explanation}");
        let (severity, ..) = told(&format!("% !TEX program = lualatex\n{text}")).unwrap();
        assert_eq!(severity, ProblemSeverity::Warning);
        let (_, _, explanation) = told(&format!("% !TEX program = uplatex\n{text}")).unwrap();
        assert!(explanation.contains("asks for uplatex"), "{explanation}");
    }
}
