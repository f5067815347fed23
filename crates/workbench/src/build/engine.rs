//! What a document needs that the chosen engine has not, or that the author has not allowed, as a problem with one click
//! to mend it.

use super::{Problem, ProblemAction, ProblemSeverity};
use crate::{Range, place::Position};
use quire_compile::{
    build::EngineChoice,
    diagnostics::Diagnostic,
    roots::suggested_program,
    suggest::{Chosen, Suggestion, called, suggest, tells_of_engine},
};
use quire_project::{FileSource, ProjectPath};

/// Tell the author what to build with instead, if anything. True when the author is to be asked whether the document
/// may run programs: it would, with the engine that is chosen.
pub(super) fn add_suggestion(
    problems: &mut Vec<Problem>,
    told: &[Diagnostic],
    files: &dyn FileSource,
    root: &ProjectPath,
    chosen: Chosen,
) -> bool {
    let Some(suggestion) = suggest(files, root, chosen, told) else {
        problems.extend(unknown_program(files, root, chosen.engine));
        return false;
    };
    let action = action_of(&suggestion, chosen.engine);
    offer(problems, &action);
    let place = suggestion.place.as_ref();
    // A problem of that line says it already.
    let said = problems.iter_mut().find(|problem| {
        let line = problem.range.map(|range| range.start.line);
        problem.action.is_some()
            && match place {
                Some((path, number)) => {
                    problem.path.as_ref() == Some(path) && line == Some(*number)
                }
                None => true,
            }
    });
    match said {
        Some(problem) => problem.explanation.clone_from(&suggestion.why),
        None => {
            let severity = match suggestion.is_needed {
                true => ProblemSeverity::Warning,
                false => ProblemSeverity::Hint,
            };
            let code = if suggestion.runs_programs { "runs-programs" } else { "other-engine" };
            let (path, line) = place.map_or((root, 1), |(path, line)| (path, *line));
            let mut problem = at_line(files, path, line, code, severity);
            problem.explanation.clone_from(&suggestion.why);
            problem.action = Some(action);
            problems.insert(0, problem);
        }
    }
    suggestion.runs_programs && suggestion.engine == chosen.engine
}

fn action_of(suggestion: &Suggestion, chosen: EngineChoice) -> ProblemAction {
    ProblemAction {
        title: match suggestion.engine == chosen {
            true => "Let it run programs".to_owned(),
            false => format!("Build with {}", called(suggestion.engine)),
        },
        engine: suggestion.engine.name().to_owned(),
        runs_programs: suggestion.runs_programs,
    }
}

/// All problems that come of the same lack carry the action.
fn offer(problems: &mut [Problem], action: &ProblemAction) {
    for problem in problems {
        if tells_of_engine(&problem.code) {
            problem.action = Some(action.clone());
        }
        offer(&mut problem.caused, action);
    }
}

/// A wish for an engine that nobody here has.
fn unknown_program(
    files: &dyn FileSource,
    root: &ProjectPath,
    chosen: EngineChoice,
) -> Option<Problem> {
    let program = suggested_program(files, root)?;
    let known =
        ["latex", "pdflatex", "pdftex", "lualatex", "luatex", "xelatex", "xetex", "tectonic"];
    if known.contains(&program.name.as_str()) {
        return None;
    }
    let line = u32::try_from(program.line).ok()?;
    let mut problem = at_line(files, root, line, "other-engine", ProblemSeverity::Warning);
    problem.explanation = format!(
        "The document asks for {}, which Quire does not have. It is built with {}: what only the other can do is not \
         built.",
        program.name,
        called(chosen)
    );
    Some(problem)
}

