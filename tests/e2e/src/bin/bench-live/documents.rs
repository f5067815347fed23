//! The documents, and the places to write at.

use anyhow::{Context, Result};
use quire_e2e::copy_folder;
use std::{fs, path::Path, time::Duration};

/// A book of a thousand pages takes a while for the first time.
pub(crate) const LONGEST_BUILD: Duration = Duration::from_secs(180);

/// In the line of a table that the bench writes in.
pub(crate) const CELL: &str = "bench & 3.5 & cell";
/// In the line of a drawing that the bench writes in.
pub(crate) const COORDINATE: &str = "\\draw (0,0) -- (2,1);";

/// What documents without tables and drawings are given.
const TABLE_AND_DRAWING: &str = "

\\begin{tabular}{lrl}
one & 1.2 & first \\\\
bench & 3.5 & cell \\\\
\\end{tabular}

\\begin{tikzpicture}
\\draw (0,0) -- (2,1);
\\draw (0,1) circle (2pt);
\\end{tikzpicture}

";

/// A document of the corpus, or one that is made up.
pub(crate) struct Document {
    pub(crate) name: &'static str,
    /// The file or the folder in the corpus; none for one that is made up.
    from: Option<&'static str>,
    /// Other documents in that folder, which would make it unclear which is meant.
    without: &'static [&'static str],
    /// It gets a table and a drawing.
    has_more: bool,
    /// The file to write in.
    pub(crate) file: &'static str,
    /// Parts of the file's lines, from 0 to 1.
    pub(crate) places: &'static [f64],
}

const fn one(
    name: &'static str,
    from: &'static str,
    file: &'static str,
    places: &'static [f64],
) -> Document {
    Document { name, from: Some(from), without: &[], has_more: false, file, places }
}

pub(crate) const DOCUMENTS: [Document; 6] = [
    Document {
        has_more: true,
        ..one("paper-27p", "synthetic/paper-27p.tex", "paper-27p.tex", &[0.1, 0.5, 0.9])
    },
    Document {
        has_more: true,
        ..one(
            "book-246p",
            "synthetic/book-246p.tex",
            "book-246p.tex",
            &[0.02, 0.25, 0.5, 0.75, 0.97],
        )
    },
    one("arxiv-style", "arxiv-style", "template.tex", &[0.4]),
    one("mtheme", "mtheme/demo", "demo.tex", &[0.2, 0.7]),
    Document {
        name: "awesome-cv",
        from: Some("awesome-cv/examples"),
        without: &["cv.tex", "resume.tex"],
        has_more: false,
        file: "coverletter.tex",
        places: &[0.6],
    },
    Document {
        name: "thousand-pages",
        from: None,
        without: &[],
        has_more: false,
        file: "main.tex",
        places: &[0.05, 0.5, 0.95],
    },
];

impl Document {
    /// Copy it to where it is written in.
    pub(crate) fn copy(&self, corpus: &Path, project: &Path) -> Result<()> {
        fs::create_dir_all(project)?;
        let Some(from) = self.from.map(|from| corpus.join(from)) else {
            return Ok(fs::write(project.join(self.file), thousand_pages())?);
        };
        if from.is_dir() {
            copy_folder(&from, project)?;
        } else {
            fs::copy(&from, project.join(self.file)).with_context(|| from.display().to_string())?;
        }
        for other in self.without {
            fs::remove_file(project.join(other))?;
        }
        if self.has_more {
            let file = project.join(self.file);
            let text = with_table_and_drawing(&fs::read_to_string(&file)?)?;
            fs::write(file, text)?;
        }
        Ok(())
    }
}

/// In the middle, behind a paragraph.
fn with_table_and_drawing(text: &str) -> Result<String> {
    let (preamble, body) = text.split_once("\\begin{document}").context("no document begins")?;
    let line = prose_line(body, 0.5).context("no prose there")?;
    let from = body.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let at = from + body[from..].find("\n\n").context("no paragraph ends")?;
    let (before, behind) = body.split_at(at);
    Ok(format!(
        "{preamble}\\usepackage{{tikz}}\n\\begin{{document}}{before}{TABLE_AND_DRAWING}{behind}"
    ))
}

/// A thousand sections of a page each, with formulas, labels and references.
fn thousand_pages() -> String {
    let mut text = String::from("\\documentclass{book}\n\\begin{document}\n\\tableofcontents\n");
    for page in 0..1000 {
        if page % 50 == 0 {
            text.push_str(&format!("\\chapter{{Chapter {page}}}\n"));
        }
        text.push_str(&format!("\\section{{Part {page}}}\\label{{s:{page}}}\n"));
        for paragraph in 0..6 {
            text.push_str(&format!(
                "The quick brown fox of paragraph {paragraph} jumps over the lazy dog and goes on and on\n\
                 until the line is as long as lines of prose usually are in a book of a thousand pages\n\
                 which says the same again and again so that $x_{{{page}}} = \\alpha + {paragraph}$ is true\n\
                 and Section~\\ref{{s:{}}} is not forgotten by those who read as far as this\n\n",
                (page * 7) % 1000
            ));
        }
        text.push_str(
            "\\[ \\sum_{k=1}^{n} \\frac{k^2}{1+k} = \\int_0^1 f(t)\\,dt \\]\n\\clearpage\n",
        );
    }
    text + "\\end{document}\n"
}

/// The number of a line of prose near a place: the plainest kind that there is.
pub(crate) fn prose_line(text: &str, part: f64) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let from = (lines.len() as f64 * part) as usize;
    let plain = |line: &str| line.len() > 40 && !line.contains(['\\', '$', '{', '}', '&', '%']);
    let begins = |line: &str| line.len() > 30 && line.trim_start().starts_with(char::is_alphabetic);
    let prose = |line: &str| begins(line) && !line.contains(['%', '&', '=', '[', '@']);
    let find = |is_prose: &dyn Fn(&str) -> bool| {
        (from..lines.len()).find(|line| is_prose(lines[*line])).map(|line| line + 1)
    };
    find(&plain).or_else(|| find(&prose))
}
