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
