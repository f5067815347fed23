//! The text of precompiled preambles: what TeX is told to make a format of a preamble, and what can be read off a preamble, a log and a PDF.

/// A run on a format writes this line into its log: there is the place of what the preamble said.
const MARK: &str = "Quire: the preamble is precompiled";
const BEGIN: &str = "Quire: the preamble begins";
const END: &str = "Quire: the preamble ends";

/// Commands whose effect a format may lose without any page showing it yet.
const LOST: [&str; 20] = [
    "\\pdfmapfile",
    "\\pdfmapline",
    "\\pdfglyphtounicode",
    "\\pdffontattr",
    "\\pdffontexpand",
    "\\pdfnoligatures",
    "\\lpcode",
    "\\rpcode",
    "\\efcode",
    "\\tagcode",
    "\\letterspacefont",
    "\\openin",
    "\\openout",
    "\\write18",
    "\\ShellEscape",
    "\\tikzexternalize",
    "\\tikzexternalenable",
    "\\endofdump",
    "\\pdfcolorstackinit",
    "\\everyjob",
];
/// Files of TeX Live that do such a thing when they are read.
pub(super) const LOSING: [&str; 9] = [
    "cmap.sty",
    "glyphtounicode.tex",
    "gnuplottex.sty",
    "minted.sty",
    "minted2.sty",
    "mmap.sty",
    "mylatexformat.sty",
    "pythontex.sty",
    "tikzlibraryexternal.code.tex",
];

/// Makes the format. The group keeps the meaning of `@` from the document. `\box32767` holds what the preamble has put on
/// the page without showing anything (colours of themes): the page is no part of a format. The first line that is
/// read after `\everyjob` is the root's first, and all lines up to `\begin{document}` are taken as arguments of other
/// characters, which no category code nor brace can stop.
const DRIVER: &str = r"\begingroup
\catcode64=11 %
\gdef\quire@other{\catcode\count255=12 \advance\count255 by 1
  \ifnum\count255<256 \expandafter\quire@other\fi}%
\begingroup\catcode13=12 %
\gdef\quire@line#1^^M{\advance\count255 by -1 \ifnum\count255>0 \expandafter\quire@line\else\endgroup\fi}%
\endgroup
\gdef\quire@again{\immediate\write-1{MARK}%
  \ifvoid32767\else\unvbox32767 \fi
  \prevdepth=\quire@depth\relax\prevgraf=\quire@graf\relax
  \begingroup\count255=0 \quire@other\count255=LINES \quire@line}%
\gdef\quire@keep{\begingroup
  \output={\global\setbox32767=\box255 }\hbox{}\penalty-10000 %
  \global\setbox32767=\vbox{\unvbox32767 \setbox255=\lastbox\unskip}\endgroup}%
\gdef\quire@dump{\ifnum\inputlineno=BEGIN \ifnum\endlinechar=13 \ifnum\currentgrouplevel=0 \ifvmode
  \xdef\quire@depth{\the\prevdepth}\xdef\quire@graf{\the\prevgraf}%
  \ifnum\lastnodetype<0 \else\quire@keep\fi
  \global\let\quire@dump\relax
  \everyjob\expandafter{\the\everyjob\quire@again}%
  \immediate\write-1{END}%
  \dump\fi\fi\fi\fi}%
\AddToHook{env/document/before}{\csname quire@dump\endcsname}%
\immediate\write-1{START}%
\expandafter\endgroup\csname @@input\endcsname FILE
";

/// Makes the format, and with it the document in a copy of the build folder. It is unpacked: reading it is what
/// every run begins with.
pub(super) const SCRIPT: &str = r#"
all=/build/preamble name=$1 folder=$QUIRE_FOLDER; shift
[ -e "$all" ] && chmod -R u+rwX "$all"
rm -rf "$all"; mkdir -p "$all/made" "$all/check" || exit 121
cd "/build/work/$folder" || exit 121
pdflatex -ini -interaction=nonstopmode -file-line-error -recorder -synctex=0 -halt-on-error \
    -output-directory="$all/made" -jobname="$name" '&pdflatex' /project/preamble/dump.tex || exit 122
gzip -dc <"$all/made/$name.fmt" >"$all/made/plain" && mv "$all/made/plain" "$all/made/$name.fmt" || exit 122
cp -a /build/work "$all/check/" && cd "$all/check/work/$folder" || exit 121
rm -f "$name.pdf"
"$@" || exit 123
"#;

/// What TeX reads to make a format of `root`, whose document begins in this line.
pub(super) fn driver(line: usize, root: &str) -> String {
    let driver = DRIVER.replace("MARK", MARK).replace("{END}", &format!("{{{END}}}"));
    let driver = driver.replace("{START}", &format!("{{{BEGIN}}}"));
    let driver = driver.replace("=BEGIN ", &format!("={line} "));
    let driver = driver.replace("=LINES ", &format!("={} ", line - 1));
    driver.replace("FILE\n", &format!("{root} \n"))
}

