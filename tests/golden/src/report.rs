//! The page to look at when something differs: each page as it was, as it is, and what changed.

use crate::{
    compare::{Differences, picture_name},
    pages::Found,
};
use anyhow::{Context, Result, ensure};
use quire_pdf::Picture;
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
};

const STYLE: &str = "body{font:14px sans-serif;margin:2em;background:#eee}\
    td{vertical-align:top;padding:4px}img{border:1px solid #999;background:#fff}\
    pre{background:#fff;padding:1em;overflow:auto}.gone{background:#fdd}.new{background:#dfd}";

/// Write the report of a document into `place`; returns the page.
pub(crate) fn write(
    found: &Found,
    differences: &Differences,
    expected: &Path,
    place: &Path,
) -> Result<PathBuf> {
    fs::create_dir_all(place)?;
    let mut html = format!(
        "<!doctype html><meta charset=utf-8><title>{0}</title><style>{STYLE}</style><h1>{0}</h1>",
        escaped(&found.name)
    );
    for page in &differences.pages {
        write!(html, "<h2>Page {}</h2><table><tr>", page + 1)?;
        let old = expected.join(picture_name(*page));
        let was = if old.is_file() { Some(read_png(&old)?) } else { None };
        let is = found.pages.get(*page).map(|page| &page.small);
        let changed = was.as_ref().zip(is).and_then(|(was, is)| changes(was, is));
        let shown = [("was", was.as_ref()), ("is", is), ("changed", changed.as_ref())];
        for (title, picture) in shown {
            let Some(picture) = picture else { continue };
            let name = format!("{title}-{}", picture_name(*page));
            write_png(picture, &place.join(&name))?;
            write!(html, "<td>{title}<br><img src='{name}' alt='page as it {title}'></td>")?;
        }
        html += "</tr></table>";
    }
    html += "<h2>Text and boxes</h2><pre>";
    for line in differences.diff.lines() {
        let class = match line.as_bytes().first() {
            Some(b'-') => "gone",
            Some(b'+') => "new",
            _ => "same",
        };
        writeln!(html, "<span class={class}>{}</span>", escaped(line))?;
    }
    html += "</pre>";
    let page = place.join("index.html");
    fs::write(&page, html)?;
    Ok(page)
}

/// Pixels that differ in red, the others pale; `None` when the sizes differ.
fn changes(was: &Picture, is: &Picture) -> Option<Picture> {
    if (was.width, was.height) != (is.width, is.height) {
        return None;
    }
    let pixels = was.rgba.chunks_exact(4).zip(is.rgba.chunks_exact(4));
    let rgba = pixels.flat_map(|(was, is)| {
        if was == is {
            [is[0], is[1], is[2]].map(|byte| 192 + byte / 4).into_iter().chain([255])
        } else {
            [220, 0, 0].into_iter().chain([255])
        }
    });
    Some(Picture { width: is.width, height: is.height, rgba: rgba.collect() })
}

/// Write a picture without its opacity, which is full everywhere.
pub(crate) fn write_png(picture: &Picture, place: &Path) -> Result<()> {
    let file = File::create(place).with_context(|| place.display().to_string())?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let rgb: Vec<u8> =
        picture.rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(())
}

fn read_png(place: &Path) -> Result<Picture> {
    let file = File::open(place).with_context(|| place.display().to_string())?;
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info()?;
    let mut rgb = vec![0; reader.output_buffer_size().context("a picture without bounds")?];
    let info = reader.next_frame(&mut rgb)?;
    ensure!(info.color_type == png::ColorType::Rgb, "{} is not ours", place.display());
    let rgba = rgb.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
    Ok(Picture { width: info.width, height: info.height, rgba })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
