//! Small PDF files written by hand, for the real library.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use quire_pdf::{Renderer, find_library};

/// PDFium's thread.
pub fn renderer() -> Renderer {
    Renderer::start(&find_library().expect("PDFium is there: `cargo xtask setup`")).unwrap()
}

/// A PDF whose pages have these sizes and contents. The cross-reference table is left out: PDFium
/// rebuilds it, as it must for damaged files.
pub fn pdf(pages: &[(u32, u32, &str)]) -> Vec<u8> {
    with_objects(pages, "", "")
}

/// The same with more entries of the catalogue, and more objects.
pub fn with_objects(pages: &[(u32, u32, &str)], catalogue: &str, objects: &str) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|i| format!("{} 0 R", 10 + 2 * i)).collect();
    let mut text = format!(
        "%PDF-1.5\n1 0 obj<</Type/Catalog/Pages 2 0 R{catalogue}>>endobj\n\
         2 0 obj<</Type/Pages/Kids[{}]/Count {}>>endobj\n\
         3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n",
        kids.join(" "),
        pages.len()
    );
    for (i, (width, height, content)) in pages.iter().enumerate() {
        let (page, stream) = (10 + 2 * i, 11 + 2 * i);
        // What `objects` holds there, if anything.
        let annots = 500 + i;
        text += &format!(
            "{page} 0 obj<</Type/Page/Parent 2 0 R/Annots {annots} 0 R/MediaBox[0 0 {width} {height}]/Contents {stream} 0 R\
             /Resources<</Font<</F 3 0 R>>>>>>endobj\n\
             {stream} 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n",
            content.len()
        );
    }
    text += objects;
    text += "trailer<</Root 1 0 R>>\n";
    text.into_bytes()
}
