//! Pages of small PDF files written by hand, through the real library. Without it (`QUIRE_PDFIUM`, or
//! `cargo xtask setup`) these tests fail.

#![allow(clippy::unwrap_used)]

mod support;

use quire_pdf::{DarkPaper, PdfError, Renderer, Tile};
use support::{pdf, renderer};

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

#[test]
fn tiles_of_a_page_are_the_page() {
    let content = "1 0 0 rg 10 10 30 20 re f BT /F 12 Tf 20 25 Td (Hello) Tj ET";
    let document = renderer().open(pdf(&[(100, 50, content)])).unwrap();
    let whole = document.render(0, 3.0).unwrap();
    let mut put_together = vec![0; whole.rgba.len()];
    for (x, y) in [(0, 0), (150, 0), (0, 70), (150, 70)] {
        let tile = Tile { x, y, width: 150, height: if y == 0 { 70 } else { 80 } };
        let part = document.render_tile(0, 3.0, tile).unwrap();
        for (row, pixels) in part.rgba.chunks(150 * 4).enumerate() {
            let at = ((y as usize + row) * 300 + x as usize) * 4;
            put_together[at..at + 600].copy_from_slice(pixels);
        }
    }
    assert!(put_together == whole.rgba, "the tiles differ from the page");
    for tile in [
        Tile { x: 299, y: 0, width: 2, height: 1 },
        Tile { x: 0, y: 0, width: 0, height: 1 },
        Tile { x: u32::MAX, y: 0, width: u32::MAX, height: 1 },
    ] {
        let error = document.render_tile(0, 3.0, tile).unwrap_err();
        assert!(matches!(error, PdfError::Size { .. }), "{error}");
    }
}

#[test]
fn at_high_zoom_a_tile_is_rendered_where_the_page_is_too_large() {
    let document = renderer().open(pdf(&[(2000, 2000, "0 1000 1000 1000 re f")])).unwrap();
    assert!(matches!(document.render(0, 8.0), Err(PdfError::Size { .. })));
    let tile = Tile { x: 7_990, y: 4_000, width: 20, height: 5 };
    let part = document.render_tile(0, 8.0, tile).unwrap();
    assert_eq!(part.rgba[..4], [0, 0, 0, 255]);
    assert_eq!(part.rgba[19 * 4..20 * 4], [255, 255, 255, 255]);
}

#[test]
fn dark_paper_turns_lightness_over_and_keeps_hues() {
    let content = "1 0 0 rg 0 0 50 50 re f 0 0 0.4 rg 50 0 50 25 re f";
    let document = renderer().open(pdf(&[(100, 50, content)])).unwrap();
    let mut picture = document.render(0, 1.0).unwrap();
    picture.darken(DarkPaper { paper: [20; 3], ink: [235; 3] });
    let pixel = |x: usize, y: usize| &picture.rgba[(y * 100 + x) * 4..][..4];
    assert_eq!(pixel(75, 5), [20, 20, 20, 255], "paper");
    assert_eq!(pixel(25, 25), [235, 20, 20, 255], "red is as light as before");
    assert_eq!(pixel(75, 45), [149, 149, 235, 255], "dark blue becomes light blue");
}

#[test]
fn webp_is_lossless() {
    let content = "0.2 0.4 0.6 rg 10 10 30 20 re f BT /F 12 Tf 20 25 Td (Hello) Tj ET";
    let document = renderer().open(pdf(&[(100, 50, content)])).unwrap();
    let picture = document.render(0, 2.0).unwrap();
    let webp = picture.to_webp().unwrap();
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&webp)).unwrap();
    assert_eq!(decoder.dimensions(), (200, 100));
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    let opaque: Vec<u8> = match decoder.has_alpha() {
        true => pixels,
        false => pixels.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
    };
    assert!(opaque == picture.rgba);
}
