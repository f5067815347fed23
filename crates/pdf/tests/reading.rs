//! What is read from pages: words, links, the outline, matches. And what damaged files do to that.

#![allow(clippy::unwrap_used)]

mod support;

use quire_pdf::{Gap, LinkTarget, Place};
use support::{pdf, renderer, with_objects};

#[test]
fn words_have_boxes_gaps_and_direction() {
    let content = "BT /F 10 Tf 20 80 Td (one two) Tj 0 -20 Td (three) Tj ET \
                   BT /F 10 Tf 0 1 -1 0 150 20 Tm (up) Tj ET";
    let document = renderer().open(pdf(&[(200, 100, content)])).unwrap();
    let words = document.page_text(0).unwrap().words();
    let told: Vec<(&str, Gap, f32)> =
        words.iter().map(|w| (w.text.as_str(), w.gap, w.angle.round())).collect();
    let expected = [
        ("one", Gap::Space, 0.0),
        ("two", Gap::Line, 0.0),
        ("three", Gap::Line, 0.0),
        ("up", Gap::Line, -90.0),
    ];
    assert_eq!(told, expected);
    let one = words[0].rect;
    assert!((one.x - 20.0).abs() < 1.0 && one.y < 20.0 && one.y + one.height > 20.0, "{one:?}");
    let up = words[3].rect;
    assert!(up.height > up.width * 0.9 && up.x < 150.0 && up.y + up.height < 81.0, "{up:?}");
}

#[test]
fn a_turned_and_cut_page_is_read_as_it_is_shown() {
    // The sheet is turned by a quarter; its left 100 points are cut off.
    let page = "10 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/CropBox[100 0 300 200]\
                /Rotate 90/Contents 11 0 R/Resources<</Font<</F 3 0 R>>>>>>endobj\n";
    let content = "BT /F 10 Tf 120 150 Td (Word) Tj ET";
    let document = renderer().open(with_objects(&[(300, 200, content)], "", page)).unwrap();
    assert_eq!((document.pages()[0].width, document.pages()[0].height), (200.0, 200.0));
    let words = document.page_text(0).unwrap().words();
    assert_eq!(words[0].angle.round(), 90.0);
    // 50 below the sheet's upper edge, which is now the right one; 20 from the cut, now the upper edge.
    let rect = words[0].rect;
    assert!((rect.y - 20.0).abs() < 1.0, "{rect:?}");
    assert!(rect.x < 150.0 && rect.x + rect.width > 150.0, "{rect:?}");
}

#[test]
fn links_lead_to_places_and_out() {
    let objects = "500 0 obj[<</Type/Annot/Subtype/Square/Rect[0 0 5 5]>>\
        <</Type/Annot/Subtype/Link/Rect[10 70 40 80]/Dest[12 0 R/XYZ 30 60 null]>>\
        <</Type/Annot/Subtype/Link/Rect[10 50 40 60]/A<</S/URI/URI(https://example.org/a)>>>>\
        <</Type/Annot/Subtype/Link/Rect[10 30 40 40]/A<</S/GoTo/D(there)>>>>\
        <</Type/Annot/Subtype/Link/Rect[1 1 2 2]/Dest[99 0 R/Fit]>>]endobj\n";
    let names = "/Dests<</there[10 0 R/FitH 75]>>";
    let bytes = with_objects(&[(100, 100, ""), (100, 90, "")], names, objects);
    let document = renderer().open(bytes).unwrap();
    let links = document.links(0).unwrap();
    let targets: Vec<&LinkTarget> = links.iter().map(|link| &link.target).collect();
    let place = |page, x, y| LinkTarget::Place(Place { page, x, y });
    assert_eq!(targets.len(), 3, "{links:?}");
    assert_eq!(*targets[0], place(1, Some(30.0), Some(30.0)));
    assert_eq!(*targets[1], LinkTarget::Uri("https://example.org/a".to_owned()));
    assert_eq!(*targets[2], place(0, None, Some(25.0)));
    let rect = links[0].rect;
    assert_eq!((rect.x, rect.y, rect.width, rect.height), (10.0, 20.0, 30.0, 10.0));
    assert_eq!(document.links(1).unwrap(), []);
}

#[test]
fn the_outline_is_a_tree() {
    let objects = "600 0 obj<</First 601 0 R/Last 603 0 R/Count 2>>endobj\n\
        601 0 obj<</Title(One)/Parent 600 0 R/Next 603 0 R/First 602 0 R/Last 602 0 R/Count 1\
        /Dest[10 0 R/XYZ 0 100 null]>>endobj\n\
        602 0 obj<</Title<FEFF00C400E4>/Parent 601 0 R/Dest[12 0 R/Fit]>>endobj\n\
        603 0 obj<</Title(Two)/Parent 600 0 R/Prev 601 0 R>>endobj\n";
    let bytes = with_objects(&[(100, 100, ""), (100, 90, "")], "/Outlines 600 0 R", objects);
    let outline = renderer().open(bytes).unwrap().outline().unwrap();
    assert_eq!(outline.len(), 2);
    assert_eq!((outline[0].title.as_str(), outline[1].title.as_str()), ("One", "Two"));
    assert_eq!(outline[0].place, Some(Place { page: 0, x: Some(0.0), y: Some(0.0) }));
    assert_eq!(outline[0].children[0].title, "Ää");
    assert_eq!(outline[0].children[0].place, Some(Place { page: 1, x: None, y: None }));
    assert_eq!(outline[1].place, None);
}

