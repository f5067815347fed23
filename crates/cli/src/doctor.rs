//! `quire doctor`: does everything that Quire needs work here, and if not, what to do.

use crate::{
    args::{BundlePath, ContainerArgs},
    errors::Failure,
    progress, texlive,
};
use quire_bundle::{BundleDir, default_cache, find_bundle};
use quire_project::{MemoryFiles, ProjectPath};
use quire_tex_engine::{
    CancelToken, Engine, EngineOptions, HelperRun, JobSetup, Limits, PdfOptions, find_worker,
    run_helper,
};
use std::{io::Write, path::Path, process::ExitCode, sync::Arc, time::Duration};

/// Exit code when something is missing.
const NOT_WELL: u8 = 2;

pub(crate) struct Report {
    well: bool,
}

impl Report {
    pub(crate) fn good(&self, what: &str) {
        let style = progress::GREEN;
        let _ = writeln!(anstream::stdout(), "{style}✓{style:#} {what}");
    }

    pub(crate) fn bad(&mut self, what: &str, advice: &str) {
        self.well = false;
        let style = progress::RED;
        let _ = writeln!(anstream::stdout(), "{style}✗{style:#} {what}\n  → {advice}");
    }

    pub(crate) fn note(&self, what: &str) {
        let _ = writeln!(anstream::stdout(), "· {what}");
    }

    pub(crate) fn weak(&self, what: &str, advice: &str) {
        let style = progress::YELLOW;
        let _ = writeln!(anstream::stdout(), "{style}!{style:#} {what}\n  → {advice}");
    }
}

pub(crate) fn run(path: &BundlePath, container: &ContainerArgs) -> Result<ExitCode, Failure> {
    let mut report = Report { well: true };
    check_cache(&mut report);
    let worker = match find_worker() {
        Ok(worker) => Some(worker),
        Err(e) => {
            report.bad(&e.to_string(), "reinstall Quire, or set QUIRE_TEX_WORKER");
            None
        }
    };
    let bundle = match find_bundle(path.bundle.as_deref()) {
        Ok(bundle) => {
            let manifest = bundle.manifest();
            report.good(&format!(
                "TeX bundle `{}`: {} files in {}",
                manifest.name,
                manifest.files,
                bundle.path().display()
            ));
            Some(bundle)
        }
        Err(e) => {
            report.bad(&e.to_string(), "install a bundle with `quire bundle install ARCHIVE`");
            None
        }
    };
    if let (Some(worker), Some(bundle)) = (&worker, &bundle) {
        check_engine(&mut report, worker, bundle);
        check_tool(&mut report, worker, bundle, "biber", &["--version"]);
        check_tool(&mut report, worker, bundle, "makeindex", &[]);
        check_biblatex(&mut report, bundle);
    }
    texlive::check(&mut report, container);
    Ok(if report.well { ExitCode::SUCCESS } else { ExitCode::from(NOT_WELL) })
}

fn check_cache(report: &mut Report) {
    let Some(cache) = default_cache() else {
        return report.bad("there is no cache folder", "set QUIRE_CACHE to a folder");
    };
    let probe = cache.join(".doctor");
    let written = std::fs::create_dir_all(&cache)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => report.good(&format!("cache folder {}", cache.display())),
        Err(e) => report.bad(
            &format!("the cache folder {} cannot be written to: {e}", cache.display()),
            "make it writable, or set QUIRE_CACHE to another; builds work without, but slower",
        ),
    }
}