/// The line of `\begin{document}` and the bytes before it.
pub(super) fn split(root: &[u8]) -> Result<(usize, &[u8]), &'static str> {
    const BEGIN: &[u8] = b"\\begin{document}";
    if root.starts_with(b"%&") {
        return Err("the document names a format of its own");
    }
    let mut at = 0;
    for (number, line) in root.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let text = line.trim_ascii_start();
        let code = text.split(|byte| *byte == b'%').next().unwrap_or_default();
        if text.starts_with(BEGIN) {
            return if number == 0 {
                Err("the document has no preamble")
            } else {
                Ok((number + 1, &root[..at]))
            };
        }
        if code.windows(BEGIN.len()).any(|window| window == BEGIN) {
            return Err("`\\begin{document}` is not at the beginning of its line");
        }
        if line.contains(&b'\r') && !line.ends_with(b"\r\n") {
            return Err("its lines end in a way that cannot be counted");
        }
        at += line.len();
    }
    Err("there is no `\\begin{document}` in the root file")
}

/// The first command that does what a format would lose.
pub(super) fn loses(text: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(text);
    let is_letter = |c: char| c.is_ascii_alphabetic();
    LOST.into_iter().find(|command| {
        let code = text.lines().map(|line| line.split('%').next().unwrap_or_default());
        code.into_iter().any(|line| {
            line.match_indices(command)
                .any(|(at, _)| !line[at + command.len()..].starts_with(is_letter))
        })
    })
}

/// What the preamble said, of the log of the run that made its format.
pub(super) fn said(log: &str, root: &str) -> Option<String> {
    let (_, rest) = log.split_once(&format!("{BEGIN}\n"))?;
    let (said, _) = rest.rsplit_once(END)?;
    let said = said.trim_start().strip_prefix('(')?;
    let said = said.strip_prefix("./").unwrap_or(said).strip_prefix(root)?;
    Some(format!("{}\n", said.trim()))
}

/// A PDF without what tells one copy from another: pdfTeX makes it of the folder's name.
pub(super) fn without_id(pdf: &[u8]) -> Vec<u8> {
    const ID: &[u8] = b"/ID [<";
    let mut pdf = pdf.to_vec();
    if let Some(at) = pdf.windows(ID.len()).rposition(|window| window == ID) {
        let end = pdf[at..].iter().position(|byte| *byte == b']').map_or(at, |length| at + length);
        pdf[at..end].fill(b' ');
    }
    pdf
}

/// A log of a run on a format as if the run had read the preamble itself, which `said` this.
pub(super) fn whole_log(log: &[u8], said: &str) -> Vec<u8> {
    let mark = format!("{MARK}\n");
    let at = log.windows(mark.len()).position(|window| window == mark.as_bytes());
    match at {
        Some(at) if !said.is_empty() => {
            let (before, after) = log.split_at(at + mark.len());
            [before, said.as_bytes(), after].concat()
        }
        _ => log.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preamble_ends_before_the_line_that_begins_the_document() {
        let text = b"\\documentclass{a}\n% \\begin{document}\n  \\begin{document} Text\n";
        assert_eq!(split(text), Ok((3, &b"\\documentclass{a}\n% \\begin{document}\n"[..])));
        for odd in [
            &b"\\begin{document}"[..],
            b"\\documentclass{a}\\begin{document}\n",
            b"%&own\n\\documentclass{a}\n\\begin{document}",
            b"\\documentclass{a}\r\\usepackage{b}\n\\begin{document}",
            b"\\documentclass{a}\n\\input{rest}\n",
        ] {
            assert!(split(odd).is_err(), "{:?}", String::from_utf8_lossy(odd));
        }
    }

    #[test]
    fn what_a_format_loses_is_found_where_it_is_no_comment() {
        assert_eq!(loses(b"a\n\\openout\\file=x"), Some("\\openout"));
        assert_eq!(loses(b"% \\openout\n\\openoutput \\pdfinfo{}"), None);
        assert_eq!(loses(b"\\tikzexternalize[prefix=a]"), Some("\\tikzexternalize"));
    }

    #[test]
    fn a_log_is_as_if_the_preamble_had_been_read() {
        let log =
            format!("pdfTeX\n{BEGIN}\n(./m.tex\n(/x/article.cls)\nWarning\n{END}\nStatistics\n");
        let log = said(&log, "m.tex").unwrap();
        let run = format!("pdfTeX\n**m.tex\n(./m.tex\n{MARK}\n(./m.aux)\n");
        let whole = String::from_utf8(whole_log(run.as_bytes(), &log)).unwrap();
        let expected =
            format!("pdfTeX\n**m.tex\n(./m.tex\n{MARK}\n(/x/article.cls)\nWarning\n(./m.aux)\n");
        assert_eq!(whole, expected);
        assert_eq!(said("no marks", "m.tex"), None);
    }

    #[test]
    fn two_copies_of_a_pdf_are_the_same() {
        let pdf = |id: &str| format!("%PDF\n/ID [<{id}> <{id}>]\n%%EOF").into_bytes();
        assert_eq!(without_id(&pdf("AB")), without_id(&pdf("CD")));
        assert_ne!(without_id(b"%PDF a"), without_id(b"%PDF b"));
    }

    #[test]
    fn the_project_has_no_say_in_where_files_are() {
        assert!(SCRIPT.contains(&format!("all={}/preamble", quire_container::BUILD)));
        assert!(SCRIPT.contains(&format!("{}/preamble/dump.tex", quire_container::PROJECT)));
    }
}