#[test]
fn an_outline_that_bites_its_tail_ends() {
    let objects = "600 0 obj<</First 601 0 R/Last 601 0 R/Count 1>>endobj\n\
        601 0 obj<</Title(One)/Parent 600 0 R/Next 602 0 R/First 601 0 R>>endobj\n\
        602 0 obj<</Title(Two)/Parent 600 0 R/Next 601 0 R/First 600 0 R>>endobj\n";
    let bytes = with_objects(&[(100, 100, "")], "/Outlines 600 0 R", objects);
    let outline = renderer().open(bytes).unwrap().outline().unwrap();
    assert_eq!(outline[0].title, "One");
}

#[test]
fn search_finds_over_lines_and_counts_pages_from_zero() {
    let content = "BT /F 10 Tf 20 80 Td (see the Great) Tj 0 -12 Td (wall of text) Tj ET";
    let bytes = pdf(&[(200, 100, ""), (200, 100, content)]);
    let document = renderer().open(bytes).unwrap();
    let matches = document.search("great wall", false).unwrap();
    assert_eq!((matches.len(), matches[0].page, matches[0].rects.len()), (1, 1, 2));
    assert!(matches[0].rects[1].y > matches[0].rects[0].y && matches[0].rects[1].x < 25.0);
    assert_eq!(document.search("great wall", true).unwrap(), []);
}

#[test]
fn a_word_that_is_broken_over_lines_is_two_words_and_is_found_as_one() {
    let content = "BT /F 10 Tf 20 80 Td (it is well known and extraor-) Tj 0 -12 Td (dinarily so: hyphen-) Tj \
                   0 -12 Td (ation is) Tj ET";
    let document = renderer().open(pdf(&[(200, 100, content)])).unwrap();
    let words = document.page_text(0).unwrap().words();
    let told: Vec<(&str, Gap)> = words.iter().map(|w| (w.text.as_str(), w.gap)).collect();
    assert_eq!(
        told[5..8],
        [("extraor-", Gap::Line), ("dinarily", Gap::Space), ("so:", Gap::Space)]
    );
    assert!(words.iter().all(|word| word.rect.height < 15.0), "{words:?}");
    for (query, boxes) in [("extraordinarily", 2), ("hyphenation", 2), ("and extraor-dinarily", 2)]
    {
        let matches = document.search(query, false).unwrap();
        assert_eq!(matches.iter().map(|m| m.rects.len()).collect::<Vec<_>>(), [boxes], "{query}");
    }
}

/// Every question about a document that opens at all.
fn ask_everything(bytes: Vec<u8>, seed: &str) {
    let Ok(document) = renderer().open(bytes) else { return };
    let _ = document.outline();
    let _ = document.search("a", false);
    for page in 0..document.pages().len().min(4) {
        let _ = document.links(page);
        let _ = document.render(page, 0.5).map(|picture| picture.to_webp());
        for word in document.page_text(page).map(|text| text.words()).unwrap_or_default() {
            assert!(!word.text.is_empty(), "{seed}");
        }
    }
    // The thread still lives.
    assert_eq!(renderer().open(pdf(&[(10, 10, "")])).unwrap().pages().len(), 1, "{seed}");
}

#[test]
fn damaged_files_are_survived() {
    let objects = "500 0 obj[<</Type/Annot/Subtype/Link/Rect[10 70 40 80]/Dest[12 0 R/XYZ 30 60 null]>>\
        <</Type/Annot/Subtype/Link/Rect[10 50 40 60]/A<</S/URI/URI(https://example.org/a)>>>>]endobj\n\
        600 0 obj<</First 601 0 R/Last 601 0 R/Count 1>>endobj\n\
        601 0 obj<</Title(One)/Parent 600 0 R/Dest[10 0 R/XYZ 0 100 null]>>endobj\n";
    let content = "BT /F 10 Tf 20 80 Td (some text here) Tj ET";
    let whole = with_objects(&[(100, 100, content), (100, 90, "")], "/Outlines 600 0 R", objects);
    let seed: u64 = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("QUIRE_SEED={seed}");
    let pieces: [&[u8]; 8] =
        [b"-", b"99999999999", b"1e38", b"<<", b"]", b" 0 R", b"\xfe\xff\xd8\x00", b"/Rotate 45"];
    for round in 0..400_u64 {
        let mut random = fastrand::Rng::with_seed(seed ^ (round << 32));
        let mut bytes = whole.clone();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(0..bytes.len());
            match random.u8(0..4) {
                0 => bytes[at] = random.u8(..),
                1 => bytes[at] = b'0' + random.u8(0..10),
                2 => bytes.truncate(at.max(9)),
                _ => {
                    let piece = pieces[random.usize(0..pieces.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
        }
        ask_everything(bytes, &format!("QUIRE_SEED={seed}, round {round}"));
    }
}
