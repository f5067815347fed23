//! Reads `.aux` files: what BibTeX and makeindex are to do, and what of a file the next pass of TeX
//! will notice. LaTeX writes one entry per line, beginning with a command.

use quire_project::ContentHash;
use std::collections::BTreeSet;

/// What an `.aux` file asks of helper programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuxFile {
    /// Keys of `\citation`, in order.
    pub(crate) citations: Vec<String>,
    /// Databases of `\bibdata`, without `.bib`.
    pub(crate) databases: Vec<String>,
    /// The style of `\bibstyle`.
    pub(crate) style: Option<String>,
    /// Other `.aux` files that it reads.
    pub(crate) reads: Vec<String>,
    /// Of the package glossaries: `\@newglossary{name}{log}{out}{in}`.
    pub(crate) glossaries: Vec<Glossary>,
    /// Of the package glossaries: the style for makeindex, `\@istfilename`.
    pub(crate) glossary_style: Option<String>,
    /// True when the glossaries are sorted letter by letter, blanks not counted: `\@glsorder{letter}`.
    pub(crate) letter_order: bool,
    /// True when the glossaries want bib2gls (`\glsxtr@resource`).
    pub(crate) wants_bib2gls: bool,
}

/// One glossary of the package glossaries, by the extensions of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glossary {
    /// Its name, such as `main` or `acronym`.
    pub(crate) name: String,
    /// Extension of makeindex's transcript.
    pub(crate) log: String,
    /// Extension of what makeindex makes.
    pub(crate) made: String,
    /// Extension of the entries that TeX writes.
    pub(crate) entries: String,
}

/// Parse the text of an `.aux` file.
pub(crate) fn parse_aux(text: &[u8]) -> AuxFile {
    let text = String::from_utf8_lossy(text);
    let mut aux = AuxFile::default();
    for line in text.lines() {
        let Some((command, rest)) = split_command(line) else { continue };
        let mut fields = braced_fields(rest);
        let first = fields.next().unwrap_or_default();
        match command {
            "citation" => aux.citations.extend(list(first)),
            "bibdata" => aux.databases.extend(list(first)),
            "bibstyle" => aux.style = Some(first.trim().to_owned()),
            "@input" => aux.reads.push(first.trim().to_owned()),
            "@newglossary" => {
                let mut next = || fields.next().unwrap_or_default().to_owned();
                let (log, made, entries) = (next(), next(), next());
                aux.glossaries.push(Glossary { name: first.to_owned(), log, made, entries });
            }
            "@istfilename" => aux.glossary_style = Some(first.trim().to_owned()),
            "@glsorder" => aux.letter_order = first.trim() == "letter",
            "glsxtr@resource" => aux.wants_bib2gls = true,
            _ => {}
        }
    }
    aux
}

/// What of a generated file the next pass can notice, as a hash: equal hashes mean that a further
/// pass would give the same pages. `None` stands for a file that is not there, which LaTeX's own
/// files need not be when they say nothing.
///
/// Entries of an `.aux` file without effect when it is read at the beginning of a document:
/// `\relax`; what is meant for BibTeX; `\@writefile`, which acts only at the end (what it writes is
/// compared in the `.toc` itself); `\gdef \@abspage@last`, which LaTeX uses only to warn, and then
/// the log asks for a rerun.
pub(crate) fn effect(name: &str, bytes: Option<&[u8]>) -> Option<ContentHash> {
    let bytes = bytes?;
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "aux" => {
            let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            let kept: Vec<&[u8]> = lines.filter(|line| !is_inert(line)).collect();
            (!kept.is_empty()).then(|| ContentHash::of(&kept.join(&b'\n')))
        }
        "toc" | "lof" | "lot" | "lol" | "loa" | "out" | "nav" | "snm" | "vrb" => {
            (!bytes.trim_ascii().is_empty()).then(|| ContentHash::of(bytes))
        }
        // A list of files for tools like this one; the document does not show it.
        "xml" if name.ends_with(".run.xml") => None,
        _ => Some(ContentHash::of(bytes)),
    }
}

fn is_inert(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\\relax").map_or(line, <[u8]>::trim_ascii_start);
    const INERT: [&[u8]; 5] = [
        b"\\citation{",
        b"\\bibdata{",
        b"\\bibstyle{",
        b"\\@writefile{",
        b"\\gdef \\@abspage@last{",
    ];
    line.is_empty()
        || (INERT.iter().any(|start| line.starts_with(start)) && has_balanced_braces(line))
}

