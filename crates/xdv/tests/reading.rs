//! Files put together by hand, command by command.

#![allow(clippy::unwrap_used)]

use quire_xdv::{CharWidths, Fault, Index, Item, Sp};

/// An XDV file in the making.
struct File(Vec<u8>);

impl File {
    fn new() -> Self {
        let mut file = Self(vec![247, 7]);
        file.four(25_400_000).four(473_628_672).four(1_000);
        file.0.push(0);
        file
    }

    fn four(&mut self, number: i32) -> &mut Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self
    }

    fn bop(&mut self, page: i32) -> &mut Self {
        self.bytes(&[139]).four(page);
        (0..9).for_each(|_| {
            self.four(0);
        });
        self.four(-1)
    }

    /// Font 0: `cmr10` at 10 pt.
    fn tfm_font(&mut self) -> &mut Self {
        self.bytes(&[243, 0]).four(0).four(10 << 16).four(10 << 16).bytes(b"\0\x05cmr10")
    }

    /// Font 1: a native one at 12 pt, red.
    fn native_font(&mut self) -> &mut Self {
        self.bytes(&[252]).four(1).four(12 << 16).bytes(&[2, 0, 5]).bytes(b"a.otf").four(3);
        self.four(0xff00_00ff_u32 as i32)
    }

    fn post(&mut self) -> &mut Self {
        self.bytes(&[248])
    }
}

fn two_pages() -> Vec<u8> {
    let mut file = File::new();
    file.bop(1).tfm_font().bytes(&[141, 171, b'A', b'B', 142]);
    // down3, right3, a rule, a special
    file.bytes(&[159, 1, 0, 0, 145, 2, 0, 0, 137]).four(5).four(6).bytes(&[239, 2]).bytes(b"hi");
    file.bytes(&[140]);
    file.bop(2).native_font().bytes(&[172, 254, 0, 1, 0xe9, 0x00]).four(700).bytes(&[0, 2]);
    file.four(0).four(0).four(300).four(-5).bytes(&[0, 40, 1, 0]).bytes(&[140]);
    file.post();
    file.0
}

/// A TFM file whose characters `A` and `B` are 1/2 and 1/4 of the size wide.
fn widths() -> CharWidths {
    let mut tfm = Vec::new();
    for number in [0_u16, 2, 65, 66, 3, 0, 0, 0, 0, 0, 0, 0] {
        tfm.extend(number.to_be_bytes());
    }
    tfm.extend([0; 8]);
    tfm.extend([1, 0, 0, 0, 2, 0, 0, 0]);
    for width in [0_i32, 1 << 19, 1 << 18] {
        tfm.extend(width.to_be_bytes());
    }
    CharWidths::read(&tfm).unwrap()
}

#[test]
fn pages_and_fonts_are_found() {
    let bytes = two_pages();
    let index = Index::read(&bytes).unwrap();
    assert!(index.is_complete);
    assert_eq!(index.pages.iter().map(|page| page.counts[0]).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((index.fonts[&0].name.as_str(), index.fonts[&0].is_native), ("cmr10", false));
    let native = &index.fonts[&1];
    assert_eq!((native.name.as_str(), native.face, native.size), ("a.otf", 3, Sp(12 << 16)));
    assert_eq!(native.color, Some(0xff00_00ff));
}

#[test]
fn everything_stands_where_it_was_put() {
    let bytes = two_pages();
    let index = Index::read(&bytes).unwrap();
    let items = |page: usize| {
        index.items(&bytes, index.pages[page].range.clone(), &|_| Some(widths())).unwrap()
    };
    let first = items(0);
    let places: Vec<(i32, i32)> = first.iter().map(|placed| (placed.h.0, placed.v.0)).collect();
    // `pop` takes back what the characters moved.
    assert_eq!(places, [(0, 0), (5 << 16, 0), (2 << 16, 1 << 16), (2 << 16, 1 << 16)]);
    assert_eq!(first[1].item, Item::Char { font: 0, code: u32::from(b'B') });
    assert_eq!(first[2].item, Item::Rule { width: Sp(6), height: Sp(5) });
    assert_eq!(first[3].item, Item::Special(b"hi"));
    let Item::Glyphs { font, width, glyphs, text } = &items(1)[0].item else { panic!("glyphs") };
    assert_eq!((*font, *width, text.as_deref()), (1, Sp(700), Some("\u{e900}")));
    assert_eq!((glyphs[1].number, glyphs[1].x, glyphs[1].y), (256, Sp(300), Sp(-5)));
}

#[test]
fn a_file_that_still_grows_has_the_pages_that_are_whole() {
    let bytes = two_pages();
    let whole = Index::read(&bytes).unwrap();
    for length in whole.pages[0].range.end..bytes.len() - 1 {
        let index = Index::read(&bytes[..length]).unwrap();
        assert!(!index.is_complete);
        let expected = whole.pages.iter().filter(|page| page.range.end <= length).count();
        assert_eq!(index.pages.len(), expected, "{length} bytes");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let fault = |bytes: &[u8]| Index::read(bytes).unwrap_err().to_string();
    assert_eq!(fault(b"%PDF"), "not a valid XDV file: no preamble at byte 0");
    let mut dvi = File::new().0;
    dvi[1] = 2;
    assert_eq!(fault(&dvi), "not a valid XDV file: format 2, which is not 7 at byte 0");
    let twice = File::new().bop(1).bop(2).0.clone();
    assert_eq!(fault(&twice), "not a valid XDV file: opcode 139 out of place at byte 60");
    let unknown = File::new().bytes(&[250]).0.clone();
    assert_eq!(fault(&unknown), "not a valid XDV file: unknown opcode 250 at byte 15");
}

#[test]
fn a_page_that_pops_too_often_or_sets_in_no_font_is_refused() {
    let fault = |commands: &[u8]| {
        let bytes = File::new().bop(1).bytes(commands).bytes(&[140]).post().0.clone();
        let index = Index::read(&bytes).unwrap();
        index.items(&bytes, index.pages[0].range.clone(), &|_| None).unwrap_err().what
    };
    assert_eq!(fault(&[142]), Fault::StackUnderflow);
    assert_eq!(fault(&[180]), Fault::UndefinedFont(9));
    assert_eq!(fault(b"A"), Fault::UndefinedFont(0));
    assert_eq!(fault(&[141; 20_000]), Fault::StackOverflow(10_000));
}

#[test]
fn a_font_file_that_is_too_short_is_refused() {
    assert!(CharWidths::read(&[0; 23]).is_err());
    assert!(CharWidths::read(&[0xff; 64]).is_err());
}
