//! SyncTeX: from a place in a source to its places on the pages, and back.
//!
//! TeX records boxes, glue, kerns, rules and mathematics with the file and line that was being read
//! when they were made, not characters: a place is as exact as a line, and the space around a word
//! tells where the word came from.
//!
//! Source: J. Laurens, *The SyncTeX technology*, and `synctex_parser` for the records of version 1.

mod parse;
mod search;

pub use parse::SyncTexError;
pub use search::{Area, Spot};

use quire_project::ProjectPath;
use quire_text::LineNumber;
use std::{collections::HashMap, ops::Range};

/// Where a record came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A file of the project.
    Project(ProjectPath),
    /// A file of the bundle, or one that TeX generated, under the name that TeX read it by.
    Other(String),
}

/// A rectangle on a page, in PDF points (72 to an inch) from the page's upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// To the right.
    pub width: f64,
    /// Downwards.
    pub height: f64,
}

/// The records of a document, indexed both ways.
#[derive(Clone, Debug, Default)]
pub struct SyncTex {
    sources: Vec<Source>,
    nodes: Vec<Node>,
    /// Nodes of each page, in the order of pages.
    pages: Vec<Range<usize>>,
    /// Lines that left a record, sorted, with the record.
    lines: HashMap<u32, Vec<(u32, u32)>>,
    units: Units,
}

/// What turns the file's lengths into PDF points.
#[derive(Clone, Copy, Debug)]
struct Units {
    factor: f64,
    x_offset: f64,
    y_offset: f64,
}

impl Default for Units {
    fn default() -> Self {
        Self { factor: 72.0 / 72.27 / 65_536.0, x_offset: 0.0, y_offset: 0.0 }
    }
}

/// One record. Boxes come before what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    kind: NodeKind,
    /// Index into `sources`.
    source: u32,
    line: u32,
    /// Reference point: left end of the baseline.
    h: i32,
    v: i32,
    width: i32,
    height: i32,
    depth: i32,
    /// Index of the box around it, or its own index.
    parent: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NodeKind {
    HBox,
    VBox,
    /// A box that holds nothing.
    Void,
    /// Glue, a kern, a change of source, mathematics switched on or off.
    Point,
    Rule,
}

impl SyncTex {
    /// How many pages the document has.
    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// Files that left a record, in the order in which TeX opened them.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Places of `line` of `file` on the pages: the lines of text that it went into, in the order of
    /// pages. A line that left no record stands for the nearest one that did; [`Area::line`] says
    /// which. Empty when nothing of the file is on any page.
    pub fn areas(&self, file: &ProjectPath, line: LineNumber) -> Vec<Area> {
        search::areas(self, file, line)
    }

    /// The source of what stands at a point of a page (counted from zero), in PDF points from its
    /// upper left corner. `None` where there is nothing near.
    pub fn source_at(&self, page: usize, x: f64, y: f64) -> Option<Spot<'_>> {
        search::source_at(self, page, x, y)
    }

    fn rect(&self, node: &Node) -> Rect {
        let left = node.h.min(node.h.saturating_add(node.width));
        Rect {
            x: f64::from(left) * self.units.factor + self.units.x_offset,
            y: (f64::from(node.v) - f64::from(node.height)) * self.units.factor
                + self.units.y_offset,
            width: f64::from(node.width).abs() * self.units.factor,
            height: (f64::from(node.height) + f64::from(node.depth)) * self.units.factor,
        }
    }
}

impl Rect {
    /// How far a point is from the rectangle: 0 within it.
    fn distance(&self, x: f64, y: f64) -> f64 {
        let beyond =
            |at: f64, start: f64, length: f64| (start - at).max(at - start - length).max(0.0);
        beyond(x, self.x, self.width).hypot(beyond(y, self.y, self.height))
    }

    fn holds(&self, other: &Self) -> bool {
        /// Less than TeX can place by.
        const SLACK: f64 = 1e-4;
        other.x >= self.x - SLACK
            && other.y >= self.y - SLACK
            && other.x + other.width <= self.x + self.width + SLACK
            && other.y + other.height <= self.y + self.height + SLACK
    }

    fn area(&self) -> f64 {
        self.width * self.height
    }
}

#[cfg(test)]
mod tests;
