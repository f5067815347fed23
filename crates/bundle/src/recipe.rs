//! Recipes: which packages go into a bundle, and which parts of them. See `tex-bundles/*.toml`.

use serde::Deserialize;

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
    /// File name extensions that are left out.
    #[serde(default)]
    pub without_extensions: Vec<String>,
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
#[error("the recipe is not valid: {0}")]
pub struct RecipeError(#[from] toml::de::Error);

impl Recipe {
    /// Read a recipe.
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        Ok(toml::from_str(text)?)
    }
}

impl Source {
    /// True when a file at `path` (below the TeX tree) is wanted.
    pub(crate) fn wants(&self, path: &str) -> bool {
        self.only.is_empty() || has_folder(path, &self.only)
    }
}

/// True when one of `path`'s folders is called like one of `names`.
pub(crate) fn has_folder(path: &str, names: &[String]) -> bool {
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
    fn misspelt_keys_are_refused() {
        assert!(Recipe::parse("name='t'\ndescription='d'\nsource=[]\nwihtout=[]\n").is_err());
    }
}
