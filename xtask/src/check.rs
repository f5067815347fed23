//! `cargo xtask check`: what no test sees. Formatting, lints, who may depend on whom, where `unsafe`
//! may stand, how long a file may be, licences.

use crate::{paths, setup, shell};
use anyhow::{Context, Result, bail, ensure};
use std::{fs, path::Path, process::Command};

/// Which of our crates each crate may use. A crate that is not here may use none.
const MAY_USE: &[(&str, &[&str])] = &[
    ("quire-collab", &[]),
    ("quire-container", &[]),
    ("quire-templates", &[]),
    ("quire-text", &[]),
    ("quire-xdv", &[]),
    ("quire-project", &["quire-text"]),
    ("quire-store", &["quire-project", "quire-text"]),
    ("quire-latex-syntax", &["quire-project", "quire-text"]),
    ("quire-latex-ide", &["quire-latex-syntax", "quire-project", "quire-text"]),
    ("quire-bundle", &["quire-project"]),
    ("quire-exchange", &["quire-latex-syntax", "quire-project", "quire-text"]),
    ("quire-tex-engine", &["quire-bundle", "quire-project", "quire-xdv"]),
    (
        "quire-compile",
        &[
            "quire-bundle",
            "quire-container",
            "quire-project",
            "quire-tex-engine",
            "quire-text",
            "quire-xdv",
        ],
    ),
    ("quire-pdf", &[]),
    ("quire-relay-client", &["quire-collab", "quire-project"]),
    (
        "quire-workbench",
        &[
            "quire-bundle",
            "quire-collab",
            "quire-compile",
            "quire-container",
            "quire-exchange",
            "quire-latex-ide",
            "quire-latex-syntax",
            "quire-pdf",
            "quire-project",
            "quire-relay-client",
            "quire-store",
            "quire-templates",
            "quire-tex-engine",
            "quire-text",
        ],
    ),
    ("quire-ipc", &["quire-project", "quire-workbench"]),
    (
        "quire-desktop",
        &[
            "quire-bundle",
            "quire-ipc",
            "quire-pdf",
            "quire-project",
            "quire-tex-engine",
            "quire-workbench",
        ],
    ),
    (
        "quire-cli",
        &[
            "quire-bundle",
            "quire-compile",
            "quire-container",
            "quire-pdf",
            "quire-project",
            "quire-tex-engine",
            "quire-text",
        ],
    ),
    (
        "quire-fuzz",
        &[
            "quire-bundle",
            "quire-collab",
            "quire-compile",
            "quire-exchange",
            "quire-latex-syntax",
            "quire-project",
            "quire-relay",
            "quire-relay-client",
            "quire-tex-engine",
            "quire-text",
            "quire-xdv",
        ],
    ),
    ("quire-relay", &["quire-collab", "quire-exchange", "quire-project"]),
    ("quire-e2e", &[]),
    ("quire-golden", &[]),
    ("quire-load", &["quire-collab"]),
    ("quire-simulation", &["quire-collab"]),
    ("xtask", &["quire-bundle", "quire-project"]),
];

/// Foreign crates that only these of ours may use.
const OWNED: [(&str, &[&str]); 5] = [
    ("bollard", &["quire-container"]),
    ("tectonic_", &["quire-tex-engine"]),
    ("pdfium-render", &["quire-pdf"]),
    // The author's machine and the relay's each have their own database.
    ("rusqlite", &["quire-store", "quire-relay"]),
    ("tauri", &["quire-desktop"]),
];

/// Crates whose code may hold `unsafe`, each block with its reason.
const UNSAFE_ALLOWED: [&str; 2] = ["crates/tex-engine/", "crates/pdf/"];

/// Longer files need a reason here.
const LINES_LIMIT: usize = 500;
const LONG_FILES: [(&str, &str); 0] = [];

