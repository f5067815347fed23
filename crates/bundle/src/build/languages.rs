//! `language.dat` and `language.def`: which hyphenation patterns go into the format.

use super::{
    BuildError,
    tree::{TexFile, Unpacked},
};
use std::{collections::BTreeMap, fs};

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
    pub(crate) fn read(
        files: &BTreeMap<String, TexFile>,
        unpacked: &[Unpacked],
    ) -> Result<Self, BuildError> {
        let mut texts = Vec::new();
        for package in unpacked {
            let folder = package.root.join("var/lib/tex-common/hyphen-cnf/texlive");
            let mut paths: Vec<_> =
                fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
            paths.sort();
            texts.extend(paths.into_iter().filter_map(|path| fs::read_to_string(path).ok()));
        }
        let mut languages: Vec<Language> =
            texts.iter().flat_map(|text| text.lines().filter_map(parse)).collect();
        if languages.is_empty() {
            // An installed TeX Live has the finished file.
            return Ok(Self(from_language_dat(files)));
        }
        languages.retain(|language| files.contains_key(&language.file));
        languages.sort_by(|a, b| a.name.cmp(&b.name));
        languages.dedup_by(|a, b| a.name == b.name);
        Ok(Self(languages))
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

fn from_language_dat(files: &BTreeMap<String, TexFile>) -> Vec<Language> {
    let Some(Ok(bytes)) = files.get("language.dat").map(TexFile::read) else { return Vec::new() };
    let mut languages: Vec<Language> = Vec::new();
    for line in String::from_utf8_lossy(&bytes).lines() {
        let line = line.split('%').next().unwrap_or_default().trim();
        if let (Some(name), Some(last)) = (line.strip_prefix('='), languages.last_mut()) {
            last.synonyms.push(name.to_owned());
        } else if let Some((name, file)) = line.split_once(char::is_whitespace) {
            let known = ["english", "dumylang", "nohyphenation"];
            if !known.contains(&name) {
                languages.push(Language {
                    name: name.to_owned(),
                    file: file.trim().to_owned(),
                    left: String::new(),
                    right: String::new(),
                    synonyms: Vec::new(),
                });
            }
        }
    }
    languages.retain(|language| files.contains_key(&language.file));
    languages
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
