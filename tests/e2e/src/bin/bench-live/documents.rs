//! The documents, and the places to write at.

use anyhow::{Context, Result};
use quire_e2e::copy_folder;
use std::{fs, path::Path};

/// A document of the corpus, or one that is made up.
pub(crate) struct Document {
    pub(crate) name: &'static str,
    /// The file or the folder in the corpus; none for one that is made up.
    from: Option<&'static str>,
    /// Other documents in that folder, which would make it unclear which is meant.
    without: &'static [&'static str],
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
    Document { name, from: Some(from), without: &[], file, places }
}

pub(crate) const DOCUMENTS: [Document; 6] = [
    one("paper-27p", "synthetic/paper-27p.tex", "paper-27p.tex", &[0.1, 0.5, 0.9]),
    one("book-246p", "synthetic/book-246p.tex", "book-246p.tex", &[0.02, 0.25, 0.5, 0.75, 0.97]),
    one("arxiv-style", "arxiv-style", "template.tex", &[0.4]),
    one("mtheme", "mtheme/demo", "demo.tex", &[0.2, 0.7]),
    Document {
        name: "awesome-cv",
        from: Some("awesome-cv/examples"),
        without: &["cv.tex", "resume.tex"],
        file: "coverletter.tex",
        places: &[0.6],
    },
    Document {
        name: "thousand-pages",
        from: None,
        without: &[],
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
        Ok(())
    }
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
