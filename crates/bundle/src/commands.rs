//! Which package defines which command: read from the packages' own sources when the bundle is
//! built, asked when an author meets “Undefined control sequence”.

use regex::bytes::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the index in the pack.
pub(crate) const FILE_NAME: &str = "quire-commands.idx";

/// Packages that authors load by hand come before those that merely define the same name.
const WELL_KNOWN: [&str; 60] = [
    "amsmath",
    "amssymb",
    "amsfonts",
    "amsthm",
    "mathtools",
    "graphicx",
    "xcolor",
    "color",
    "hyperref",
    "cleveref",
    "natbib",
    "biblatex",
    "booktabs",
    "tabularx",
    "longtable",
    "multirow",
    "array",
    "siunitx",
    "geometry",
    "listings",
    "minted",
    "enumitem",
    "caption",
    "subcaption",
    "float",
    "fancyhdr",
    "setspace",
    "microtype",
    "babel",
    "polyglossia",
    "fontspec",
    "unicode-math",
    "csquotes",
    "glossaries",
    "algorithm2e",
    "algorithmicx",
    "algpseudocode",
    "algorithm",
    "todonotes",
    "lipsum",
    "blindtext",
    "url",
    "textcomp",
    "ulem",
    "soul",
    "bm",
    "physics",
    "mhchem",
    "circuitikz",
    "tcolorbox",
    "titlesec",
    "fancyvrb",
    "verbatim",
    "comment",
    "pdfpages",
    "rotating",
    "wrapfig",
    "nicefrac",
    "tikz",
    "pgfplots",
];

/// More providers of one name than this help nobody.
const MAX_PROVIDERS: usize = 5;

/// Maps commands and environments to the packages and classes that define them.
///
/// Text form, one line a name, sorted: `\command pkg pkg …` or `{environment pkg …`; a package is
/// written `name` or, for a class, `name.cls`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandIndex {
    commands: BTreeMap<String, Vec<String>>,
    environments: BTreeMap<String, Vec<String>>,
}

impl CommandIndex {
    /// Read the index as stored in the pack; lines that make no sense are left out.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut index = Self::default();
        for line in String::from_utf8_lossy(bytes).lines() {
            let mut words = line.split(' ');
            let Some(key) = words.next() else { continue };
            let providers: Vec<String> = words.map(str::to_owned).collect();
            if let Some(name) = key.strip_prefix('\\') {
                index.commands.insert(name.to_owned(), providers);
            } else if let Some(name) = key.strip_prefix('{') {
                index.environments.insert(name.to_owned(), providers);
            }
        }
        index
    }

    /// The index of a bundle's pack; empty when it has none.
    pub fn of<B: AsRef<[u8]>>(pack: &crate::Pack<B>) -> Self {
        pack.get(FILE_NAME).map(Self::parse).unwrap_or_default()
    }

    /// Packages (`name`) and classes (`name.cls`) that define `\command`, the likeliest first; a
    /// command of LaTeX itself gives `latex`.
    pub fn providers(&self, command: &str) -> &[String] {
        self.commands.get(command).map_or(&[], Vec::as_slice)
    }

    /// The same for an environment.
    pub fn environment_providers(&self, environment: &str) -> &[String] {
        self.environments.get(environment).map_or(&[], Vec::as_slice)
    }

    /// All commands, without backslash, sorted.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.commands.keys().map(String::as_str)
    }

    /// All environments, sorted.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        self.environments.keys().map(String::as_str)
    }
}

/// Collects definitions while a bundle is built.
pub(crate) struct CommandScanner {
    definition: Regex,
    environment: Regex,
    commands: BTreeMap<String, BTreeSet<String>>,
    environments: BTreeMap<String, BTreeSet<String>>,
    loads: BTreeMap<String, BTreeSet<String>>,
    load: Regex,
}

impl CommandScanner {
    pub(crate) fn new() -> Self {
        // The name must end there: `\foo@bar` and `\foo_bar:n` are internals.
        let definition = r"(?m)\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand|(?:New|Renew|Provide|Declare)(?:Expandable)?DocumentCommand|DeclareMathOperator|DeclareMathSymbol|DeclareMathAccent|DeclareMathDelimiter|DeclareMathRadical|DeclareSymbolFontAlphabet|DeclareMathAlphabet|DeclareTextFontCommand|DeclareTextSymbol|DeclareTextCommandDefault|DeclareTextSymbolDefault|newrobustcmd|newsiamthm|protected\s*\\(?:long\s*\\)?def|(?:long\s*\\)?[eg]?def|let|newcount|newdimen|newlength|newif|newcolumntype|chardef|mathchardef|re@DeclareMathSymbol|DeclareSIUnit|newcites)\*?\s*\{?\s*\\([A-Za-z]+)(?:[^A-Za-z@_:]|$)";
        let environment = r"\\(?:(?:re)?newenvironment|provideenvironment|(?:New|Renew|Provide|Declare)DocumentEnvironment|newtheorem|lstnewenvironment|newtcolorbox|NewEnviron|newfloat|DeclareFloatingEnvironment(?:\[[^\]]*\])?|DefineVerbatimEnvironment|specialcomment|excludecomment)\*?\s*\{\s*([A-Za-z]+\*?)\s*\}";
        let load = r"\\(?:RequirePackage|RequirePackageWithOptions|usepackage)\s*(?:\[[^\]]*\])?\s*\{([^}]*)\}";
        let compile = |pattern: &str| {
            Regex::new(pattern).unwrap_or_else(|e| unreachable!("a constant pattern: {e}"))
        };
        Self {
            definition: compile(definition),
            environment: compile(environment),
            load: compile(load),
            commands: BTreeMap::new(),
            environments: BTreeMap::new(),
            loads: BTreeMap::new(),
        }
    }

