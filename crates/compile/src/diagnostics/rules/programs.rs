//! Messages of xdvipdfmx and of the worker, beside TeX's log.

use super::{E, H, Rule, W, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "refused-write",
        W,
        "refused to write `{}`: it lies outside the project",
        "The document wanted to write a file outside its project. Nothing was written.",
        "refused to write `../evil.txt`: it lies outside the project",
    ),
    rule(
        "pdf-damaged",
        E,
        "Trying to include PDF file {}",
        "The PDF picture is damaged or protected with a password. Export it again.",
        "Trying to include PDF file which has newer version number than output PDF: x.pdf",
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
