//! Messages of xdvipdfmx and of the worker, beside TeX's log.

use super::{E, H, Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "refused-write",
        E,
        "refused to write `{}`: it lies outside the project",
        "The document wanted to write a file outside its project. Nothing was written.",
        "refused to write `../evil.txt`: it lies outside the project",
    ),
    rule(
        "damaged-picture",
        E,
        "Unable to load picture or PDF file '{}'",
        "The engine cannot read `{0}`: it is damaged, or protected with a password. Export it again.",
        "Unable to load picture or PDF file 'plot.pdf'.",
    ),
    rule(
        "newer-pdf-picture",
        H,
        "Trying to include PDF file with version ({}), which is newer than",
        "The picture is PDF {0} and the output an older one. What is new in it is seldom used.",
        "Trying to include PDF file with version (1.7), which is newer than current output PDF setting (1.5).",
    ),
    rule(
        "newer-pdf-picture",
        H,
        "PDF inclusion: found PDF version <{}>, but at most version <{}> allowed",
        "The picture is PDF {0} and the output PDF {1}. What is new in it is seldom used.",
        "pdfTeX warning: pdflatex (file ./plot.pdf): PDF inclusion: found PDF version <1.7>, but at most version <1.5> allowed",
    ),
    rule(
        "damaged-picture",
        E,
        "(file {}): reading image file failed",
        "pdfTeX cannot read `{0}`: it is damaged. Export it again.",
        "pdfTeX error: pdflatex (file ./bad.png): reading image file failed",
    ),
    rule(
        "font-not-found",
        E,
        "): Font {} at {} not found",
        "The font `{0}` is not installed for pdfTeX. Load a font package, such as `lmodern`.",
        "pdfTeX error: pdflatex (file ecrm1000): Font ecrm1000 at 600 not found",
    ),
    rule(
        "font-expansion",
        E,
        "pdfTeX error (font expansion)",
        "microtype stretches fonts, which works with outline fonts only: load `lmodern` or `cm-super`.",
        "pdfTeX error (font expansion): auto expansion is only possible with scalable fonts.",
    ),
    rule(
        "destination-twice",
        H,
        "destination with the same identifier (name{{}}) has",
        "Two places of the PDF have the name `{0}`: links to it go to one of them.",
        "pdfTeX warning (ext4): destination with the same identifier (name{page.1}) has been already used, duplicate ignored",
    ),
    rule(
        "destination-twice",
        H,
        "Object @{} already defined",
        "Two places of the PDF have the name `{0}`: links to it go to one of them.",
        "Object @page.1 already defined.",
    ),
    rule(
        "destination-missing",
        H,
        "Object @{} used, but not defined",
        "The PDF names an object `{0}` that is not there.",
        "Object @pgfcolorspaces used, but not defined. Replaced by null.",
    ),
    rule(
        "image-not-found",
        E,
        "Could not find image: {}",
        "The picture {0} is not in the project.",
        "Could not find image: plot.pdf",
    ),
];
