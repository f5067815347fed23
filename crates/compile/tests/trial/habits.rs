//! What authors do to their documents, and how often.

use crate::{author::Author, documents::Files, numbers::Numbers, pictures};
use quire_project::ProjectPath;
use std::{ops::Range, sync::Arc};

/// A change of a text at a place: which bytes become what.
type Edit = fn(&mut Numbers, &str, usize) -> Option<(Range<usize>, String)>;

#[derive(Clone, Copy)]
pub(crate) enum Habit {
    /// Insert what is said.
    Write(fn(&mut Author) -> String),
    /// Type letter by letter.
    Type,
    Change(Edit),
    /// Insert what is not whole, for a while.
    Break(&'static [&'static str]),
    /// A line before the document begins.
    Preamble,
    /// Back to what it was some edits ago.
    Undo,
    /// Files come, go, or are others.
    Files(fn(&mut Numbers, &mut Files)),
}

const BROKEN: [&str; 19] = [
    // It never ends.
    " \\def\\x{\\x}\\x ",
    " {",
    "}",
    " $",
    "\\begin{itemize}\n",
    "\\end{itemize}\n",
    " \\emph{",
    " \\undefinedcommand ",
    " & ",
    "\\verb|",
    " \\def\\x{",
    "\\par}",
    "\n\\iffalse ",
    "\\begin{verbatim}\n",
    "\\footnote{",
    "^^",
    "\\\\[",
    "\\section{",
    " \\input{chap",
];

/// Weight, name, deed.
pub(crate) const HABITS: [(usize, &str, Habit); 25] = [
    (24, "word", Habit::Write(|author| format!(" {}", word(&mut author.numbers)))),
    (8, "typing", Habit::Type),
    (7, "maths", Habit::Write(|author| format!(" {}", formula(&mut author.numbers)))),
    (9, "word deleted", Habit::Change(delete_word)),
    (4, "letter deleted", Habit::Change(delete_letter)),
    (4, "line deleted", Habit::Change(delete_line)),
    (6, "paragraph pasted", Habit::Write(pasted)),
    (
        3,
        "section",
        Habit::Write(|author| format!("\n\n\\section{{{}}}\n", word(&mut author.numbers))),
    ),
    (3, "label", Habit::Write(|author| format!("\\label{{l:{}}}", author.numbers.below(8)))),
    (3, "ref", Habit::Write(reference)),
    (3, "cite", Habit::Write(citation)),
    (4, "item", Habit::Change(item)),
    (
        2,
        "list",
        Habit::Write(|author| {
            let (one, two) = (word(&mut author.numbers), word(&mut author.numbers));
            format!("\n\\begin{{itemize}}\n\\item {one}\n\\item {two}\n\\end{{itemize}}\n")
        }),
    ),
    (
        2,
        "display",
        Habit::Write(|author| {
            format!("\n\\begin{{equation}}\n{}\n\\end{{equation}}\n", bare(&mut author.numbers))
        }),
    ),
    (2, "environment around a paragraph", Habit::Change(wrap)),
    (
        2,
        "footnote",
        Habit::Write(|author| format!("\\footnote{{A {}.}}", word(&mut author.numbers))),
    ),
    (1, "page break", Habit::Write(|_| "\n\n\\newpage\n".to_owned())),
    (
        1,
        "verbatim",
        Habit::Write(|_| "\n\\begin{verbatim}\n% & $ \\x\n\\end{verbatim}\n".to_owned()),
    ),
    (2, "comment", Habit::Change(comment)),
    (2, "two lines joined", Habit::Change(join)),
    (2, "colour", Habit::Write(|_| " {\\color{red} red} ".to_owned())),
    (2, "preamble", Habit::Preamble),
    (8, "undo", Habit::Undo),
    (7, "broken", Habit::Break(&BROKEN)),
    (2, "files", Habit::Files(files)),
];

pub(crate) fn typed(numbers: &mut Numbers) -> String {
    let texts = [" and so on", " of $x^2$ as", " \\emph{much} so", " not\n\nSo it", " 50\\% off"];
    numbers.one_of(&texts).to_owned()
}

pub(crate) fn preamble_line(numbers: &mut Numbers) -> String {
    let n = numbers.below(30);
    let lines = [
        format!("\\setlength{{\\parindent}}{{{n}pt}}\n"),
        format!("\\newcommand{{\\new{}}}{{word}}\n", "abcdefgh".chars().nth(n % 8).unwrap_or('a')),
        "\\usepackage{color}\n".to_owned(),
        format!("% remark {n}\n"),
        "\\raggedbottom\n".to_owned(),
    ];
    lines[numbers.below(lines.len())].clone()
}

