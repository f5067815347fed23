//! Pages of small PDF files written by hand, through the real library. Without it (`QUIRE_PDFIUM`, or
//! `cargo xtask setup`) these tests fail.

#![allow(clippy::unwrap_used)]

use quire_pdf::{PdfError, Renderer, find_library};

fn renderer() -> Renderer {
    Renderer::start(&find_library().expect("PDFium is there: `cargo xtask setup`")).unwrap()
}

/// A PDF whose pages have these sizes and contents. The cross-reference table is left out: PDFium
/// rebuilds it, as it must for damaged files.
fn pdf(pages: &[(u32, u32, &str)]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|i| format!("{} 0 R", 10 + 2 * i)).collect();
    let mut text = format!(
        "%PDF-1.5\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
         2 0 obj<</Type/Pages/Kids[{}]/Count {}>>endobj\n\
         3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n",
        kids.join(" "),
        pages.len()
    );
    for (i, (width, height, content)) in pages.iter().enumerate() {
        let (page, stream) = (10 + 2 * i, 11 + 2 * i);
        text += &format!(
            "{page} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents {stream} 0 R\
             /Resources<</Font<</F 3 0 R>>>>>>endobj\n\
             {stream} 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n",
            content.len()
        );
    }
    text += "trailer<</Root 1 0 R>>\n";
    text.into_bytes()
}

#[test]
fn a_page_becomes_pixels_from_its_upper_left_corner() {
    // A red square of 10 points in the upper left corner.
    let document = renderer().open(pdf(&[(100, 50, "1 0 0 rg 0 40 10 10 re f")])).unwrap();
    assert_eq!((document.pages()[0].width, document.pages()[0].height), (100.0, 50.0));
    let picture = document.render(0, 2.0).unwrap();
    assert_eq!((picture.width, picture.height, picture.rgba.len()), (200, 100, 80_000));
    let pixel = |x: usize, y: usize| &picture.rgba[(y * 200 + x) * 4..][..4];
    assert_eq!(pixel(5, 5), [255, 0, 0, 255]);
    assert_eq!(pixel(30, 5), [255, 255, 255, 255]);
    assert_eq!(pixel(5, 30), [255, 255, 255, 255]);
}

#[test]
fn pages_of_different_sizes_do_not_leak_into_each_other() {
    let black = "0 0 100 100 re f";
    let document =
        renderer().open(pdf(&[(100, 100, black), (100, 100, ""), (40, 90, "")])).unwrap();
    let is_white = |page: usize| document.render(page, 1.0).unwrap().rgba.iter().all(|b| *b == 255);
    assert!(!is_white(0));
    assert!(is_white(1) && is_white(2));
}

#[test]
fn text_has_its_place() {
    let content = "BT /F 12 Tf 20 700 Td (Hello) Tj 0 -100 Td (world) Tj ET";
    let document = renderer().open(pdf(&[(600, 800, content)])).unwrap();
    let text = document.text(0).unwrap();
    let words: Vec<&str> = text.iter().map(|run| run.text.trim()).collect();
    assert_eq!(words, ["Hello", "world"]);
    assert!((text[0].x - 20.0).abs() < 2.0 && (text[0].y - 91.0).abs() < 3.0, "{text:?}");
    assert!((text[1].y - text[0].y - 100.0).abs() < 4.0, "{text:?}");
}

#[test]
fn what_is_no_pdf_is_refused_and_the_next_one_opens() {
    let renderer = renderer();
    for bytes in [&b""[..], b"%PDF-1.7", b"\0\xff\xfe", &[b'<'; 100_000]] {
        let error = renderer.open(bytes.to_vec()).unwrap_err();
        assert!(matches!(error, PdfError::Document { .. }), "{error}");
    }
    assert_eq!(renderer.open(pdf(&[(10, 10, "")])).unwrap().pages().len(), 1);
}

#[test]
fn pages_that_are_not_there_and_pictures_without_bounds_are_refused() {
    let document = renderer().open(pdf(&[(100, 100, "")])).unwrap();
    let error = document.render(1, 1.0).unwrap_err();
    assert_eq!(error.to_string(), "there is no page 2 in a document of 1");
    assert!(matches!(document.text(7), Err(PdfError::NoSuchPage { page: 7, pages: 1 })));
    for scale in [1e6, 0.0, -1.0, f32::NAN, f32::INFINITY] {
        let error = document.render(0, scale).unwrap_err();
        assert!(matches!(error, PdfError::Size { .. }), "{scale}: {error}");
    }
}

#[test]
fn many_threads_may_ask_at_once() {
    let renderer = renderer();
    std::thread::scope(|scope| {
        for i in 1..=8_u32 {
            let renderer = renderer.clone();
            scope.spawn(move || {
                let document = renderer.open(pdf(&[(10 * i, 10, "")])).unwrap();
                for _ in 0..10 {
                    assert_eq!(document.render(0, 1.0).unwrap().width, 10 * i);
                }
            });
        }
    });
}

#[test]
fn a_library_that_is_none_is_an_error() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("libpdfium.so");
    std::fs::write(&file, "no library").unwrap();
    // Which tests ran before in this process decides whether the library is there already.
    if let Err(error) = Renderer::start(&file) {
        assert!(error.to_string().starts_with("cannot load PDFium from"), "{error}");
    }
}