/// An entry that goes on in the next line cannot be dropped alone.
fn has_balanced_braces(line: &[u8]) -> bool {
    let mut depth = 0_i32;
    let mut escaped = false;
    for byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

/// What changed from one text of a generated file to the next, for people: “12 labels”, “the
/// contents”.
pub(crate) fn describe_change(name: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    let (before, after) = match (before, after) {
        (None, _) => return format!("{name} is new"),
        (_, None) => return format!("{name} is gone"),
        (Some(before), Some(after)) => (before, after),
    };
    let lines = |bytes: &[u8]| -> BTreeSet<Vec<u8>> {
        bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    let (before, after) = (lines(before), lines(after));
    let changed: Vec<&Vec<u8>> =
        after.difference(&before).filter(|line| !is_inert(line.trim_ascii())).collect();
    let removed = before.difference(&after).count();
    let count = |start: &str| changed.iter().filter(|l| l.starts_with(start.as_bytes())).count();
    let labels = count("\\newlabel{");
    let citations = count("\\bibcite{");
    let mut parts = Vec::new();
    let mut say = |number: usize, one: &str, many: &str| {
        if number > 0 {
            parts.push(format!("{number} {}", if number == 1 { one } else { many }));
        }
    };
    say(labels, "label", "labels");
    say(citations, "citation label", "citation labels");
    say(changed.len() - labels - citations, "entry", "entries");
    if changed.is_empty() {
        say(removed, "entry removed", "entries removed");
    }
    if parts.is_empty() {
        parts.push("order of entries".to_owned());
    }
    format!("{name} changed: {}", parts.join(", "))
}

fn split_command(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("\\relax").map_or(line, str::trim_start);
    let rest = line.strip_prefix('\\')?;
    let end = rest.find(|c: char| !c.is_ascii_alphabetic() && c != '@').unwrap_or(rest.len());
    Some(rest.split_at(end))
}

/// The contents of the brace groups that `text` begins with.
fn braced_fields(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let inner = rest.trim_start().strip_prefix('{')?;
        let mut depth = 1;
        let end = inner.char_indices().find_map(|(at, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at)
        })?;
        rest = &inner[end + 1..];
        Some(&inner[..end])
    })
}

fn list(field: &str) -> impl Iterator<Item = String> {
    field.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_helpers_need() {
        let aux = parse_aux(
            b"\\relax \n\\citation{knuth,lamport}\n\\citation{*}\n\\bibstyle{plain}\n\\bibdata{a,b}\n\
              \\@input{ch/one.aux}\n\\@newglossary{main}{glg}{gls}{glo}\n\
              \\@newglossary{acronym}{alg}{acr}{acn}\n\\@istfilename{main.ist}\n",
        );
        assert_eq!(aux.citations, ["knuth", "lamport", "*"]);
        assert_eq!(aux.databases, ["a", "b"]);
        assert_eq!(aux.style.as_deref(), Some("plain"));
        assert_eq!(aux.reads, ["ch/one.aux"]);
        assert_eq!(aux.glossaries.len(), 2);
        assert_eq!(aux.glossaries[1].entries, "acn");
        assert_eq!(aux.glossary_style.as_deref(), Some("main.ist"));
        assert!(!aux.letter_order);
    }

    fn aux_effect(text: &str) -> Option<ContentHash> {
        effect("main.aux", Some(text.as_bytes()))
    }

    #[test]
    fn an_aux_file_that_says_nothing_need_not_be_there() {
        assert_eq!(aux_effect("\\relax \n\\gdef \\@abspage@last{3}\n"), None);
        assert_eq!(aux_effect("\\relax \\citation{a}\n\\@writefile{toc}{\\x {1}{2}}\n"), None);
        assert!(aux_effect("\\relax \n\\newlabel{a}{{1}{1}}\n").is_some());
        assert!(aux_effect("\\@writefile{toc}{\\x {1}\n\\newlabel{a}{{1}{1}}}\n").is_some());
        assert!(effect("main.foo", Some(b"")).is_some());
        assert_eq!(effect("main.toc", Some(b"\n")), None);
    }

    #[test]
    fn labels_have_effect_and_page_counts_have_none() {
        let one = aux_effect("\\relax\n\\newlabel{a}{{1}{1}}\n\\gdef \\@abspage@last{1}\n");
        let two = aux_effect("\\relax\n\\newlabel{a}{{1}{1}}\n\\gdef \\@abspage@last{2}\n");
        let moved = aux_effect("\\relax\n\\newlabel{a}{{1}{2}}\n");
        assert_eq!(one, two);
        assert_ne!(one, moved);
    }

    #[test]
    fn changes_are_told_in_words() {
        let change =
            |a: &str, b: &str| describe_change("main.aux", Some(a.as_bytes()), Some(b.as_bytes()));
        assert_eq!(
            change("\\newlabel{a}{1}\n", "\\newlabel{a}{2}\n\\newlabel{b}{2}\n\\bibcite{k}{1}"),
            "main.aux changed: 2 labels, 1 citation label"
        );
        assert_eq!(change("a\nb", "a"), "main.aux changed: 1 entry removed");
        assert_eq!(change("a\nb", "b\na"), "main.aux changed: order of entries");
        assert_eq!(describe_change("x.toc", None, Some(b"")), "x.toc is new");
    }
}
