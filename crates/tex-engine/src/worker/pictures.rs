//! Looks at pictures before the engine does: its readers end the whole process on a damaged one.
//!
//! Only what can be seen without unpacking is checked, the structure and the checksums: a picture is
//! unpacked once, by the engine.

/// A white pixel, for pictures that cannot be converted.
pub(super) const BLANK: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\
    \x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\x9c\x63\
    \xf8\x0f\x00\x01\x01\x01\x00\xb1\x38\xf6\x14\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\
    \x82";

const EXPORT_AGAIN: &str = "Export the picture again, or copy it again from where it came from.";
const CUT_SHORT: &str = "it is damaged: it ends in the middle";

/// Why the engine must not see a file of this name: what is wrong; and what to do. `None` for all
/// that is fine, or that it reads without harm.
pub(super) fn fault(name: &str, bytes: &[u8]) -> Option<String> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    if !["png", "jpg", "jpeg", "pdf"].contains(&extension.as_str()) {
        return None;
    }
    let (wrong, cure) = if bytes.is_empty() {
        ("it is empty".to_owned(), EXPORT_AGAIN)
    } else if bytes.starts_with(PNG) {
        (png_fault(bytes)?, EXPORT_AGAIN)
    } else if bytes.starts_with(b"\xff\xd8") {
        (jpeg_fault(bytes)?, EXPORT_AGAIN)
    } else if bytes[..bytes.len().min(1024)].windows(5).any(|five| five == b"%PDF-") {
        return None;
    } else {
        let (kind, cure) = other_kind(bytes)?;
        (format!("it is {kind}"), cure)
    };
    Some(format!("the picture `{name}` cannot be used: {wrong}; {cure}"))
}

/// What a file is that neither begins like a picture of a kind the engine takes nor like PDF.
fn other_kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const CONVERT: &str =
        "Convert it to PNG, JPEG or PDF: the name alone does not change its kind.";
    const DOWNLOAD: &str = "A download or an export went wrong. Get the picture itself.";
    let start = bytes.trim_ascii_start();
    let is_text =
        |word: &[u8]| start.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    Some(if start.starts_with(b"version https://git-lfs") {
        ("only a pointer of Git LFS", "Fetch the picture itself with `git lfs pull`.")
    } else if is_text(b"<!doctype html") || is_text(b"<html") {
        ("a web page and no picture", DOWNLOAD)
    } else if is_text(b"<svg") || is_text(b"<?xml") {
        ("an SVG or XML file", CONVERT)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        ("a WebP picture", CONVERT)
    } else if bytes.starts_with(b"GIF8") {
        ("a GIF picture", CONVERT)
    } else if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
        ("a TIFF picture", CONVERT)
    } else if bytes.get(4..8) == Some(b"ftyp") {
        ("a HEIC or AVIF picture or a film", CONVERT)
    } else if bytes.starts_with(b"BM")
        || bytes.starts_with(b"%!")
        || bytes.starts_with(b"\0\0\0\x0cjP")
    {
        // The engine takes these, or tells what it cannot do with them.
        return None;
    } else {
        ("no picture that the engine knows", DOWNLOAD)
    })
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// PNG specification, chapter 5: chunks of a length, a name, data and a checksum.
fn png_fault(bytes: &[u8]) -> Option<String> {
    let mut rest = &bytes[PNG.len()..];
    let (mut is_first, mut has_pixels) = (true, false);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let end = length.saturating_add(4);
        let (Some(named), Some(sum)) =
            (after.get(..end), after.get(end..).and_then(|s| s.get(..4)))
        else {
            return Some(CUT_SHORT.to_owned());
        };
        let (name, data) = named.split_at(4);
        // What has a small first letter is for decoration.
        if name[0].is_ascii_uppercase() && crc32fast::hash(named).to_be_bytes() != *sum {
            let name = String::from_utf8_lossy(name);
            return Some(format!("it is damaged: the checksum of its part {name} is wrong"));
        }
        if is_first {
            let sides = data.get(..8).filter(|_| name == b"IHDR");
            let Some(sides) = sides else { return Some("it is damaged: it has no header".into()) };
            if sides[..4] == [0; 4] || sides[4..] == [0; 4] {
                return Some("it is damaged: it has no width or height".to_owned());
            }
            is_first = false;
        }
        has_pixels |= name == b"IDAT";
        if name == b"IEND" {
            return (!has_pixels).then(|| "it is damaged: it has no pixels".to_owned());
        }
        rest = &after[end + 4..];
    }
    Some(CUT_SHORT.to_owned())
}

/// JPEG (ITU T.81, annex B): segments up to the frame header, which has the size.
fn jpeg_fault(bytes: &[u8]) -> Option<String> {
    let mut at = 2;
    loop {
        let Some(&[mark, kind]) = bytes.get(at..at + 2) else { return Some(CUT_SHORT.to_owned()) };
        if mark != 0xff {
            return Some("it is damaged: there is no header where one must be".to_owned());
        }
        match kind {
            // Filling, and markers that stand alone.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    return Some(CUT_SHORT.to_owned());
                };
                let length = usize::from(u16::from_be_bytes([high, low]));
                let Some(segment) = bytes.get(at + 2..at + 2 + length.max(2)) else {
                    return Some(CUT_SHORT.to_owned());
                };
                if matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc) {
                    let sides = segment.get(3..7);
                    let none = sides.is_none_or(|s| s[..2] == [0; 2] || s[2..] == [0; 2]);
                    return none.then(|| "it is damaged: it has no width or height".to_owned());
                }
                if kind == 0xda || kind == 0xd9 {
                    return Some("it is damaged: it has no frame header".to_owned());
                }
                at += 2 + length.max(2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLANK, fault};

    #[test]
    fn whole_pictures_and_other_files_pass() {
        assert_eq!(fault("blank.png", BLANK), None);
        assert_eq!(
            fault("a jpeg named.png", b"\xff\xd8\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0"),
            None
        );
        assert_eq!(fault("a.pdf", b"%PDF-1.4\n"), None);
        assert_eq!(fault("main.tex", b""), None);
    }

    #[test]
    fn every_cut_of_a_png_is_seen() {
        for length in 0..BLANK.len() {
            assert!(fault("a.png", &BLANK[..length]).is_some(), "{length} bytes");
        }
    }

    #[test]
    fn every_flipped_byte_of_a_png_is_seen() {
        for at in 0..BLANK.len() {
            let mut bytes = BLANK.to_vec();
            bytes[at] ^= 0x20;
            assert!(fault("a.png", &bytes).is_some(), "byte {at}");
        }
    }
}
