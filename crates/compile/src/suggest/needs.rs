//! What only some engines can do, and by which packages, commands and messages it is known. Only what truly does not
//! work elsewhere: a package that makes do with every engine is no reason to choose another.

use super::Chosen;
use crate::build::EngineChoice;

/// What a document needs of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Lua in TeX.
    Lua,
    /// Primitives of pdfTeX.
    Pdf,
    /// What pdfTeX and LuaTeX do with glyphs.
    PdfOrLua,
    /// Fonts of the system and characters beyond eight bits.
    XeOrLua,
    /// Primitives of XeTeX.
    Xe,
    /// A converter of PostScript beside xdvipdfmx.
    Postscript,
    /// Programs of its own.
    Programs,
}

impl Need {
    /// Whether an engine has it, and the project's consent where that is needed.
    pub(super) fn is_met_by(self, chosen: Chosen) -> bool {
        use EngineChoice as E;
        let engine = chosen.engine;
        match self {
            Self::Lua => engine == E::LuaLatex,
            Self::Pdf => engine == E::PdfLatex,
            Self::PdfOrLua => matches!(engine, E::PdfLatex | E::LuaLatex),
            Self::XeOrLua => engine != E::PdfLatex,
            Self::Xe => matches!(engine, E::Tectonic | E::XeLatex),
            Self::Postscript => engine == E::XeLatex,
            Self::Programs => engine.is_tex_live() && chosen.runs_programs,
        }
    }

    /// After the name of what needs it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Lua => "needs LuaTeX",
            Self::Pdf => "needs pdfTeX",
            Self::PdfOrLua => "needs pdfTeX or LuaTeX",
            Self::XeOrLua => "needs XeTeX or LuaTeX",
            Self::Xe => "needs XeTeX",
            Self::Postscript => "needs a converter for PostScript",
            Self::Programs => "runs programs beside TeX",
        }
    }
}

const OF_PACKAGES: [(&[&str], &[Need]); 6] = [
    (
        &[
            "chickenize",
            "emoji",
            "lua-ul",
            "lua-visual-debug",
            "lua-widow-control",
            "luacas",
            "luacode",
            "luacolor",
            "luadraw",
            "luamplib",
            "luaotfload",
            "luapackageloader",
            "luatexbase",
            "luatexja",
            "luatexja-fontspec",
            "luatexja-preset",
            "luatextra",
            "luatodonotes",
            "lualatex-math",
            "luavlna",
            "selnolig",
        ],
        &[Need::Lua],
    ),
    (&["bidi", "mathspec", "xeCJK", "xepersian", "xltxtra", "zhspacing"], &[Need::Xe]),
    (&["fontspec", "polyglossia", "unicode-math"], &[Need::XeOrLua]),
    (&["auto-pst-pdf", "pdftricks"], &[Need::Pdf, Need::Programs]),
    (&["bashful", "gnuplottex", "minted", "texments"], &[Need::Programs]),
    (&["pdfcprot", "pdfpagediff"], &[Need::Pdf]),
];

/// What a package needs.
pub(super) fn of_package(name: &str) -> &'static [Need] {
    let found = OF_PACKAGES.iter().find(|(names, _)| names.contains(&name));
    found.map_or(&[], |(_, needs)| needs)
}

/// What a document class needs.
pub(super) fn of_class(name: &str) -> &'static [Need] {
    const JAPANESE: [&str; 4] = ["ltjsarticle", "ltjsbook", "ltjsreport", "ltjarticle"];
    if JAPANESE.contains(&name) { &[Need::Lua] } else { &[] }
}

const LUATEX: [&str; 8] = [
    "directlua",
    "latelua",
    "luaexec",
    "luadirect",
    "luatexversion",
    "luafunction",
    "pdfextension",
    "usegdlibrary",
];

/// XeTeX has `\pdfpagewidth` and `\pdfpageheight`, `\pdfsavepos` and the places that it saves.
const PDFTEX: [&str; 33] = [
    "pdfadjustspacing",
    "pdfannot",
    "pdfcatalog",
    "pdfcolorstack",
    "pdfcompresslevel",
    "pdfdecimaldigits",
    "pdfdest",
    "pdfendlink",
    "pdffontexpand",
    "pdfgentounicode",
    "pdfhorigin",
    "pdfimageresolution",
    "pdfinclusioncopyfonts",
    "pdfinfo",
    "pdflinkmargin",
    "pdfliteral",
    "pdfmapfile",
    "pdfmapline",
    "pdfminorversion",
    "pdfobj",
    "pdfobjcompresslevel",
    "pdfoutline",
    "pdfoutput",
    "pdfpageattr",
    "pdfpagesattr",
    "pdfpkresolution",
    "pdfprotrudechars",
    "pdfrefximage",
    "pdfsetmatrix",
    "pdfstartlink",
    "pdftexbanner",
    "pdfvorigin",
    "pdfximage",
];

/// LaTeX has words of its own for these with every engine.
const EVERYWHERE: [&str; 3] = ["pdfmapfile", "pdfmapline", "pdfoutput"];

/// What a command in a source needs; nothing where it works everywhere.
pub(super) fn of_command(name: &str) -> Option<Need> {
    primitive(name).filter(|_| !EVERYWHERE.contains(&name))
}

/// What a command needs that is not defined and belongs to another engine than XeTeX.
pub(crate) fn primitive(name: &str) -> Option<Need> {
    if LUATEX.contains(&name) {
        return Some(Need::Lua);
    }
    PDFTEX.contains(&name).then_some(Need::Pdf)
}

/// What a build was told to lack, by the code of the diagnostic.
pub(super) fn of_code(code: &str) -> Option<Need> {
    Some(match code {
        "luatex-primitive" | "needs-luatex" | "needs-lualatex" => Need::Lua,
        "pdftex-primitive" | "needs-pdftex" | "needs-pdflatex" => Need::Pdf,
        "microtype-expansion" | "microtype-pdftex" => Need::PdfOrLua,
        "needs-fontspec-engine" => Need::XeOrLua,
        "eps-image" => Need::Postscript,
        "minted-plain"
        | "minted-pygments"
        | "piped-input"
        | "shell-escape"
        | "shell-escape-disabled"
        | "shell-escape-minted" => Need::Programs,
        _ => return None,
    })
}
