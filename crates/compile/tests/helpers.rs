//! Helper programs that fail, through the document's fault and through none of it.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::build::BuildOutcome;
use support::{Project, codes};

const ENTRY: &str = "@misc{knuth84, title={The TeXbook}, author={Knuth, Donald}, year=1984}\n";

/// The next build would otherwise show the failure until the document changes.
#[cfg(unix)]
#[test]
fn a_helper_that_is_killed_runs_again_in_the_next_build() {
    use quire_tex_engine::CancelToken;
    use std::os::unix::fs::PermissionsExt;
    for (text, name) in [
        ("\\cite{knuth84}\\bibliographystyle{plain}\\bibliography{refs}", "bibtex"),
        ("\\cite{knuth84}\\printbibliography", "biber"),
        ("a\\index{a}\\printindex", "makeindex"),
    ] {
        let packages = match name {
            "biber" => "\\usepackage{biblatex}\\addbibresource{refs.bib}",
            "makeindex" => "\\usepackage{makeidx}\\makeindex",
            _ => "",
        };
        let text = format!(
            "\\documentclass{{article}}{packages}\\begin{{document}}\n{text}\n\\end{{document}}\n"
        );
        let project = Project::new(&[("main.tex", &text), ("refs.bib", ENTRY)]);
        let worker = project.request().worker;
        let script = project.path("worker.sh");
        let killed = project.builds().parent().unwrap().join("killed");
        let killed = killed.display();
        let words = format!(
            "#!/bin/sh\nif [ \"$1\" = exec ] && [ ! -e '{killed}' ]; then : >'{killed}'; kill -9 $$; \
             fi\nexec '{}' \"$@\"\n",
            worker.display()
        );
        project.write("worker.sh", words);
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let build = || {
            let change = |request: &mut quire_compile::build::BuildRequest| {
                request.worker.clone_from(&script);
            };
            project.try_build(change, &mut |_| {}, &CancelToken::new()).unwrap()
        };
        let first = build();
        assert!(codes(&first).contains(&"helper-crashed"), "{name}: {:#?}", first.diagnostics);
        let second = build();
        assert_eq!(codes(&second), [""; 0], "{name}: {:#?}", second.diagnostics);
        assert_eq!(second.outcome, BuildOutcome::Clean, "{name}");
        assert!(build().up_to_date, "{name}");
    }
}

/// The document writes what another release of biblatex would.
#[test]
fn biber_of_another_release_than_biblatex_is_explained() {
    let text = "\\documentclass{article}\\newwrite\\w\\immediate\\openout\\w=\\jobname.bcf\n\
        \\immediate\\write\\w{<?xml version=\"1.0\"?><bcf:controlfile version=\"3.99\" \
        bltxversion=\"9.9\" xmlns:bcf=\"https://sourceforge.net/projects/biblatex\">\
        </bcf:controlfile>}\\immediate\\closeout\\w\n\
        \\begin{document}x\\IfFileExists{\\jobname.bbl}{}{}\\end{document}\n";
    let result = Project::new(&[("main.tex", text)]).build();
    assert_eq!(codes(&result), ["biber-version"], "{:#?}", result.diagnostics);
    let told = &result.diagnostics[0];
    assert!(told.message.contains("3.99"), "{told:?}");
    assert!(told.explanation.contains("same release"), "{told:?}");
}
