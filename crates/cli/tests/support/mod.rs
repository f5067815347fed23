//! A project in a temporary folder and the real `quire` on it. Without worker and bundle
//! (`cargo xtask setup`) these tests fail.

// Each test binary uses its own part.
#![allow(dead_code, clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

pub(crate) struct Project(tempfile::TempDir);

impl Project {
    /// The first file is the root, `main.tex` by convention.
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            project.write(name, bytes);
        }
        project
    }

    /// An article with this body.
    pub(crate) fn article(body: &str) -> Self {
        let text =
            format!("\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n");
        Self::new(&[("main.tex", text.as_bytes())])
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.0.path().join("project")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// `quire`, with a build cache of its own.
    pub(crate) fn quire(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quire"));
        command
            .args(args)
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .env("QUIRE_CACHE", self.0.path().join("cache"))
            .env_remove("SOURCE_DATE_EPOCH");
        if std::env::var_os("QUIRE_BUNDLE").is_none() {
            let bundle = quire_bundle::find_bundle(None).expect("a bundle: `cargo xtask setup`");
            command.env("QUIRE_BUNDLE", bundle.path());
        }
        if std::env::var_os("QUIRE_TEX_WORKER").is_none() {
            let worker = quire_tex_engine::find_worker().expect("the worker: `cargo xtask setup`");
            command.env("QUIRE_TEX_WORKER", worker);
        }
        command
    }

    pub(crate) fn build(&self, args: &[&str]) -> Run {
        let mut all = vec!["build", "main.tex", "--json"];
        all.extend(args);
        Run::of(self.quire(&all).output().unwrap())
    }
}

/// What a run of `quire … --json` left.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) lines: Vec<serde_json::Value>,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
        let lines = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { code: output.status.code(), lines, stderr }
    }

    /// Codes of the diagnostics, those folded under others included.
    pub(crate) fn codes(&self) -> Vec<String> {
        fn collect(value: &serde_json::Value, into: &mut Vec<String>) {
            into.push(value["code"].as_str().unwrap().to_owned());
            value["caused"].as_array().unwrap().iter().for_each(|d| collect(d, into));
        }
        let mut codes = Vec::new();
        for line in self.lines.iter().filter(|line| line["type"] == "diagnostic") {
            collect(line, &mut codes);
        }
        codes
    }

    /// Fails unless the document was told to be at fault with `code`.
    pub(crate) fn expect(&self, code: &str) {
        assert_eq!(self.code, Some(1), "{:?}\n{}", self.lines, self.stderr);
        assert!(self.codes().iter().any(|told| told == code), "no {code}: {:#?}", self.lines);
    }
}

/// True when there is a file, folder or link at `path`, wherever a link leads.
pub(crate) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