fn word(numbers: &mut Numbers) -> &'static str {
    numbers.one_of(&[
        "rain",
        "however",
        "unconscionable",
        "a",
        "Überfluß",
        "ﬁn",
        "and",
        "“so”",
        "--",
        "roof,",
    ])
}

fn bare(numbers: &mut Numbers) -> String {
    let n = numbers.below(20);
    let all = [
        format!("a_{{{n}}} + \\frac{{1}}{{{n}}}"),
        format!("\\sum_{{k=1}}^{{{n}}} k^2"),
        format!("\\sqrt{{x_{n}}}"),
        "\\left( \\int f \\right)".to_owned(),
    ];
    all[numbers.below(all.len())].clone()
}

fn formula(numbers: &mut Numbers) -> String {
    format!("${}$", bare(numbers))
}

/// A paragraph from elsewhere.
fn pasted(author: &mut Author) -> String {
    let paragraph = author.found("\n\n", "\n\n").unwrap_or_else(|| "Nothing.".to_owned());
    format!("\n\n{paragraph}\n\n")
}

fn reference(author: &mut Author) -> String {
    let label = author.found("\\label{", "}").filter(|label| label.len() < 30);
    let label = label.unwrap_or_else(|| "l:1".to_owned());
    format!(" \\{}{{{label}}}", author.numbers.one_of(&["ref", "pageref"]))
}

fn citation(author: &mut Author) -> String {
    let key = author.found("\\cite{", "}").filter(|key| key.len() < 40);
    format!(" \\cite{{{}}}", key.unwrap_or_else(|| "unknown".to_owned()))
}

fn delete_word(_: &mut Numbers, text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let rest = text.get(at + 1..)?;
    let end = rest.find([' ', '\n'])?;
    Some((at..at + 1 + end, String::new()))
}

fn delete_letter(_: &mut Numbers, text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let letter = text.get(..at)?.chars().next_back()?;
    Some((at - letter.len_utf8()..at, String::new()))
}

fn line(text: &str, at: usize) -> Option<Range<usize>> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(at..)?.find('\n').map_or(text.len(), |more| at + more + 1);
    Some(start..end)
}

fn delete_line(_: &mut Numbers, text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let line = line(text, at)?;
    (!text[line.clone()].contains("document}")).then_some((line, String::new()))
}

fn item(numbers: &mut Numbers, text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let at = at + text.get(at..)?.find("\\item")?;
    Some((at..at, format!("\\item {} {}\n", word(numbers), word(numbers))))
}

fn wrap(numbers: &mut Numbers, text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let start = text.get(..at)?.rfind("\n\n")? + 2;
    let end = at + text.get(at..)?.find("\n\n")? + 1;
    let name = numbers.one_of(&["quote", "center", "flushright"]);
    Some((start..end, format!("\\begin{{{name}}}\n{}\\end{{{name}}}\n", &text[start..end])))
}

fn comment(_: &mut Numbers, text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let line = line(text, at)?;
    Some(match text[line.clone()].strip_prefix("% ") {
        Some(_) => (line.start..line.start + 2, String::new()),
        None => (line.start..line.start, "% ".to_owned()),
    })
}

fn join(_: &mut Numbers, text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let at = at + text.get(at..)?.find('\n')?;
    Some((at..at + 1, " ".to_owned()))
}

/// A picture is replaced, goes or comes; a chapter likewise.
fn files(numbers: &mut Numbers, files: &mut Files) {
    let pictures: Vec<ProjectPath> =
        files.0.keys().filter(|file| file.as_str().ends_with(".png")).cloned().collect();
    let file = |name: &str| ProjectPath::new(name).unwrap();
    let tin = file("chapters/tin.tex");
    match (numbers.below(5), pictures.is_empty()) {
        (0..3, false) => {
            let size = (10 + numbers.below(60) as u8, 10 + numbers.below(60) as u8);
            let picture = pictures[numbers.below(pictures.len())].clone();
            files.0.insert(picture, pictures::png(size.0, size.1).into());
        }
        (3, false) => drop(files.0.remove(&pictures[numbers.below(pictures.len())])),
        _ if files.0.contains_key(&tin) => {
            if numbers.one_in(2) {
                files.0.remove(&tin);
            } else {
                // As a class of that name would be: of the author's own from now on.
                let own: Arc<[u8]> = Arc::from(&b"\\newcommand{\\ownroof}{roof}\n"[..]);
                files.0.insert(file("color.cfg"), own);
            }
        }
        _ => drop(
            files.0.insert(tin, Arc::from(&b"\\section{Tin again}\\label{sec:tin}\nNew.\n"[..])),
        ),
    }
}
