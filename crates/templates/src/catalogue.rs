//! The templates, in the order in which they are shown. Their files are in `data/`, the pictures of
//! their first pages in `pictures/` (`cargo xtask templates` makes them).

use crate::{Category, Template, TemplateFile};

macro_rules! template {
    ($id:literal, $name:literal, $category:ident, $description:literal, [$($file:literal),+ $(,)?]) => {
        Template {
            id: $id,
            name: $name,
            description: $description,
            category: Category::$category,
            files: &[$(TemplateFile {
                path: $file,
                text: include_str!(concat!("../data/", $id, "/", $file)),
            }),+],
            picture: include_bytes!(concat!("../pictures/", $id, ".webp")),
        }
    };
}

/// All of them.
pub const TEMPLATES: [Template; 10] = [
    template!(
        "article",
        "Article",
        Paper,
        "A short paper with theorems, a figure, a table and a bibliography.",
        ["main.tex", "references.bib"]
    ),
    template!(
        "report",
        "Report",
        Report,
        "A report with a cover, a summary and numbered chapters.",
        ["main.tex"]
    ),
    template!(
        "thesis",
        "Thesis",
        Thesis,
        "A thesis in several files: title page, chapters, appendix, bibliography.",
        [
            "main.tex",
            "chapters/appendix.tex",
            "chapters/conclusion.tex",
            "chapters/introduction.tex",
            "chapters/method.tex",
            "chapters/results.tex",
            "front/abstract.tex",
            "front/acknowledgements.tex",
            "front/title.tex",
            "preamble.tex",
            "references.bib"
        ]
    ),
    template!(
        "slides",
        "Slides",
        Presentation,
        "A talk in Beamer: wide, calm, one accent colour.",
        ["main.tex"]
    ),
    template!(
        "letter",
        "Letter",
        Letter,
        "A formal letter with your address at its head.",
        ["main.tex"]
    ),
    template!(
        "cv",
        "Curriculum vitae",
        Career,
        "One page about you: experience, education, skills.",
        ["main.tex"]
    ),
    template!(
        "homework",
        "Homework",
        Teaching,
        "A sheet of problems with your solutions.",
        ["main.tex"]
    ),
    template!(
        "exam",
        "Exam",
        Teaching,
        "An examination with points, a grading table and hidden solutions.",
        ["main.tex"]
    ),
    template!(
        "ieee",
        "IEEE paper",
        Paper,
        "A conference paper in two columns, by the rules of the IEEE.",
        ["main.tex", "references.bib"]
    ),
    template!(
        "acm",
        "ACM paper",
        Paper,
        "A conference paper in the ACM’s own class.",
        ["main.tex", "references.bib"]
    ),
];