pub(crate) fn all() -> Result<()> {
    let cargo = || {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(paths::root());
        command
    };
    shell::run(cargo().args(["fmt", "--all", "--check"]))?;
    let lint = ["clippy", "--quiet", "--workspace", "--all-targets"];
    shell::run(cargo().args(lint).args(["--", "--deny", "warnings"]))?;
    shell::run(
        cargo()
            .args(["clippy", "--quiet", "--package", "quire-tex-engine", "--features", "worker"])
            .args(["--all-targets", "--", "--deny", "warnings"]),
    )?;
    let mut faults = dependency_faults()?;
    faults.extend(source_faults()?);
    if !faults.is_empty() {
        bail!("house rules broken:\n  {}", faults.join("\n  "));
    }
    let deny = setup::cargo_deny()?;
    shell::run(
        Command::new(deny)
            .args(["--log-level", "error", "check", "bans", "licenses", "sources"])
            .current_dir(paths::root()),
    )
}

/// Edges between crates that go the wrong way, as Cargo itself understands the manifests. Tests may
/// use what they like.
fn dependency_faults() -> Result<Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(paths::root())
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    Ok(metadata.packages.iter().flat_map(faults_of).collect())
}

/// The part of `cargo metadata` that we need.
#[derive(serde::Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(serde::Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(serde::Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or nothing.
    kind: Option<String>,
}

fn faults_of(package: &Package) -> Vec<String> {
    let name = &package.name;
    let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| known == name) else {
        return vec![format!("{name}: add it to the table in xtask/src/check.rs")];
    };
    let mut faults = Vec::new();
    let used = package.dependencies.iter().filter(|used| used.kind.as_deref() != Some("dev"));
    for used in used.map(|used| used.name.as_str()) {
        if used.starts_with("quire-") && !allowed.contains(&used) {
            faults.push(format!("{name} may not depend on {used}"));
        }
        for (prefix, owners) in OWNED {
            if used.starts_with(prefix) && !owners.contains(&name.as_str()) {
                let owners = owners.join(" and ");
                faults.push(format!("{name} may not depend on {used}: only {owners} may"));
            }
        }
    }
    faults
}

/// `unsafe` in the wrong place, files that are too long, work left undone.
fn source_faults() -> Result<Vec<String>> {
    let listed = Command::new("git")
        .args(["ls-files", "*.rs"])
        .current_dir(paths::root())
        .output()
        .context("cannot list the sources with git")?;
    let mut faults = Vec::new();
    // Written in two parts, or this file would break its own rule.
    let unfinished = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[ig", "nore")];
    let unsafe_code = concat!("uns", "afe ");
    let ours = |path: &&str| !path.starts_with("third-party/");
    for path in String::from_utf8_lossy(&listed.stdout).lines().filter(ours) {
        let Ok(text) = fs::read_to_string(paths::root().join(Path::new(path))) else { continue };
        let lines = text.lines().count();
        if lines > LINES_LIMIT && !LONG_FILES.iter().any(|(known, _)| *known == path) {
            faults.push(format!("{path}: {lines} lines; split it, or give the reason in check.rs"));
        }
        let may_be_unsafe = UNSAFE_ALLOWED.iter().any(|folder| path.starts_with(folder));
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let is_lint = code.contains("forbid") || code.contains("deny");
            if !may_be_unsafe && !is_lint && code.trim_start().starts_with(unsafe_code) {
                faults.push(format!("{path}:{}: no unsafe code here", number + 1));
            }
            if let Some(mark) = unfinished.iter().find(|mark| line.contains(**mark)) {
                faults.push(format!("{path}:{}: {mark}", number + 1));
            }
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(name: &str, used: &[(&str, Option<&str>)]) -> Vec<String> {
        let used = used.iter().map(|(name, kind)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
        });
        faults_of(&Package { name: name.to_owned(), dependencies: used.collect() })
    }

    #[test]
    fn edges_that_go_the_wrong_way_are_named() {
        assert_eq!(faults("quire-text", &[("serde", None)]), [""; 0]);
        assert_eq!(
            faults("quire-text", &[("quire-cli", None), ("quire-compile", Some("dev"))]),
            ["quire-text may not depend on quire-cli"]
        );
        assert_eq!(
            faults("quire-cli", &[("tectonic_io_base", None)]),
            ["quire-cli may not depend on tectonic_io_base: only quire-tex-engine may"]
        );
        assert_eq!(faults("quire-new", &[]).len(), 1);
    }
}
