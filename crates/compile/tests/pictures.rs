//! Pictures that are damaged, or of a kind that the engine does not take: the picture is named, with
//! its place, and the rest of the document is built.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::{
    build::{BuildOutcome, BuildResult},
    diagnostics::SourceFile,
};
use support::{Project, codes};

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind);
    sum.update(data);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], kind, data, &sum.finalize().to_be_bytes()].concat()
}

/// A grey picture with these pixels as zlib writes them (stored, not compressed).
fn png(width: u8, stored: &[u8]) -> Vec<u8> {
    let header = [0, 0, 0, width, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    let parts = [chunk(b"IHDR", &header), chunk(b"IDAT", stored), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n", &parts.concat()[..]].concat()
}

/// One row of one black pixel.
const PIXEL: &[u8] = b"\x78\x01\x01\x02\x00\xfd\xff\x00\x00\x00\x02\x00\x01";

fn build(name: &'static str, bytes: &[u8]) -> (Project, BuildResult) {
    let text = format!(
        "\\documentclass{{article}}\\usepackage{{graphicx}}\n\\begin{{document}}\nText.\n\n\
         See \\includegraphics[width=2cm]{{{name}}}.\n\\end{{document}}\n"
    );
    let project = Project::new(&[("main.tex", &text)]);
    project.write(name, bytes);
    let result = project.build();
    (project, result)
}

/// The picture is blamed in its line, nothing else is told, and there is a PDF without it.
fn check(name: &'static str, bytes: &[u8], code: &str, words: &str) {
    let (_project, result) = build(name, bytes);
    assert_eq!(codes(&result), [code], "{name}: {:#?}", result.diagnostics);
    let told = &result.diagnostics[0];
    let place = told.place.as_ref().unwrap();
    assert!(matches!(&place.file, SourceFile::Project(path) if path.as_str() == "main.tex"));
    assert_eq!(place.first_line.0, 5, "{name}");
    let all = format!("{} {}", told.message, told.explanation);
    assert!(told.message.contains(name) && all.contains(words), "{name}: {all}");
    assert_eq!(result.outcome, BuildOutcome::Errors, "{name}");
    assert!(result.pdf.is_some(), "{name}: no PDF");
}

#[test]
fn a_whole_picture_is_fine() {
    let (_project, result) = build("dot.png", &png(1, PIXEL));
    assert_eq!(codes(&result), [""; 0]);
}

#[test]
fn damaged_pngs_are_named() {
    let good = png(1, PIXEL);
    let mut header = good.clone();
    header[29] ^= 0xff;
    check("header.png", &header, "damaged-picture", "checksum");
    let mut pixels = good.clone();
    pixels[45] ^= 0xff;
    check("pixels.png", &pixels, "damaged-picture", "checksum");
    check("half.png", &good[..good.len() / 2], "damaged-picture", "ends in the middle");
    check("no-end.png", &good[..good.len() - 12], "damaged-picture", "ends in the middle");
    check("flat.png", &png(0, PIXEL), "damaged-picture", "no width");
    check("empty.png", b"", "damaged-picture", "empty");
}

/// The checksums are right, so that only the conversion to PDF finds out.
#[test]
fn a_png_with_nonsense_for_pixels_is_left_blank() {
    let mut stored = PIXEL.to_vec();
    stored[3] = 0xff;
    check("nonsense.png", &png(1, &stored), "damaged-picture", "left blank");
}

#[test]
fn files_that_are_no_pictures_are_told_apart() {
    check("page.png", b"<!DOCTYPE html><html>404</html>", "damaged-picture", "web page");
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    check("large.png", pointer, "damaged-picture", "git lfs pull");
    check("photo.jpg", b"RIFF\x24\0\0\0WEBPVP8 ", "damaged-picture", "WebP");
    check("anim.png", b"GIF89a\x01\0\x01\0", "damaged-picture", "GIF");
}

#[test]
fn damaged_jpegs_are_named() {
    check("head.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", "damaged-picture", "ends in the middle");
    check("empty.jpeg", b"", "damaged-picture", "empty");
}

#[test]
fn damaged_pdfs_are_named() {
    check("half.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type /Cat", "damaged-picture", "password");
    check("page.pdf", b"<html>404</html>", "damaged-picture", "web page");
    check("empty.pdf", b"", "damaged-picture", "empty");
}

#[test]
fn kinds_that_need_converting_are_told_and_left_blank() {
    let eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n0 0 moveto showpage\n%%EOF\n";
    check("old.eps", eps, "eps-picture", "PDF");
    check("web.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "svg-picture", "PDF");
}

/// With the package subfiles, `\graphicspath{{img/}}` leads to `img//plot.eps`.
#[test]
fn a_picture_with_a_doubled_slash_in_its_path_is_left_blank() {
    let text = "\\documentclass{article}\\usepackage{graphicx}\n\\graphicspath{{img//}}\n\
                \\begin{document}\nA \\includegraphics{plot.eps}\n\\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    project.write("img/plot.eps", "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n");
    let result = project.build();
    assert_eq!(codes(&result), ["eps-picture"], "{:#?}", result.diagnostics);
    assert!(result.pdf.is_some());
}
