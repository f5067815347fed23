//! The one command of a build, as a pure function of what is asked for: a script that lays links to the project
//! beside what earlier builds left, and then becomes latexmk.

use super::super::{BuildRequest, EngineChoice};
use quire_container::{BUILD, PROJECT};

/// Where links and outputs are side by side, as TeX's own programs expect them.
pub(super) const WORK: &str = "work";

/// Runs as the sandbox's user. Links are made anew each time, so that a file of the project is never hidden by one
/// that an earlier build left; what a build may write itself is copied, once.
const SCRIPT: &str = r#"
if [ "$QUIRE_WIPE" = 1 ] && [ -e /build/work ]; then chmod -R u+rwX /build/work; rm -rf /build/work; fi
mkdir -p /build/work /build/cache || exit 121
if [ ! -d /build/cache/texmf-var ]; then
    cp -r "${QUIRE_TEXMF_VAR:-/usr/share/quire/texmf-var}" /build/cache/texmf-var 2>/dev/null || mkdir -p /build/cache/texmf-var
fi
cd /build/work || exit 121
find . -type l -delete
lay() { cp -rs --remove-destination /project/files/. /build/work/ && cp -rn /project/seeds/. /build/work/; }
lay 2>/dev/null || { cd / && rm -rf /build/work && mkdir /build/work && lay; } || exit 121
cd "/build/work/$QUIRE_FOLDER" || exit 121
exec "$@"
"#;

/// One pass of the engine where all links are in place: TeX cannot take them away.
const PASS: &str = r#"
cd "/build/work/$QUIRE_FOLDER" || exit 121
exec "$@"
"#;

/// What latexmk is told beside its options: glossaries are made by the program that knows how.
const RULES: &str = r#"
add_cus_dep('glo', 'gls', 0, 'quire_glossaries');
add_cus_dep('acn', 'acr', 0, 'quire_glossaries');
add_cus_dep('slo', 'sls', 0, 'quire_glossaries');
add_cus_dep('nlo', 'nls', 0, 'quire_nomenclature');
sub quire_glossaries { return system('makeglossaries', '-q', $_[0]); }
sub quire_nomenclature { return system('makeindex', '-q', '-s', 'nomencl.ist', '-o', "$_[0].nls", "$_[0].nlo"); }
"#;

/// Programs that a document may have run without the author's consent: those that turn a picture into one that
/// pdfTeX reads. The restricted shell of TeX Live runs these and nothing else.
const CONVERTERS: &str = "repstopdf,extractbb";

/// One run of latexmk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Latexmk {
    engine: EngineChoice,
    folder: String,
    file: String,
    synctex: bool,
    shell_escape: bool,
    stop_on_first_error: bool,
    begin: Begin,
    max_passes: u32,
    date_s: u64,
}

/// What to make of earlier builds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Begin {
    /// Run though latexmk sees no change: it knows only files.
    pub(super) force: bool,
    /// Begin with an empty folder.
    pub(super) wipe: bool,
}

impl Latexmk {
    pub(super) fn of(request: &BuildRequest, shell_escape: bool, begin: Begin) -> Self {
        Self {
            engine: request.engine,
            folder: request.root.folder().to_owned(),
            file: request.root.file_name().to_owned(),
            synctex: request.synctex,
            shell_escape,
            stop_on_first_error: request.options.stop_on_first_error,
            begin,
            max_passes: request.max_passes.max(1),
            date_s: request.date.seconds(),
        }
    }

    /// The program and its arguments.
    pub(super) fn command(&self) -> Vec<String> {
        let mode = match self.engine {
            EngineChoice::LuaLatex => "-pdflua",
            EngineChoice::XeLatex | EngineChoice::Tectonic => "-pdfxe",
            EngineChoice::PdfLatex => "-pdf",
        };
        let rules = format!("$max_repeat = {};{RULES}", self.max_passes);
        let mut words = vec!["/bin/sh", "-c", SCRIPT, "sh", "latexmk", "-norc"];
        words.push(mode);
        if !self.stop_on_first_error {
            // Goes on after errors: pages with a fault are better than none, and all faults are told at once.
            words.push("-f");
        }
        words.extend(self.options());
        if self.begin.force {
            words.push("-g");
        }
        words.extend(["-e", &rules]);
        let file = self.file();
        words.push(&file);
        words.into_iter().map(str::to_owned).collect()
    }

    /// The engine itself, once, just as latexmk starts it; with `format`, on what that holds of the preamble.
    pub(super) fn pass(&self, format: Option<&str>) -> Vec<String> {
        // Lua can remove a link, TeX cannot.
        let script = if self.engine == EngineChoice::LuaLatex { SCRIPT } else { PASS };
        let mut words = vec!["/bin/sh".to_owned(), "-c".to_owned(), script.to_owned()];
        words.push("sh".to_owned());
        words.extend(self.engine_with(format));
        words
    }

    /// The program of the engine with its arguments.
    pub(super) fn engine_with(&self, format: Option<&str>) -> Vec<String> {
        let mut words = vec![self.engine.name().to_owned()];
        words.extend(format.map(|format| format!("-fmt={format}")));
        words.extend(self.options().into_iter().map(str::to_owned));
        words.push(self.file());
        words
    }