    /// Look through one file of the bundle.
    pub(crate) fn scan(&mut self, name: &str, source: &[u8]) {
        let Some(provider) = provider(name) else { return };
        for found in self.definition.captures_iter(source) {
            let command = String::from_utf8_lossy(&found[1]).into_owned();
            self.commands.entry(command).or_default().insert(provider.clone());
        }
        for found in self.environment.captures_iter(source) {
            let environment = String::from_utf8_lossy(&found[1]).into_owned();
            self.environments.entry(environment).or_default().insert(provider.clone());
        }
        for csname in plain_environments(source) {
            self.environments.entry(csname).or_default().insert(provider.clone());
        }
        for found in self.load.captures_iter(source) {
            for package in String::from_utf8_lossy(&found[1]).split(',') {
                let package = package.trim().to_owned();
                self.loads.entry(provider.clone()).or_default().insert(package);
            }
        }
    }

    /// The index file.
    pub(crate) fn finish(&self) -> Vec<u8> {
        // How many files load a package says how common it is.
        let mut loaded: BTreeMap<&str, usize> = BTreeMap::new();
        for package in self.loads.values().flatten() {
            *loaded.entry(package).or_default() += 1;
        }
        let mut text = String::new();
        let tables = [('\\', &self.commands), ('{', &self.environments)];
        for (mark, table) in tables {
            for (name, providers) in table {
                text.push(mark);
                text.push_str(name);
                for provider in ranked(providers, &loaded) {
                    text.push(' ');
                    text.push_str(provider);
                }
                text.push('\n');
            }
        }
        text.into_bytes()
    }
}

/// The likeliest providers of a name, best first.
fn ranked<'a>(providers: &'a BTreeSet<String>, loaded: &BTreeMap<&str, usize>) -> Vec<&'a str> {
    let mut ranked: Vec<&str> = providers.iter().map(String::as_str).collect();
    ranked.sort_by_cached_key(|provider| {
        let known = WELL_KNOWN.iter().position(|known| known == provider);
        let class = provider.ends_with(".cls");
        let loaded = loaded.get(provider).copied().unwrap_or(0);
        (*provider != "latex", known.unwrap_or(usize::MAX), class, usize::MAX - loaded)
    });
    ranked.truncate(MAX_PROVIDERS);
    ranked
}

/// `\def\foo{…}` with a matching `\def\endfoo` makes an environment.
fn plain_environments(source: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(source);
    let mut found = Vec::new();
    for part in text.split("\\def\\end").skip(1).chain(text.split("\\let\\end").skip(1)) {
        let name: String = part.chars().take_while(char::is_ascii_alphabetic).collect();
        let opens = [format!("\\def\\{name}"), format!("\\newcommand\\{name}")];
        if name.len() > 1 && opens.iter().any(|open| text.contains(open.as_str())) {
            found.push(name);
        }
    }
    found
}

/// The package that an author would load to get what is in `name`.
fn provider(name: &str) -> Option<String> {
    if matches!(name, "latex.ltx" | "fontmath.ltx" | "fonttext.ltx" | "plain.tex") {
        return Some("latex".to_owned());
    }
    if let Some(stem) = name.strip_suffix(".sty") {
        // Authors load the second for what is defined in the first.
        return Some(if stem == "graphics" { "graphicx" } else { stem }.to_owned());
    }
    if name.ends_with(".cls") {
        return Some(name.to_owned());
    }
    // Parts of big packages that lie in files of their own.
    let parts: [(&str, &str); 7] = [
        ("tikz", "tikz"),
        ("pgfplots", "pgfplots"),
        ("pgf", "tikz"),
        ("tcb", "tcolorbox"),
        ("siunitx-", "siunitx"),
        ("lst", "listings"),
        ("blx-", "biblatex"),
    ];
    let is_part = name.ends_with(".code.tex") || name.ends_with(".def");
    parts.iter().find(|(prefix, _)| is_part && name.starts_with(prefix)).map(|p| p.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found_and_internals_left_out() {
        let mut scanner = CommandScanner::new();
        scanner.scan(
            "booktabs.sty",
            br"\def\toprule{x}\newcommand*{\cmidrule}[1]{} \def\@midrule{} \let\foo_bar:n\x",
        );
        scanner.scan("obscure.sty", br"\def\toprule{y}");
        scanner
            .scan("amsmath.sty", br"\newenvironment{align}{}{}\DeclareMathOperator{\rank}{rank}");
        scanner.scan("soul.sty", br"\def\sample{} \def\endsample{}");
        let index = CommandIndex::parse(&scanner.finish());
        assert_eq!(index.providers("toprule"), ["booktabs", "obscure"]);
        assert_eq!(index.providers("cmidrule"), ["booktabs"]);
        assert_eq!(index.providers("rank"), ["amsmath"]);
        assert_eq!(index.environment_providers("align"), ["amsmath"]);
        assert_eq!(index.environment_providers("sample"), ["soul"]);
        assert!(index.commands().all(|name| name.chars().all(|c| c.is_ascii_alphabetic())));
        assert!(index.providers("foo").is_empty());
    }
}