/// Build the smallest document, for real.
fn check_engine(report: &mut Report, worker: &Path, bundle: &BundleDir) {
    let Ok(root) = ProjectPath::new("doctor.tex") else { return };
    let mut files = MemoryFiles::default();
    let source = &b"\\documentclass{article}\\begin{document}Well.\\end{document}"[..];
    files.insert(root.clone(), source);
    let options = EngineOptions {
        worker: worker.to_owned(),
        bundle: bundle.path().to_owned(),
        limits: Limits::default(),
    };
    let setup = JobSetup {
        root,
        job_name: "doctor".to_owned(),
        date_s: 0,
        synctex: false,
        restored: Vec::new(),
    };
    let built = Engine::start(&options, Arc::new(files), setup, &CancelToken::new()).and_then(
        |mut engine| {
            let sandbox = engine.hello().sandbox.clone();
            engine.run_tex(&mut |_| {})?;
            Ok((sandbox, engine.make_pdf(&PdfOptions::default())?))
        },
    );
    match built {
        Ok((sandbox, pdf)) => {
            match pdf.pdf {
                Ok(pdf) => report.good(&format!("TeX engine: a page of {} bytes", pdf.len())),
                Err(e) => {
                    report.bad(&format!("the TeX engine makes no PDF: {e}"), "reinstall the bundle")
                }
            }
            let walls = [
                (sandbox.landlock, "Landlock (files)"),
                (sandbox.seccomp, "seccomp (system calls)"),
                (sandbox.rlimits, "resource limits"),
            ];
            for (stands, name) in walls {
                if stands {
                    report.good(&format!("sandbox: {name}"));
                } else {
                    report.weak(
                        &format!("sandbox: no {name}"),
                        "this system does not offer it; TeX still runs in a process of its own \
                         and reads files only through Quire",
                    );
                }
            }
        }
        Err(e) => report.bad(&format!("the TeX engine: {e}"), "reinstall Quire and its bundle"),
    }
}

/// biber reads the files of one release of biblatex only.
fn check_biblatex(report: &mut Report, bundle: &BundleDir) {
    let Some(biblatex) = bundle.manifest().biblatex.as_deref() else { return };
    let Ok(biber) = bundle.tool("biber") else { return };
    if are_a_pair(biblatex, &biber.version) {
        report.good(&format!("biblatex {biblatex} and biber {} are a pair", biber.version));
    } else {
        report.bad(
            &format!("biblatex {biblatex} and biber {} are of different releases", biber.version),
            "install a bundle that has both from one release: bibliographies with biblatex fail",
        );
    }
}

/// biblatex 3.N and biber 2.N appear together (biblatex manual, section 1.3: compatibility matrix).
fn are_a_pair(biblatex: &str, biber: &str) -> bool {
    let minor = |version: &str, major: &str| {
        let rest = version.strip_prefix(major)?;
        rest[..rest.bytes().take_while(u8::is_ascii_digit).count()].parse::<u32>().ok()
    };
    match (minor(biblatex, "3."), minor(biber, "2.")) {
        (Some(of_biblatex), Some(of_biber)) => of_biblatex == of_biber,
        // Of a numbering that is not known yet.
        _ => true,
    }
}

fn check_tool(report: &mut Report, worker: &Path, bundle: &BundleDir, name: &str, args: &[&str]) {
    let tool = match bundle.tool(name) {
        Ok(tool) => tool,
        Err(e) => {
            return report.bad(&e.to_string(), "install a bundle that was built with its tools");
        }
    };
    let work_dir = std::env::temp_dir().join(format!("quire-doctor-{}", std::process::id()));
    if let Err(e) = std::fs::create_dir_all(&work_dir) {
        return report.bad(&format!("no temporary folder: {e}"), "make room in it");
    }
    let mut all_args = tool.args.clone();
    all_args.extend(args.iter().map(Into::into));
    let run = HelperRun {
        program: tool.program,
        args: all_args,
        env: tool.env,
        read_only: tool.read_only,
        work_dir: work_dir.clone(),
        stdin: None,
        wall: Duration::from_secs(30),
        memory_bytes: 2 << 30,
    };
    let done = run_helper(worker, &run, &CancelToken::new());
    let _ = std::fs::remove_dir_all(&work_dir);
    match done {
        Ok(output) if output.exit_code == Some(0) => {
            report.good(&format!("{name} {}", tool.version));
        }
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            let last = words.lines().last().unwrap_or_default().to_owned();
            report.bad(&format!("{name} does not run: {last}"), "reinstall the bundle");
        }
        Err(e) => report.bad(&format!("{name} does not run: {e}"), "reinstall the bundle"),
    }
}

#[cfg(test)]
mod tests {
    use super::are_a_pair;

    #[test]
    fn pairs_have_the_same_minor_number() {
        assert!(are_a_pair("3.18b", "2.18"));
        assert!(are_a_pair("3.20", "2.20"));
        assert!(!are_a_pair("3.19", "2.18"));
        assert!(!are_a_pair("3.1", "2.18"));
    }
}
