//! `language.dat` and `language.def`: which hyphenation patterns go into the format.

use super::tree::{TexFile, Unpacked};
use std::collections::BTreeMap;

/// One language of the format.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Language {
    name: String,
    file: String,
    left: String,
    right: String,
    synonyms: Vec<String>,
}

/// All languages whose patterns are in the bundle.
pub(crate) struct Languages(Vec<Language>);

impl Languages {
    /// From the configuration that packages bring for each of their languages.
    pub(crate) fn read(files: &BTreeMap<String, TexFile>, unpacked: &[Unpacked]) -> Self {
        let mut languages: Vec<Language> = unpacked
            .iter()
            .flat_map(|package| package.hyphenation.iter().filter_map(|line| parse(line)))
            .collect();
        languages.retain(|language| files.contains_key(&language.file));
        languages.sort_by(|a, b| a.name.cmp(&b.name));
        languages.dedup_by(|a, b| a.name == b.name);
        Self(languages)
    }

    pub(crate) fn dat(&self) -> Vec<u8> {
        let mut text = String::from(
            "english\thyphen.tex\n=usenglish\n=USenglish\n=american\n\
             dumylang\tdumyhyph.tex\nnohyphenation\tzerohyph.tex\n",
        );
        for language in &self.0 {
            text.push_str(&format!("{}\t{}\n", language.name, language.file));
            language.synonyms.iter().for_each(|name| text.push_str(&format!("={name}\n")));
        }
        text.into_bytes()
    }

    pub(crate) fn def(&self) -> Vec<u8> {
        let mut text = String::from(
            "%% e-TeX V2.0;2\n\\addlanguage {USenglish}{hyphen}{}{2}{3}\n\
             \\uselanguage {USenglish}\n",
        );
        for language in &self.0 {
            let or = |number: &str, default: &str| {
                if number.is_empty() { default.to_owned() } else { number.to_owned() }
            };
            let (left, right) = (or(&language.left, "2"), or(&language.right, "3"));
            for name in std::iter::once(&language.name).chain(&language.synonyms) {
                text.push_str(&format!(
                    "\\addlanguage{{{name}}}{{{}}}{{}}{{{left}}}{{{right}}}\n",
                    language.file
                ));
            }
        }
        text.into_bytes()
    }
}

/// `name=german lefthyphenmin=2 righthyphenmin=2 synonyms=a,b file=loadhyph-de-1901.tex …`
fn parse(line: &str) -> Option<Language> {
    let fields: BTreeMap<&str, &str> =
        line.split_whitespace().filter_map(|field| field.split_once('=')).collect();
    let field = |key: &str| fields.get(key).copied().unwrap_or_default().to_owned();
    let language = Language {
        name: field("name"),
        file: field("file"),
        left: field("lefthyphenmin"),
        right: field("righthyphenmin"),
        synonyms: field("synonyms")
            .split(',')
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    (!language.name.is_empty() && !language.file.is_empty()).then_some(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_line_becomes_both_forms() {
        let line = "name=farsi synonyms=persian lefthyphenmin= righthyphenmin= file=zerohyph.tex";
        let languages = Languages(vec![parse(line).unwrap()]);
        let dat = String::from_utf8(languages.dat()).unwrap();
        assert!(dat.ends_with("farsi\tzerohyph.tex\n=persian\n"));
        let def = String::from_utf8(languages.def()).unwrap();
        assert!(def.contains("\\addlanguage{persian}{zerohyph.tex}{}{2}{3}\n"));
    }
}