    /// What latexmk hands on to the engine.
    fn options(&self) -> Vec<&'static str> {
        let mut words = vec!["-interaction=nonstopmode", "-file-line-error", "-recorder"];
        words.push(if self.synctex { "-synctex=1" } else { "-synctex=0" });
        if self.shell_escape {
            words.push("-shell-escape");
        }
        if self.stop_on_first_error {
            words.push("-halt-on-error");
        }
        words
    }

    /// The document's file: one with a name that begins with a dash would be taken for an option.
    fn file(&self) -> String {
        if self.file.starts_with('-') { format!("./{}", self.file) } else { self.file.clone() }
    }

    /// `NAME=value`.
    pub(super) fn env(&self) -> Vec<String> {
        let wipe = if self.begin.wipe { "1" } else { "0" };
        let mut all = vec![
            format!("QUIRE_WIPE={wipe}"),
            format!("QUIRE_FOLDER={}", self.folder),
            "HOME=/tmp".to_owned(),
            format!("TEXMFVAR={BUILD}/cache/texmf-var"),
            format!("TEXMFCACHE={BUILD}/cache/texmf-var"),
            format!("XDG_CACHE_HOME={BUILD}/cache"),
            // Lines of the log stay whole.
            "max_print_line=10000".to_owned(),
            "error_line=254".to_owned(),
            "half_error_line=238".to_owned(),
            // The walls are the sandbox's: whatever is in it may be read, and what can be written is the build's.
            "openout_any=a".to_owned(),
            "openin_any=a".to_owned(),
            format!("shell_escape_commands={CONVERTERS}"),
            format!("SOURCE_DATE_EPOCH={}", self.date_s),
            "FORCE_SOURCE_DATE=1".to_owned(),
            "TZ=UTC".to_owned(),
        ];
        if !self.folder.is_empty() {
            // A name may count from the top of the project: after all of TeX Live's own files.
            let inputs = ["TEXINPUTS", "BIBINPUTS", "BSTINPUTS"];
            all.extend(inputs.map(|name| format!("{name}=.::{BUILD}/{WORK}")));
        }
        all
    }
}

/// The name of a file of the project in what a program of the container wrote; `folder` is the one it ran in,
/// from the top of the project.
pub(super) fn in_project(name: &str, folder: &str) -> Option<quire_project::ProjectPath> {
    use quire_project::ProjectPath;
    for top in
        [format!("{BUILD}/{WORK}/"), format!("{PROJECT}/files/"), format!("{PROJECT}/seeds/")]
    {
        if let Some(inside) = name.strip_prefix(&top) {
            return ProjectPath::new(inside).ok();
        }
    }
    ProjectPath::resolve(folder, name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latexmk() -> Latexmk {
        Latexmk {
            engine: EngineChoice::PdfLatex,
            folder: String::new(),
            file: "main.tex".to_owned(),
            synctex: true,
            shell_escape: false,
            stop_on_first_error: false,
            begin: Begin::default(),
            max_passes: 8,
            date_s: 7,
        }
    }

    #[test]
    fn programs_of_the_document_run_only_with_consent() {
        let has = |latexmk: &Latexmk| latexmk.command().contains(&"-shell-escape".to_owned());
        assert!(!has(&latexmk()));
        assert!(has(&Latexmk { shell_escape: true, ..latexmk() }));
        let env = latexmk().env();
        assert!(env.contains(&"shell_escape_commands=repstopdf,extractbb".to_owned()), "{env:?}");
    }

    #[test]
    fn settings_of_latexmk_in_the_project_are_programs_and_are_not_read() {
        assert!(latexmk().command().contains(&"-norc".to_owned()));
    }

    #[test]
    fn a_name_like_an_option_is_a_name() {
        let command = Latexmk { file: "-e.tex".to_owned(), ..latexmk() }.command();
        assert_eq!(command.last().map(String::as_str), Some("./-e.tex"));
    }

    #[test]
    fn a_pass_is_started_as_latexmk_starts_it() {
        let own = latexmk().engine_with(None);
        let words = ["pdflatex", "-interaction=nonstopmode", "-file-line-error", "-recorder"];
        assert_eq!(own[..4], words);
        let latexmk_has = latexmk().command();
        assert!(own[1..].iter().all(|word| latexmk_has.contains(word)), "{own:?} {latexmk_has:?}");
        assert_eq!(latexmk().engine_with(Some("/a.fmt"))[1], "-fmt=/a.fmt");
    }

    #[test]
    fn who_stops_at_the_first_error_does_not_go_on_after_it() {
        let command = Latexmk { stop_on_first_error: true, ..latexmk() }.command();
        assert!(command.contains(&"-halt-on-error".to_owned()));
        assert!(!command.contains(&"-f".to_owned()));
        assert!(latexmk().command().contains(&"-f".to_owned()));
    }

    #[test]
    fn names_are_those_of_the_project_again() {
        let name = |name, folder| in_project(name, folder).map(|path| path.to_string());
        assert_eq!(name("./a.tex", "ch").as_deref(), Some("ch/a.tex"));
        assert_eq!(name("/build/work/ch/a.tex", "ch").as_deref(), Some("ch/a.tex"));
        assert_eq!(name("/project/files/a.bib", "ch").as_deref(), Some("a.bib"));
        assert_eq!(name("/usr/share/texmf/a.sty", "ch"), None);
    }
}
