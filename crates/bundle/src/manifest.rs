//! What is in a bundle: `manifest.json`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The manifest of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `core`, `full` …
    pub name: String,
    /// SHA-256 over the pack's names and contents, hexadecimal.
    pub digest: String,
    /// The key of the inputs it was built from: recipe, package versions, builder version.
    pub inputs: String,
    /// SHA-256 of `files.list`, which has the hash of every file beside the pack; empty in bundles of
    /// older versions.
    #[serde(default)]
    pub list: String,
    /// Format serial of the engine that made `latex.fmt`.
    pub format_serial: u32,
    /// Number of files in the pack.
    pub files: u64,
    /// Bytes in the pack.
    pub bytes: u64,
    /// Version of biblatex, such as `3.18`, if there is one.
    pub biblatex: Option<String>,
    /// Version of the `.bcf` format that this biblatex writes.
    pub bcf: Option<String>,
    /// Helper programs by name.
    pub tools: BTreeMap<String, Tool>,
    /// The packages it was made from.
    pub packages: Vec<PackageRecord>,
}

/// One package that files were taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageRecord {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence or licences as its source states them. `licences.txt` has them for each TeX package.
    pub licence: String,
    /// How many of its files are in the pack.
    pub files: u64,
}

/// How to start a helper program. Paths are relative to the tool's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its version.
    pub version: String,
    /// The program.
    pub program: String,
    /// First arguments, as paths.
    pub scripts: Vec<String>,
    /// Variables that hold lists of paths.
    pub path_variables: BTreeMap<String, Vec<String>>,
}
