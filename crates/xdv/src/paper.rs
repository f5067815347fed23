//! How large a page is: specials say so, in the words of `xdvipdfmx` (`scan_special` of its `dpx-dvi.c`).
//! Turned paper (`landscape`, of `dvips`) is not known.

/// Paper, in PDF points, 72 to an inch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperSize {
    /// To the right.
    pub width: f64,
    /// Downwards.
    pub height: f64,
}

/// A4: what the worker has pages made on that do not say.
pub(crate) const DEFAULT: PaperSize = PaperSize { width: 595.276, height: 841.890 };

/// What a special says of the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PaperSpecial {
    /// `pdf:pagesize default`: that of pages that do not say.
    Default,
    /// `pdf:pagesize`: this page only.
    Page { width: Option<f64>, height: Option<f64> },
    /// `papersize`: this page and those that follow.
    Paper(PaperSize),
}

/// What a special says of the paper, if it does; `magnification` is 1 for most documents.
pub(crate) fn paper_special(special: &[u8], magnification: f64) -> Option<PaperSpecial> {
    let text = str::from_utf8(special).ok()?.trim_start();
    let (space, text) = match text.split_once(':') {
        Some((space, rest)) if matches!(space.trim_end(), "pdf" | "x") => {
            (space.trim_end(), rest.trim_start())
        }
        _ => ("", text),
    };
    if let Some(rest) = text.strip_prefix("pagesize")
        && space == "pdf"
    {
        return page_size(rest, magnification);
    }
    let rest = text.strip_prefix("papersize")?;
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start().trim_start_matches(['\'', '"']);
    let (width, rest) = length(rest.trim_start(), 1.0)?;
    let rest = rest.trim_start();
    let (height, _) = length(rest.strip_prefix(',').unwrap_or(rest).trim_start(), 1.0)?;
    Some(PaperSpecial::Paper(PaperSize { width, height }))
}

fn page_size(mut text: &str, magnification: f64) -> Option<PaperSpecial> {
    let (mut width, mut height) = (None, None);
    loop {
        text = text.trim_start();
        if text.starts_with("default") {
            return Some(PaperSpecial::Default);
        }
        let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (key, rest) = text.split_at(end);
        if key.is_empty() {
            break;
        }
        let Some((found, rest)) = length(rest.trim_start(), magnification) else { break };
        match key {
            "width" => width = Some(found),
            "height" => height = Some(found),
            _ => {}
        }
        text = rest;
    }
    (width.is_some() || height.is_some()).then_some(PaperSpecial::Page { width, height })
}

/// A length in PDF points, and what follows it.
fn length(text: &str, magnification: f64) -> Option<(f64, &str)> {
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
    let end = text.find(|c| !is_of_number(c)).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    let rest = rest.trim_start();
    let (rest, magnification) = match rest.strip_prefix("true") {
        Some(rest) => (rest.trim_start(), 1.0),
        None => (rest, magnification),
    };
    const POINT: f64 = 72.0 / 72.27;
    const DIDOT: f64 = 1238.0 / 1157.0 * POINT;
    let units = [
        ("pt", POINT),
        ("in", 72.0),
        ("cm", 72.0 / 2.54),
        ("mm", 72.0 / 25.4),
        ("bp", 1.0),
        ("pc", 12.0 * POINT),
        ("dd", DIDOT),
        ("cc", 12.0 * DIDOT),
        ("sp", POINT / 65_536.0),
    ];
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
    let factor = match unit {
        "" => 1.0,
        unit => units.iter().find(|(name, _)| *name == unit)?.1,
    };
    Some((number * factor * magnification, rest))
}

/// The size of the last of some pages, by what each of them says, from the first.
pub(crate) fn size_of_last<'a>(
    pages: impl Iterator<Item = &'a [PaperSpecial]>,
) -> Option<PaperSize> {
    let mut paper = DEFAULT;
    let mut last = None;
    for (index, specials) in pages.enumerate() {
        let mut page = paper;
        for special in specials {
            match *special {
                PaperSpecial::Default => page = paper,
                PaperSpecial::Page { width, height } => {
                    page.width = width.unwrap_or(page.width);
                    page.height = height.unwrap_or(page.height);
                }
                PaperSpecial::Paper(size) => (page, paper) = (size, size),
            }
        }
        if index == 0 {
            // What the first page is made on is what others are that do not say.
            paper = page;
        }
        last = Some(page);
    }
    // As a PDF says it.
    let rounded = |length: f64| (length * 100.0).round() / 100.0;
    last.map(|size| PaperSize { width: rounded(size.width), height: rounded(size.height) })
}

#[cfg(test)]
mod tests {
    use super::{PaperSize, PaperSpecial, paper_special, size_of_last};

    fn sizes(pages: &[&[&str]]) -> Vec<(f64, f64)> {
        let says = |page: &&[&str]| -> Vec<PaperSpecial> {
            page.iter().filter_map(|special| paper_special(special.as_bytes(), 1.0)).collect()
        };
        let said: Vec<_> = pages.iter().map(says).collect();
        let size = |end: usize| size_of_last(said[..=end].iter().map(Vec::as_slice)).unwrap();
        (0..said.len()).map(size).map(|PaperSize { width, height }| (width, height)).collect()
    }

    #[test]
    fn each_page_has_the_paper_that_it_says() {
        let letter = "pdf:pagesize width 614.295pt height 794.96999pt";
        let wide = "pdf: pagesize height 21cm  width 29.7cm xoffset 1in";
        assert_eq!(sizes(&[&[letter], &[wide]]), [(612.0, 792.0), (841.89, 595.28)]);
        assert_eq!(sizes(&[&["pdf:pagesize default"], &[]]), [(595.28, 841.89); 2]);
        // Only of its page, unless that is the first.
        assert_eq!(sizes(&[&[letter], &[]])[1], (612.0, 792.0));
        assert_eq!(sizes(&[&[], &[letter], &[]])[2], (595.28, 841.89));
        // `papersize` is of all that follow, and is not overruled by what stands before it.
        let pages = sizes(&[&[], &["papersize=10truecm,20cm"], &["pdf:pagesize default"]]);
        assert_eq!(pages[1..], [(283.46, 566.93); 2]);
        assert_eq!(sizes(&[&[letter, "x:papersize 100bp 50bp"]]), [(100.0, 50.0)]);
    }

    #[test]
    fn other_specials_say_nothing_of_it() {
        for other in ["pdf:pagesizes", "pdf:pagesize width", "pagesize width 3pt", "color push", ""]
        {
            assert_eq!(paper_special(other.as_bytes(), 1.0), None, "{other}");
        }
        assert_eq!(paper_special(b"papersize=3xx,4cm", 1.0), None);
    }

    #[test]
    fn a_magnified_document_is_on_larger_paper_but_for_true_lengths() {
        let special = paper_special(b"pdf:pagesize width 100bp height 100true bp", 2.0);
        let page = PaperSpecial::Page { width: Some(200.0), height: Some(100.0) };
        assert_eq!(special, Some(page));
    }
}
