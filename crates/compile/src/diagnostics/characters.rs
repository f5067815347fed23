//! Characters that a font lacks: which font, in words, and one that has them.

use super::Diagnostic;

/// A script: its name, its ranges of code points, and what sets it.
type Script = (&'static str, &'static [(u32, u32)], &'static str);

/// Scripts by their code points, with fonts and packages that the TeX bundle has for them.
const SCRIPTS: [Script; 12] = [
    (
        "emoji",
        &[(0x1f000, 0x1faff), (0x2600, 0x27bf), (0x2b00, 0x2bff), (0xfe0f, 0xfe0f)],
        "Load fontspec, put `\\newfontfamily\\emoji{Noto Emoji}` into the preamble and write {\\emoji …}.",
    ),
    (
        "Japanese",
        &[(0x3040, 0x30ff), (0x31f0, 0x31ff)],
        "Load xeCJK and put `\\setCJKmainfont{HaranoAjiMincho}` into the preamble.",
    ),
    (
        "Korean",
        &[(0xac00, 0xd7a3), (0x1100, 0x11ff), (0x3130, 0x318f)],
        "Load xeCJK and put `\\setCJKmainfont{UnBatang}` into the preamble.",
    ),
    (
        "Chinese",
        &[
            (0x2e80, 0x303f),
            (0x3400, 0x9fff),
            (0xf900, 0xfaff),
            (0xff00, 0xffef),
            (0x20000, 0x2ffff),
        ],
        "Load xeCJK and put `\\setCJKmainfont{FandolSong}` into the preamble, or use the class ctexart.",
    ),
    (
        "Greek",
        &[(0x370, 0x3ff), (0x1f00, 0x1fff)],
        "In a formula write `$\\alpha$`; for Greek text load fontspec and choose `\\setmainfont{CMU Serif}`.",
    ),
    ("Cyrillic", &[(0x400, 0x52f)], "Load fontspec and choose `\\setmainfont{CMU Serif}`."),
    (
        "Arabic",
        &[(0x600, 0x6ff), (0x750, 0x77f), (0xfb50, 0xfdff), (0xfe70, 0xfefc)],
        "Load polyglossia, and put `\\setotherlanguage{arabic}` and \
         `\\newfontfamily\\arabicfont[Script=Arabic]{Amiri}` into the preamble.",
    ),
    (
        "Hebrew",
        &[(0x590, 0x5ff)],
        "Load polyglossia, and put `\\setotherlanguage{hebrew}` and \
         `\\newfontfamily\\hebrewfont[Script=Hebrew]{FreeSerif}` into the preamble.",
    ),
    (
        "Devanagari",
        &[(0x900, 0x97f)],
        "Load fontspec, put `\\newfontfamily\\hindi[Script=Devanagari]{FreeSerif}` into the preamble and \
         write {\\hindi …}.",
    ),
    (
        "mathematical",
        &[
            (0x2200, 0x22ff),
            (0x2190, 0x21ff),
            (0x2a00, 0x2aff),
            (0x1d400, 0x1d7ff),
            (0x27c0, 0x27ff),
        ],
        "Write it as a command in a formula, such as `$\\forall$` or `$\\to$`, or load unicode-math and \
         type it between `$ … $`.",
    ),
    (
        "box-drawing",
        &[(0x2500, 0x25ff)],
        "Load fontspec and set the passage in a font such as `\\newfontfamily\\boxes{DejaVu Sans Mono}`.",
    ),
    (
        "control",
        &[
            (0, 0x1f),
            (0x7f, 0x9f),
            (0x200b, 0x200f),
            (0x202a, 0x202e),
            (0x2060, 0x206f),
            (0xfeff, 0xfeff),
        ],
        "It is invisible and came with a copy from elsewhere: delete it.",
    ),
];

/// Say which family lacks which character, and what to do for its script.
pub(super) fn explain(diagnostic: &mut Diagnostic, captured: &[String]) {
    let [character, font] = captured else { return };
    let family = family(font);
    diagnostic.message = format!("the font {family} has no {character}");
    let code = code_point(character);
    let script = SCRIPTS.iter().find(|(_, ranges, _)| {
        code.is_some_and(|code| ranges.iter().any(|(first, last)| (*first..=*last).contains(&code)))
    });
    diagnostic.explanation = match script {
        Some((script, _, cure)) => {
            format!("This {script} character is missing on the page. {cure}")
        }
        None => format!(
            "{character} is missing on the page. Choose a font that has it with `\\setmainfont`, or \
             write the character another way."
        ),
    };
}

/// From `😀 (U+1F600)` or `∀ ("2200)`.
fn code_point(character: &str) -> Option<u32> {
    let (_, code) = character.rsplit_once('(')?;
    let code = code.trim_end_matches(')');
    u32::from_str_radix(code.trim_start_matches("U+").trim_start_matches('"'), 16).ok()
}

/// `[lmroman10-regular]:mapping=tex-text;` and `Amiri/OT:script=arab` name a font file or a family, and
/// features of it.
fn family(font: &str) -> String {
    let font = font.trim_matches('"');
    let name = match font.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((file, _)) => file.rsplit_once('/').map_or(file, |(_, file)| file),
        None => font.split(['/', ':']).next().unwrap_or(font),
    };
    let families = [
        ("lmroman", "Latin Modern Roman"),
        ("lmsans", "Latin Modern Sans"),
        ("lmmono", "Latin Modern Mono"),
        ("latinmodern-math", "Latin Modern Math"),
        ("cmr", "Computer Modern"),
        ("cmmi", "Computer Modern Math Italic"),
        ("cmsy", "Computer Modern Math Symbols"),
    ];
    let known = families.iter().find(|(start, _)| name.starts_with(start));
    known.map_or_else(|| name.to_owned(), |(_, family)| (*family).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{code_point, family};

    #[test]
    fn families_are_named_as_people_know_them() {
        assert_eq!(family("[lmroman10-regular]:mapping=tex-text;"), "Latin Modern Roman");
        assert_eq!(family("\"[fonts/My Font.otf]/OT:\""), "My Font.otf");
        assert_eq!(family("Noto Serif/OT:script=latn;language=dflt;"), "Noto Serif");
        assert_eq!(family("cmr10"), "Computer Modern");
    }

    #[test]
    fn code_points_are_read() {
        assert_eq!(code_point("😀 (U+1F600)"), Some(0x1_f600));
        assert_eq!(code_point("∀ (\"2200)"), Some(0x2200));
        assert_eq!(code_point("x"), None);
    }
}
