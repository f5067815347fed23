//! The pages of a run that is still going on, and any one of them as an XDV file of its own.

use crate::{
    Sp, XdvError,
    command::{Command, Commands},
    links::{self, NamedPlace},
    movement::say_the_same,
    origin::{self, Lines},
    paper::{PaperSize, PaperSpecial, paper_special, size_of_last},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::{Arc, OnceLock},
};

/// Pages as they are shipped out.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    preamble: Arc<[u8]>,
    pages: Vec<Arc<ShippedPage>>,
}

/// One page: its bytes, and what later pages need of it.
#[derive(Clone, Debug)]
struct ShippedPage {
    bytes: Arc<[u8]>,
    fonts_defined: Vec<(u32, Range<usize>)>,
    fonts_used: BTreeSet<u32>,
    /// Specials whose effect outlasts the page.
    lasting: Vec<(Lasting, Range<usize>)>,
    /// What it says of its paper.
    paper: Vec<PaperSpecial>,
    /// Specials that are links to places with names.
    links: Vec<Range<usize>>,
    /// Files of the pictures that stand on it.
    pictures: BTreeSet<Vec<u8>>,
    /// What it says, once that is asked.
    lines: OnceLock<Lines>,
}

impl ShippedPage {
    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.bytes))
    }

    /// What is behind the pointer to the page before, with an address of `scheme` in each link in place of the name.
    fn with_addresses(&self, scheme: &str) -> Option<Vec<u8>> {
        let (mut out, mut at) = (Vec::with_capacity(self.bytes.len()), POINTER.end);
        for link in &self.links {
            out.extend(self.bytes.get(at..link.start)?);
            out.extend(links::with_address(self.bytes.get(link.clone())?, scheme)?);
            at = link.end;
        }
        out.extend(self.bytes.get(at..)?);
        Some(out)
    }
}

/// Where a page points to the one before it.
const POINTER: Range<usize> = 41..45;

/// `down4`.
const DOWN: u8 = 160;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lasting {
    PushColor,
    PopColor,
    /// Objects, map lines, backgrounds: in force until the end.
    Setting,
}

/// The length of the page that `bytes` begin with; `None` when it does not end in them.
pub fn page_length(bytes: &[u8]) -> Option<usize> {
    let mut commands = Commands::new(bytes, 0);
    loop {
        if matches!(commands.next().ok()??, Command::Eop) {
            return Some(commands.at);
        }
    }
}

impl Stream {
    /// A run with this preamble and no pages yet.
    pub fn new(preamble: Arc<[u8]>) -> Self {
        Self { preamble, pages: Vec::new() }
    }

    /// Number of pages.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// True before the first page.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Keep only the first `pages`.
    pub fn truncate(&mut self, pages: usize) {
        self.pages.truncate(pages);
    }

    /// The bytes of a page, counted from nought.
    pub fn page(&self, index: usize) -> Option<&Arc<[u8]>> {
        self.pages.get(index).map(|page| &page.bytes)
    }

    /// Add the next page, from `bop` to `eop`.
    pub fn push(&mut self, bytes: Arc<[u8]>) -> Result<(), XdvError> {
        let mut page = ShippedPage {
            bytes: bytes.clone(),
            fonts_defined: Vec::new(),
            fonts_used: BTreeSet::new(),
            lasting: Vec::new(),
            paper: Vec::new(),
            links: Vec::new(),
            pictures: BTreeSet::new(),
            lines: OnceLock::new(),
        };
        let magnification = self.magnification();
        let mut commands = Commands::new(&bytes, 0);
        loop {
            let start = commands.at;
            let Some(command) = commands.next()? else { break };
            let range = start..commands.at;
            match command {
                Command::DefineFont(number, _) => page.fonts_defined.push((number, range)),
                Command::Font(number) => {
                    page.fonts_used.insert(number);
                }
                Command::Special(text) => {
                    if let Some(lasting) = lasting(text) {
                        page.lasting.push((lasting, range));
                    } else if links::is_link(text) {
                        page.links.push(range);
                    }
                    page.pictures.extend(links::picture(text).map(<[u8]>::to_vec));
                    page.paper.extend(paper_special(text, magnification));
                }
                _ => {}
            }
        }
        self.pages.push(Arc::new(page));
        Ok(())
    }

    /// How large a page, counted from nought, is as PDF.
    pub fn paper(&self, index: usize) -> Option<PaperSize> {
        let pages = self.pages.get(..=index)?;
        size_of_last(pages.iter().map(|page| page.paper.as_slice()))
    }

    /// How much larger all lengths are on the pages; 1 for most documents.
    pub fn magnification(&self) -> f64 {
        let thousandths = self.preamble.get(10..14).and_then(|bytes| bytes.try_into().ok());
        thousandths.map_or(1.0, |bytes| f64::from(u32::from_be_bytes(bytes)) / 1000.0)
    }

    /// Whether a page, counted from nought, says the same as that of another run: the pointer to the page before
    /// it does not count, nor whether movements are written out or repeated.
    pub fn is_same_page(&self, index: usize, other: &Self) -> bool {
        match (self.pages.get(index), other.pages.get(index)) {
            (Some(a), Some(b)) => {
                Arc::ptr_eq(a, b) || a.bytes == b.bytes || say_the_same(&a.bytes, &b.bytes)
            }
            _ => false,
        }
    }

    /// Take a page of another run, with its preamble, in the place of the own one of that number, or behind the
    /// last.
    pub fn take_page(&mut self, index: usize, other: &Self) {
        let Some(page) = other.pages.get(index) else { return };
        self.preamble = other.preamble.clone();
        if index < self.pages.len() {
            self.pages[index] = page.clone();
        } else if index == self.pages.len() {
            self.pages.push(page.clone());
        }
    }

