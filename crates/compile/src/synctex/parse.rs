//! Takes a SyncTeX file apart. The file may come from anywhere: every number is checked, nothing is
//! read by recursion, and a compressed file may not unfold without bound.

use super::{Node, NodeKind, Source, SyncTex, Units};
use flate2::read::GzDecoder;
use quire_project::ProjectPath;
use std::{
    collections::HashMap,
    io::{self, Read},
};

/// Uncompressed, a thousand pages are about 30 MB.
const MAX_BYTES: u64 = 1 << 30;

/// Why a file is not taken for a SyncTeX file.
#[derive(Debug, thiserror::Error)]
pub enum SyncTexError {
    /// It cannot be uncompressed.
    #[error("cannot uncompress the SyncTeX file: {0}")]
    Compression(#[source] io::Error),
    /// It is larger than any document's.
    #[error("the SyncTeX file is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// It does not begin as a SyncTeX file of version 1 does.
    #[error("not a SyncTeX file of version 1")]
    NotSyncTex,
    /// A record is wrong.
    #[error("line {line} of the SyncTeX file is not a valid record")]
    Record {
        /// Counted from one.
        line: usize,
    },
    /// The file ends before its postamble.
    #[error("the SyncTeX file is cut off")]
    CutOff,
}

impl SyncTex {
    /// Read a SyncTeX file, compressed or not. `to_project` says which names, as TeX read them, are
    /// files of the project.
    pub fn read(
        bytes: &[u8],
        to_project: &dyn Fn(&str) -> Option<ProjectPath>,
    ) -> Result<Self, SyncTexError> {
        let mut unpacked = Vec::new();
        let text = if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut decoder = GzDecoder::new(bytes).take(MAX_BYTES + 1);
            decoder.read_to_end(&mut unpacked).map_err(SyncTexError::Compression)?;
            &unpacked
        } else {
            bytes
        };
        if text.len() as u64 > MAX_BYTES {
            return Err(SyncTexError::TooLarge);
        }
        let mut lines = text.split(|byte| *byte == b'\n');
        if lines.next() != Some(b"SyncTeX Version:1") {
            return Err(SyncTexError::NotSyncTex);
        }
        let mut reader = Reader::new(to_project);
        for (i, line) in lines.enumerate() {
            match reader.record(line) {
                Some(Next::Record) => {}
                Some(Next::Postamble) => return Ok(reader.finish()),
                None => return Err(SyncTexError::Record { line: i + 2 }),
            }
        }
        Err(SyncTexError::CutOff)
    }
}

enum Next {
    Record,
    Postamble,
}

struct Reader<'r> {
    to_project: &'r dyn Fn(&str) -> Option<ProjectPath>,
    done: SyncTex,
    /// The file's own number of a source → index into `sources`.
    tags: HashMap<u32, u32>,
    /// The same from the source itself: a hostile file may name millions.
    indices: HashMap<Source, u32>,
    is_content: bool,
    unit: f64,
    magnification: f64,
    x_offset: f64,
    y_offset: f64,
    /// Boxes that are open.
    open: Vec<u32>,
    page_start: Option<usize>,
    /// How many boxes are open that are on no page.
    beside: u32,
    /// The last vertical place: `=` stands for it.
    last_v: i32,
}

impl<'r> Reader<'r> {
    fn new(to_project: &'r dyn Fn(&str) -> Option<ProjectPath>) -> Self {
        Self {
            to_project,
            done: SyncTex::default(),
            tags: HashMap::new(),
            indices: HashMap::new(),
            is_content: false,
            unit: 1.0,
            magnification: 1_000.0,
            x_offset: 0.0,
            y_offset: 0.0,
            open: Vec::new(),
            page_start: None,
            beside: 0,
            last_v: 0,
        }
    }

    /// Take one line; `None` when it is wrong.
    fn record(&mut self, line: &[u8]) -> Option<Next> {
        if let Some(rest) = line.strip_prefix(b"Input:") {
            self.input(rest)?;
            return Some(Next::Record);
        }
        if !self.is_content {
            self.setting(line)?;
            return Some(Next::Record);
        }
        let (first, rest) = match line.split_first() {
            Some((first, rest)) => (*first, rest),
            // The split leaves an empty piece behind the last line.
            None => return Some(Next::Record),
        };
        match first {
            b'{' if self.page_start.is_none() => self.page_start = Some(self.done.nodes.len()),
            b'}' if self.open.is_empty() => {
                let start = self.page_start.take()?;
                self.done.pages.push(start..self.done.nodes.len());
            }
            // What TeX lays out beside the pages, for a form or to measure it, has no place on one.
            b'[' | b'(' if self.page_start.is_none() => self.beside += 1,
            b']' | b')' if self.page_start.is_none() => self.beside = self.beside.checked_sub(1)?,
            b'h' | b'v' | b'r' | b'x' | b'k' | b'g' | b'$' if self.page_start.is_none() => {}
            b'[' => self.open_box(NodeKind::VBox, rest)?,
            b'(' => self.open_box(NodeKind::HBox, rest)?,
            b']' | b')' => {
                self.open.pop()?;
            }
            b'h' | b'v' => self.node(NodeKind::Void, rest)?,
            b'r' => self.node(NodeKind::Rule, rest)?,
            b'x' | b'k' | b'g' | b'$' => self.node(NodeKind::Point, rest)?,
            b'P' if line.starts_with(b"Postamble:") => {
                let is_closed = self.open.is_empty() && self.beside == 0;
                return (is_closed && self.page_start.is_none()).then_some(Next::Postamble);
            }
            // `!` is the size so far; forms (`<`, `>`, `f`) and what later versions add: not ours.
            b'!' | b'<' | b'>' | b'f' => {}
            b'a'..=b'z' | b'A'..=b'Z' => {}
            _ => return None,
        }
        Some(Next::Record)
    }

