//! What the TeX bundle has to offer. The caller fills it; this crate knows no bundle.

use std::collections::{BTreeMap, BTreeSet};

/// Packages that come with others: `(what is loaded, what that brings)`.
const BROUGHT: [(&str, &[&str]); 26] = [
    ("mathtools", &["amsmath"]),
    ("amssymb", &["amsfonts"]),
    ("empheq", &["mathtools", "amsmath"]),
    ("physics", &["amsmath", "xparse"]),
    ("siunitx", &["amstext", "array"]),
    ("graphicx", &["graphics"]),
    ("tikz", &["pgf", "graphicx", "xcolor"]),
    ("tikz-cd", &["tikz", "amsmath"]),
    ("pgfplots", &["tikz", "graphicx", "xcolor"]),
    ("circuitikz", &["tikz", "graphicx", "xcolor"]),
    ("tcolorbox", &["pgf", "verbatim"]),
    ("xcolor", &["color"]),
    ("hyperref", &["url", "nameref"]),
    ("subcaption", &["caption"]),
    ("tabularx", &["array"]),
    ("tabulary", &["array"]),
    ("algpseudocode", &["algorithmicx"]),
    ("algorithm", &["float"]),
    ("minted", &["fancyvrb", "float"]),
    ("todonotes", &["tikz", "xcolor"]),
    ("unicode-math", &["fontspec", "amsmath"]),
    ("beamer.cls", &["hyperref", "graphicx", "xcolor", "amsmath", "amssymb", "amsthm", "geometry"]),
    ("amsart.cls", &["amsmath", "amsfonts", "amsthm"]),
    ("amsbook.cls", &["amsmath", "amsfonts", "amsthm"]),
    ("acmart.cls", &["amsmath", "amsthm", "graphicx", "hyperref", "natbib", "booktabs", "xcolor"]),
    ("memoir.cls", &["array", "tabularx", "booktabs", "setspace"]),
];

/// What can be loaded, and what it defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Commands, without backslash, with the packages (`name`) and classes (`name.cls`) that define
    /// them, the likeliest first; `latex` stands for LaTeX itself.
    pub commands: BTreeMap<String, Vec<String>>,
    /// The same of environments.
    pub environments: BTreeMap<String, Vec<String>>,
    /// Names of packages, without extension.
    pub packages: BTreeSet<String>,
    /// Names of classes.
    pub classes: BTreeSet<String>,
    /// Names of BibTeX's styles.
    pub bibliography_styles: BTreeSet<String>,
}

/// Adds what the loaded packages bring with them.
pub(crate) fn add_brought(loaded: &mut BTreeSet<String>) {
    let mut open: Vec<String> = loaded.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let brought = BROUGHT.iter().filter(|(by, _)| *by == name).flat_map(|(_, names)| *names);
        for name in brought {
            if loaded.insert((*name).to_owned()) {
                open.push((*name).to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_bring_others() {
        let mut loaded = BTreeSet::from(["pgfplots".to_owned(), "cleveref".to_owned()]);
        add_brought(&mut loaded);
        assert!(["tikz", "pgf", "color", "graphics"].iter().all(|name| loaded.contains(*name)));
        assert!(!loaded.contains("hyperref"));
    }
}
