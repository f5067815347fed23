//! The table of icon names for `fontawesome6.sty`, made from the fonts' own metadata.

use serde::Deserialize;
use std::{collections::BTreeMap, fmt::Write};

#[derive(Deserialize)]
struct Icon {
    unicode: String,
    #[serde(default)]
    aliases: Aliases,
    #[serde(rename = "familyStylesByLicense")]
    styles: Styles,
}

#[derive(Default, Deserialize)]
struct Aliases {
    #[serde(default)]
    names: Vec<String>,
}

#[derive(Deserialize)]
struct Styles {
    free: Vec<Style>,
}

#[derive(Deserialize)]
struct Style {
    family: String,
    style: String,
}

/// The table in TeX's form, from Font Awesome's `icon-families.json`: a row for each icon and each of
/// its older names, with the styles that the free fonts have, the usual one first.
pub(crate) fn table(metadata: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let icons: BTreeMap<String, Icon> = serde_json::from_slice(metadata)?;
    let mut rows: BTreeMap<&str, (String, String)> = BTreeMap::new();
    for (name, icon) in &icons {
        let has = |style: &str| {
            icon.styles.free.iter().any(|s| s.family == "classic" && s.style == style)
        };
        let styles = ["solid", "regular", "brands"].into_iter().filter(|style| has(style));
        let styles: String = styles.map(|style| format!("{{{style}}}")).collect();
        if styles.is_empty() {
            continue;
        }
        let row = (icon.unicode.to_ascii_uppercase(), styles);
        for older in &icon.aliases.names {
            rows.entry(older).or_insert_with(|| row.clone());
        }
        rows.insert(name, row);
    }
    let mut text = String::from("% made from the icons' metadata when the bundle was built\n");
    let mut with_digits = String::new();
    for (name, (code, styles)) in &rows {
        let camel = camel_case(name);
        let digit = camel.find(|c: char| c.is_ascii_digit());
        let command = if digit.is_none() { camel.as_str() } else { "" };
        let _ = writeln!(text, "\\faw@define{{{command}}}{{{name}}}{{{code}}}{{{styles}}}");
        // `\fa0` cannot be told from `\fa` and a nought.
        if let Some(at) = digit.filter(|&at| at > 0) {
            let (start, rest) = camel.split_at(at);
            let _ = writeln!(with_digits, "\\faw@digits{{{start}}}{{{rest}}}{{{name}}}");
        }
    }
    text.push_str(&with_digits);
    Ok(text.into_bytes())
}

/// `address-book` → `AddressBook`
fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for part in name.split('-') {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_has_a_command_and_its_older_names_too() {
        let metadata = br#"{
          "house": {"unicode": "f015", "aliases": {"names": ["home-lg-alt"]}, "familyStylesByLicense":
            {"free": [{"family": "classic", "style": "solid"}], "pro": []}},
          "html5": {"unicode": "f13b", "familyStylesByLicense":
            {"free": [{"family": "classic", "style": "brands"}], "pro": []}},
          "sold": {"unicode": "f000", "familyStylesByLicense":
            {"free": [{"family": "duotone", "style": "solid"}], "pro": []}}
        }"#;
        let table = String::from_utf8(table(metadata).unwrap()).unwrap();
        assert!(table.contains("\\faw@define{HomeLgAlt}{home-lg-alt}{F015}{{solid}}\n"));
        assert!(table.contains("\\faw@define{House}{house}{F015}{{solid}}\n"));
        assert!(table.contains("\\faw@define{}{html5}{F13B}{{brands}}\n"));
        assert!(table.ends_with("\\faw@digits{Html}{5}{html5}\n"));
        assert!(!table.contains("sold"));
    }
}