    fn input(&mut self, rest: &[u8]) -> Option<()> {
        let colon = rest.iter().position(|byte| *byte == b':')?;
        let tag = number(&rest[..colon])?;
        let name = String::from_utf8_lossy(&rest[colon + 1..]).into_owned();
        let source = match (self.to_project)(&name) {
            Some(path) => Source::Project(path),
            None => Source::Other(name),
        };
        // A file that is read twice has two numbers.
        let next = u32::try_from(self.done.sources.len()).ok()?;
        let index = *self.indices.entry(source.clone()).or_insert(next);
        if index == next {
            self.done.sources.push(source);
        }
        self.tags.insert(u32::try_from(tag).ok()?, index);
        Some(())
    }

    fn setting(&mut self, line: &[u8]) -> Option<()> {
        let line = std::str::from_utf8(line).ok()?;
        let (name, value) = line.split_once(':')?;
        let number = || value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        match name {
            "Magnification" => self.magnification = number()?,
            "Unit" => self.unit = number()?,
            "X Offset" => self.x_offset = number()?,
            "Y Offset" => self.y_offset = number()?,
            "Content" => self.is_content = true,
            _ => {}
        }
        Some(())
    }

    fn open_box(&mut self, kind: NodeKind, rest: &[u8]) -> Option<()> {
        let index = u32::try_from(self.done.nodes.len()).ok()?;
        self.node(kind, rest)?;
        self.open.push(index);
        Some(())
    }

    /// `tag,line[,column]:h,v[:width[,height,depth]]`
    fn node(&mut self, kind: NodeKind, rest: &[u8]) -> Option<()> {
        self.page_start?;
        let mut parts = rest.split(|byte| *byte == b':');
        let mut link = parts.next()?.split(|byte| *byte == b',');
        let tag = u32::try_from(number(link.next()?)?).ok()?;
        let line = u32::try_from(number(link.next()?)?.max(0)).ok()?;
        let mut place = parts.next()?.split(|byte| *byte == b',');
        let h = number(place.next()?)?;
        let v = match place.next()? {
            b"=" => self.last_v,
            v => number(v)?,
        };
        self.last_v = v;
        let mut size = parts.next().unwrap_or_default().split(|byte| *byte == b',');
        let mut length = || match size.next() {
            None | Some(b"") => Some(0),
            Some(length) => number(length),
        };
        let (mut width, mut height, mut depth) = (length()?, length()?, length()?);
        if kind == NodeKind::Rule && (width < 0 || height.saturating_add(depth) < 0) {
            // TeX draws no such rule, and marks with a huge negative length one that grows with its box.
            (width, height, depth) = (0, 0, 0);
        }
        let index = u32::try_from(self.done.nodes.len()).ok()?;
        let parent = self.open.last().copied().unwrap_or(index);
        let (source, line) = match self.tags.get(&tag) {
            Some(source) => {
                self.done.lines.entry(*source).or_default().push((line, index));
                (*source, line)
            }
            // Laid out by a precompiled preamble, without SyncTeX: it is of where it is used.
            None if tag == 0 => {
                let around = self.done.nodes.get(usize::try_from(parent).ok()?)?;
                (around.source, around.line)
            }
            None => return None,
        };
        self.done.nodes.push(Node { kind, source, line, h, v, width, height, depth, parent });
        Some(())
    }

    fn finish(mut self) -> SyncTex {
        let points = 72.0 / 72.27 / 65_536.0;
        self.done.units = Units {
            factor: points * self.unit * self.magnification / 1_000.0,
            x_offset: self.x_offset * points,
            y_offset: self.y_offset * points,
        };
        for lines in self.done.lines.values_mut() {
            lines.sort_unstable();
        }
        self.done
    }
}

fn number(digits: &[u8]) -> Option<i32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