/// A problem about a whole line.
fn at_line(
    files: &dyn FileSource,
    path: &ProjectPath,
    number: u32,
    code: &str,
    severity: ProblemSeverity,
) -> Problem {
    let bytes = files.read(path).ok().flatten().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
    let line = text.lines().nth(index).unwrap_or_default();
    let columns = u32::try_from(line.encode_utf16().count() + 1).unwrap_or(u32::MAX);
    Problem {
        code: code.to_owned(),
        severity,
        path: Some(path.clone()),
        foreign: None,
        range: Some(Range {
            start: Position { line: number, column: 1 },
            end: Position { line: number, column: columns },
        }),
        message: line.trim().to_owned(),
        explanation: String::new(),
        fix: None,
        action: None,
        caused: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quire_project::MemoryFiles;

    const TEXT: &str = "\\documentclass{article}\n\\begin{document}x\\end{document}";

    fn problems(text: &str, mut all: Vec<Problem>, chosen: Chosen) -> (Vec<Problem>, bool) {
        let root: ProjectPath = ProjectPath::new("main.tex").unwrap();
        let mut files = MemoryFiles::default();
        files.insert(root.clone(), text.as_bytes().to_vec());
        let asks = add_suggestion(&mut all, &[], &files, &root, chosen);
        (all, asks)
    }

    fn told(text: &str) -> Option<Problem> {
        let built_in = Chosen { engine: EngineChoice::Tectonic, runs_programs: false };
        let (all, asks) = problems(text, Vec::new(), built_in);
        assert!(!asks, "the built-in engine runs no programs: there is nothing to ask yet");
        all.into_iter().next()
    }

    #[test]
    fn a_wish_for_another_engine_is_answered() {
        assert_eq!(told(TEXT), None);
        assert_eq!(told(&format!("% !TEX program = xelatex\n{TEXT}")), None);
        let wish = told(&format!("% a TeX program\n%!TeX TS-program = pdflatex\n{TEXT}")).unwrap();
        assert_eq!((wish.severity, wish.range.unwrap().start.line), (ProblemSeverity::Hint, 2));
        assert!(wish.explanation.contains("asks for pdfLaTeX"), "{}", wish.explanation);
        assert_eq!(wish.action.unwrap().title, "Build with pdfLaTeX");
        let wish = told(&format!("% !TEX program = lualatex\n{TEXT}")).unwrap();
        assert_eq!(wish.severity, ProblemSeverity::Warning);
        let wish = told(&format!("% !TEX program = uplatex\n{TEXT}")).unwrap();
        assert!(wish.explanation.contains("asks for uplatex"), "{}", wish.explanation);
        assert_eq!(wish.action, None);
    }

    #[test]
    fn what_a_problem_says_already_is_not_said_twice() {
        let text =
            "\\documentclass{article}\n\\usepackage{minted}\n\\begin{document}x\\end{document}";
        let root: ProjectPath = ProjectPath::new("main.tex").unwrap();
        let files = MemoryFiles::default();
        let plain = |line| at_line(&files, &root, line, "minted-plain", ProblemSeverity::Warning);
        let built_in = Chosen { engine: EngineChoice::Tectonic, runs_programs: false };
        let (all, _) = problems(text, vec![plain(2)], built_in);
        assert_eq!(all.len(), 1);
        assert!(all[0].explanation.contains("`minted` in line 2"), "{}", all[0].explanation);
        let action = all[0].action.clone().unwrap();
        assert_eq!((action.engine.as_str(), action.runs_programs), ("pdflatex", true));
        // Elsewhere it leads to the same.
        let (all, _) = problems(text, vec![plain(3)], built_in);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].action, all[1].action);
    }

    #[test]
    fn the_author_is_asked_once_programs_would_run() {
        let text =
            "\\documentclass{article}\n\\usepackage{minted}\n\\begin{document}x\\end{document}";
        let chosen = |runs_programs| Chosen { engine: EngineChoice::PdfLatex, runs_programs };
        let (all, asks) = problems(text, Vec::new(), chosen(false));
        assert!(asks);
        assert_eq!(all[0].code, "runs-programs");
        assert_eq!(all[0].action.as_ref().unwrap().title, "Let it run programs");
        assert_eq!(problems(text, Vec::new(), chosen(true)), (Vec::new(), false));
    }
}