    /// One page, counted from nought, as a whole XDV file: with the fonts that it uses, the colours that are
    /// open when it begins, and the settings of the pages before it.
    pub fn slice(&self, index: usize) -> Option<Vec<u8>> {
        self.file_of(index, self.pages.get(index)?.bytes.get(POINTER.end..)?)
    }

    /// The same; its links to places in the document, which it does not have, lead to addresses `scheme:name`.
    pub fn slice_with_addresses(&self, index: usize, scheme: &str) -> Option<Vec<u8>> {
        self.file_of(index, &self.pages.get(index)?.with_addresses(scheme)?)
    }

    /// The files of the pictures that stand on a page, as it names them.
    pub fn pictures(&self, index: usize) -> impl Iterator<Item = &[u8]> {
        self.pages.get(index).into_iter().flat_map(|page| page.pictures.iter().map(Vec::as_slice))
    }

    /// The places that have names, in the order of pages.
    pub fn places(&self) -> Vec<NamedPlace> {
        let pages = self.pages.iter().enumerate();
        pages.flat_map(|(index, page)| links::places(&page.bytes, index)).collect()
    }

    /// Where most of what a page says, counted from nought, stood in another run. None: nowhere near.
    pub fn origin(&self, index: usize, before: &Self) -> Option<usize> {
        let page = self.pages.get(index)?;
        origin::origin(page.lines(), index, |place| Some(before.pages.get(place)?.lines()))
    }

    /// How far lower another run's page, counted from nought, says what stands right above a special on ours.
    pub fn moved_down(&self, index: usize, special: &[u8], other: &Self) -> Option<Sp> {
        let (own, other) = (self.pages.get(index)?, other.pages.get(index)?);
        origin::moved_down(&own.bytes, special, &other.bytes)
    }

    /// One page as [`slice`](Self::slice) has it, with all that stands on it so much lower.
    pub fn slice_moved_down(&self, index: usize, by: Sp) -> Option<Vec<u8>> {
        let page = self.pages.get(index)?.bytes.get(POINTER.end..)?;
        self.file_of(index, &[&[DOWN], &by.0.to_be_bytes()[..], page].concat())
    }

    fn file_of(&self, index: usize, behind_pointer: &[u8]) -> Option<Vec<u8>> {
        let page = self.pages.get(index)?;
        let mut out = self.preamble.to_vec();
        let at = out.len() as u32;
        out.extend(page.bytes.get(..POINTER.start)?);
        out.extend(u32::MAX.to_be_bytes());
        for special in self.in_force(index) {
            out.extend(special);
        }
        let fonts = self.fonts(index);
        for (number, definition) in &fonts {
            let is_of_this_page = page.fonts_defined.iter().any(|(own, _)| own == number);
            if !is_of_this_page {
                out.extend(*definition);
            }
        }
        out.extend(behind_pointer);
        let post = out.len() as u32;
        out.push(248);
        out.extend(at.to_be_bytes());
        // Unit of length and magnification, as in the preamble.
        out.extend(self.preamble.get(2..14)?);
        // The tallest page, the widest, the deepest stack: only for readers that reserve memory.
        out.extend([0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x00, 0xff]);
        out.extend(1_u16.to_be_bytes());
        for definition in fonts.values() {
            out.extend(*definition);
        }
        out.push(249);
        out.extend(post.to_be_bytes());
        out.push(*self.preamble.get(1)?);
        out.extend([223; 4]);
        while !out.len().is_multiple_of(4) {
            out.push(223);
        }
        Some(out)
    }

    /// Definitions of the fonts that a page uses.
    fn fonts(&self, index: usize) -> BTreeMap<u32, &[u8]> {
        let used = &self.pages[index].fonts_used;
        let mut fonts = BTreeMap::new();
        for page in self.pages[..=index].iter().rev() {
            if fonts.len() == used.len() {
                break;
            }
            for (number, range) in &page.fonts_defined {
                if used.contains(number) {
                    fonts.entry(*number).or_insert(&page.bytes[range.clone()]);
                }
            }
        }
        fonts
    }

    fn in_force(&self, index: usize) -> Vec<&[u8]> {
        let mut kept: Vec<(Lasting, &[u8])> = Vec::new();
        for page in &self.pages[..index] {
            for (lasting, range) in &page.lasting {
                if *lasting == Lasting::PopColor {
                    if let Some(at) = kept.iter().rposition(|(kind, _)| *kind == Lasting::PushColor)
                    {
                        kept.remove(at);
                    }
                } else {
                    kept.push((*lasting, &page.bytes[range.clone()]));
                }
            }
        }
        kept.into_iter().map(|(_, special)| special).collect()
    }
}

/// Whether the effect of a special outlasts the page.
pub(crate) fn is_lasting(special: &[u8]) -> bool {
    lasting(special).is_some()
}

fn lasting(special: &[u8]) -> Option<Lasting> {
    let word = |prefix: &str| special.starts_with(prefix.as_bytes());
    if word("color push") {
        return Some(Lasting::PushColor);
    }
    if word("color pop") {
        return Some(Lasting::PopColor);
    }
    const SETTINGS: [&str; 16] = [
        "pdf:mapline",
        "pdf:mapfile",
        "pdf:obj",
        "pdf:object",
        "pdf:put",
        "pdf:stream",
        "pdf:fstream",
        "pdf:bgcolor",
        "pdf:tounicode",
        "pdf:majorversion",
        "pdf:minorversion",
        "pdf:image @",
        "background",
        "papersize",
        "dvipdfmx:config",
        "x:textcolor",
    ];
    SETTINGS.iter().any(|prefix| word(prefix)).then_some(Lasting::Setting)
}
