//! Recipes: which packages go into a bundle, and which parts of them. See `tex-bundles/*.toml`.

use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// A bundle's recipe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The bundle's name; part of its folder's name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Packages whose files go into the pack.
    pub source: Vec<Source>,
    /// Packages that only serve files which others link to.
    #[serde(default)]
    pub linked: Vec<String>,
    /// Folders (package names in the TeX tree) that are left out everywhere.
    #[serde(default)]
    pub without: Vec<String>,
    /// Folders, as paths in the TeX tree, that are left out.
    #[serde(default)]
    pub without_paths: Vec<String>,
    /// File name extensions that are left out.
    #[serde(default)]
    pub without_extensions: Vec<String>,
    /// What the TeX tree lacks: folders of `supplement/`, beside the recipe.
    #[serde(default)]
    pub supplement: Vec<String>,
    /// The same, read by [`Recipe::read`].
    #[serde(skip)]
    pub supplements: Vec<Supplement>,
}

/// Files of our own, and fonts from an npm package, for what the TeX tree does not have (yet). Left out when the tree has one of its files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplement {
    /// Where fonts come from, when there are any.
    pub npm: Option<NpmPackage>,
    /// The licence of the files of our own.
    #[serde(default)]
    pub licence: String,
    /// The file of it that names its icons: `<supplement>-icons.def` is made from it.
    pub icons: Option<String>,
    /// The folder's name.
    #[serde(skip)]
    pub name: String,
    /// The other files of the folder, by name.
    #[serde(skip)]
    pub files: BTreeMap<String, String>,
}

/// One release of a package of the npm registry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NpmPackage {
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its archive, hexadecimal: another archive is refused.
    pub sha256: String,
    /// The licences of what is taken.
    pub licence: String,
    /// Files of it, and folders (with `/` at the end), whose files go into the pack.
    pub take: Vec<String>,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The Debian package; a TeX Live tree has the collection `collection-…` of the same content.
    pub package: String,
    /// Only these folders of it; empty for all.
    #[serde(default)]
    pub only: Vec<String>,
}

/// Why a recipe is no good.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// It is not valid.
    #[error("the recipe is not valid: {0}")]
    Invalid(#[from] toml::de::Error),
    /// A supplement is not valid.
    #[error("`{}` is not valid: {source}", path.display())]
    Supplement {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        source: toml::de::Error,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Recipe {
    /// Read a recipe from a file, with the supplements that it names.
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let io = |path: &Path, source| RecipeError::Io { path: path.to_owned(), source };
        let mut recipe = Self::parse(&fs::read_to_string(path).map_err(|e| io(path, e))?)?;
        let folder = path.parent().unwrap_or(Path::new("")).join("supplement");
        for name in &recipe.supplement {
            recipe.supplements.push(Supplement::read(&folder.join(name), name)?);
        }
        Ok(recipe)
    }

    /// Read a recipe from its text, without supplements.
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        Ok(toml::from_str(text)?)
    }
}

impl Supplement {
    fn read(folder: &Path, name: &str) -> Result<Self, RecipeError> {
        let io = |path: &Path, source| RecipeError::Io { path: path.to_owned(), source };
        let path = folder.join("supplement.toml");
        let text = fs::read_to_string(&path).map_err(|e| io(&path, e))?;
        let mut supplement: Self = toml::from_str(&text)
            .map_err(|source| RecipeError::Supplement { path: path.clone(), source })?;
        name.clone_into(&mut supplement.name);
        for entry in fs::read_dir(folder).map_err(|e| io(folder, e))?.flatten() {
            let path = entry.path();
            let file = entry.file_name().to_string_lossy().into_owned();
            if path.is_file() && file != "supplement.toml" {
                let text = fs::read_to_string(&path).map_err(|e| io(&path, e))?;
                supplement.files.insert(file, text);
            }
        }
        Ok(supplement)
    }
}

impl Recipe {
    /// True when the file at `path` (below the TeX tree) is left out, whatever package it is in.
    pub(crate) fn leaves_out(&self, path: &str) -> bool {
        let below = |folder: &String| {
            path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        has_folder(path, &self.without)
            || self.without_paths.iter().any(below)
            || self.without_extensions.iter().any(|end| path.ends_with(end.as_str()))
    }
}

impl Source {
    /// True when a file at `path` (below the TeX tree) is wanted.
    pub(crate) fn wants(&self, path: &str) -> bool {
        self.only.is_empty() || has_folder(path, &self.only)
    }
}

/// True when one of `path`'s folders is called like one of `names`.
fn has_folder(path: &str, names: &[String]) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| names.iter().any(|name| name == folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_takes_whole_folder_names() {
        let recipe =
            Recipe::parse("name='t'\ndescription='d'\n[[source]]\npackage='p'\nonly=['newtx']\n")
                .unwrap();
        let source = &recipe.source[0];
        assert!(source.wants("tex/latex/newtx/newtx.sty"));
        assert!(!source.wants("tex/latex/newtxtt/newtxtt.sty"));
        assert!(!source.wants("newtx"));
    }

    #[test]
    fn a_font_can_go_in_one_form_and_stay_in_another() {
        let recipe = Recipe::parse(
            "name='t'\ndescription='d'\nsource=[]\nwithout_paths=['fonts/type1/google/noto']\n",
        )
        .unwrap();
        assert!(recipe.leaves_out("fonts/type1/google/noto/NotoSans.pfb"));
        assert!(!recipe.leaves_out("fonts/truetype/google/noto/NotoSans.ttf"));
        assert!(!recipe.leaves_out("fonts/type1/google/noto-emoji/a.pfb"));
    }

    #[test]
    fn misspelt_keys_are_refused() {
        assert!(Recipe::parse("name='t'\ndescription='d'\nsource=[]\nwihtout=[]\n").is_err());
    }
}
