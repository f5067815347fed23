//! The two questions: where did this line go, and where did this come from.

use super::{Node, NodeKind, Rect, Source, SyncTex};
use quire_project::ProjectPath;
use quire_text::LineNumber;
use std::collections::BTreeMap;

/// A box taller than this, in PDF points, is a column or a figure and not a line of text.
const MAX_LINE_HEIGHT: f64 = 100.0;
/// A click farther than this from all text, in PDF points, is a click on nothing.
const MAX_DISTANCE: f64 = 50.0;

/// A row of a table or formula is found among this many areas before its cell.
const RECENT: usize = 64;

/// A line of text on a page that a line of source went into.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// The page, counted from zero.
    pub page: usize,
    /// The line of text, whole.
    pub rect: Rect,
    /// The line of source that left the record.
    pub line: LineNumber,
}

/// Where something on a page came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot<'s> {
    /// The file.
    pub source: &'s Source,
    /// Its line.
    pub line: LineNumber,
}

pub(super) fn areas(synctex: &SyncTex, file: &ProjectPath, line: LineNumber) -> Vec<Area> {
    let is_file = |source: &Source| matches!(source, Source::Project(path) if path == file);
    let Some(source) = synctex.sources.iter().position(is_file) else { return Vec::new() };
    let Some(records) = synctex.lines.get(&(source as u32)) else { return Vec::new() };
    for line in nearest_lines(records, line.0) {
        let start = records.partition_point(|(other, _)| *other < line);
        let end = records.partition_point(|(other, _)| *other <= line);
        let found = areas_of(synctex, records[start..end].iter().map(|(_, node)| *node), line);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The lines that left records, nearest first; of two as near, the later one, since a command that
/// makes nothing itself acts on what follows.
fn nearest_lines(records: &[(u32, u32)], line: u32) -> impl Iterator<Item = u32> {
    let mut below = records.partition_point(|(other, _)| *other < line);
    let mut above = below;
    std::iter::from_fn(move || {
        let after = records.get(below).map(|(line, _)| *line);
        let before = above.checked_sub(1).and_then(|at| records.get(at)).map(|(line, _)| *line);
        let nearest = match (after, before) {
            (Some(after), Some(before)) if line - before < after - line => before,
            (Some(after), _) => after,
            (None, before) => before?,
        };
        if Some(nearest) == after {
            below = records.partition_point(|(other, _)| *other <= nearest);
        } else {
            above = records.partition_point(|(other, _)| *other < nearest);
        }
        Some(nearest)
    })
}

fn areas_of(synctex: &SyncTex, nodes: impl Iterator<Item = u32>, line: u32) -> Vec<Area> {
    // Boxes in the order of the file, which is that of the pages. Empty boxes mark no text.
    let mut boxes: BTreeMap<usize, bool> = BTreeMap::new();
    for node in nodes {
        let Some(text_line) = line_box(synctex, node as usize) else { continue };
        let rect = synctex.rect(&synctex.nodes[text_line]);
        if rect.area() > 0.0 {
            boxes.entry(text_line).or_insert_with(|| is_furniture(synctex, text_line, node));
        }
    }
    let is_body = |furniture: &bool| !furniture;
    let any_body = boxes.values().any(is_body);
    let kept = boxes.into_iter().filter(|(_, furniture)| !any_body || is_body(furniture));
    let areas = kept.filter_map(|(node, _)| {
        let page = page_of(synctex, node)?;
        Some(Area { page, rect: synctex.rect(&synctex.nodes[node]), line: LineNumber(line) })
    });
    // A box around comes before what it holds: the cells of a row add nothing to it.
    let mut outermost: Vec<Area> = Vec::new();
    for area in areas {
        let holds = |around: &Area| around.page == area.page && around.rect.holds(&area.rect);
        if !outermost.iter().rev().take(RECENT).any(holds) {
            outermost.push(area);
        }
    }
    outermost
}

/// The line of text around a node: the innermost horizontal box that stands in a vertical one. In
/// tables and formulas that is the smallest thing that reads as a line.
fn line_box(synctex: &SyncTex, node: usize) -> Option<usize> {
    let parent = |node: usize| {
        let parent = synctex.nodes[node].parent as usize;
        (parent != node).then_some(parent)
    };
    let mut at = node;
    loop {
        let above = parent(at);
        let is_in_vertical = above.is_none_or(|above| synctex.nodes[above].kind == NodeKind::VBox);
        if synctex.nodes[at].kind == NodeKind::HBox && is_in_vertical {
            return Some(at);
        }
        // Glue between lines belongs to no line.
        if is_in_vertical && matches!(synctex.nodes[at].kind, NodeKind::Point | NodeKind::Void) {
            return None;
        }
        if is_in_vertical && synctex.nodes[at].kind == NodeKind::Rule {
            return Some(at);
        }
        at = above?;
    }
}

fn page_of(synctex: &SyncTex, node: usize) -> Option<usize> {
    let page = synctex.pages.partition_point(|page| page.end <= node);
    synctex.pages.get(page).filter(|page| page.contains(&node)).map(|_| page)
}

/// Heads and feet are made when a page is shipped out and carry the line that was being read then,
/// which has nothing to do with them. They are above or below all that other lines left on the page.
fn is_furniture(synctex: &SyncTex, text_line: usize, node: u32) -> bool {
    let Some(page) = page_of(synctex, text_line) else { return false };
    let nodes = &synctex.nodes[synctex.pages[page].clone()];
    let (Some(shipped), node) = (nodes.first(), &synctex.nodes[node as usize]) else {
        return false;
    };
    let made_with_page = |node: &Node| (node.source, node.line) == (shipped.source, shipped.line);
    if !made_with_page(node) {
        return false;
    }
    let body = nodes.iter().filter(|node| node.kind == NodeKind::Point && !made_with_page(node));
    let (mut top, mut bottom) = (i32::MAX, i32::MIN);
    for node in body {
        (top, bottom) = (top.min(node.v), bottom.max(node.v));
    }
    let v = synctex.nodes[text_line].v;
    top <= bottom && !(top..=bottom).contains(&v)
}

pub(super) fn source_at(synctex: &SyncTex, page: usize, x: f64, y: f64) -> Option<Spot<'_>> {
    let range = synctex.pages.get(page)?.clone();
    let held = Held::of(synctex, range.clone());
    let mut line: Option<(f64, f64, usize)> = None;
    let mut picture: Option<(f64, usize)> = None;
    for index in range.clone() {
        let node = &synctex.nodes[index];
        let rect = synctex.rect(node);
        let (distance, area) = (rect.distance(x, y), rect.area());
        let is_line = match node.kind {
            NodeKind::HBox => held.points[index - range.start] && rect.height <= MAX_LINE_HEIGHT,
            NodeKind::Rule => rect.height <= MAX_LINE_HEIGHT,
            NodeKind::VBox | NodeKind::Void | NodeKind::Point => false,
        };
        let is_nearest = line
            .is_none_or(|(least, size, _)| distance < least || distance == least && area < size);
        if is_line && distance <= MAX_DISTANCE && is_nearest {
            line = Some((distance, area, index));
        }
        // What holds columns of text is no picture, however tall.
        let is_picture = match node.kind {
            NodeKind::HBox => !held.columns[index - range.start],
            NodeKind::Void | NodeKind::Rule => true,
            NodeKind::VBox | NodeKind::Point => false,
        };
        let is_smallest = picture.is_none_or(|(size, _)| area < size);
        if is_picture && distance == 0.0 && area > 0.0 && is_smallest {
            picture = Some((area, index));
        }
    }
    let on_line = line.filter(|(distance, ..)| *distance == 0.0).map(|(.., index)| index);
    let on_picture = picture.map(|(_, index)| index);
    let found = on_line.or(on_picture).or(line.map(|(.., index)| index))?;
    let node = nearest_in(synctex, found, range.end, x).unwrap_or(&synctex.nodes[found]);
    Some(Spot { source: &synctex.sources[node.source as usize], line: LineNumber(node.line) })
}

/// What the boxes of a page hold, by their place in it.
struct Held {
    /// Directly: glue and the like, which says that it is a line of text.
    points: Vec<bool>,
    /// At any depth: a vertical box that is too tall for a formula.
    columns: Vec<bool>,
}

impl Held {
    fn of(synctex: &SyncTex, range: std::ops::Range<usize>) -> Self {
        let mut held = Self { points: vec![false; range.len()], columns: vec![false; range.len()] };
        for (at, node) in synctex.nodes[range.clone()].iter().enumerate() {
            let above = |at: usize| {
                let parent = (synctex.nodes[range.start + at].parent as usize) - range.start;
                (parent != at).then_some(parent)
            };
            match node.kind {
                NodeKind::Point => {
                    above(at).into_iter().for_each(|holder| held.points[holder] = true)
                }
                // Fractions and small tables are vertical boxes too.
                NodeKind::VBox if synctex.rect(node).height > MAX_LINE_HEIGHT => {
                    let mut next = above(at);
                    // Those above a marked box are marked already.
                    while let Some(holder) = next.filter(|holder| !held.columns[*holder]) {
                        held.columns[holder] = true;
                        next = above(holder);
                    }
                }
                NodeKind::VBox | NodeKind::HBox | NodeKind::Void | NodeKind::Rule => {}
            }
        }
        held
    }
}

/// The record in a line of text that speaks for the place `x`. A word's source is told by the space
/// behind it, made while the word's line was still being read; at the end of a line of text there is
/// only what the end of the paragraph left there, so the space before it counts.
fn nearest_in(synctex: &SyncTex, line_box: usize, page_end: usize, x: f64) -> Option<&Node> {
    let held = synctex.nodes[line_box + 1..page_end]
        .iter()
        .take_while(|node| node.parent as usize >= line_box)
        .filter(|node| node.parent as usize == line_box);
    let mut before: Option<(f64, &Node)> = None;
    let mut behind: Option<(f64, &Node)> = None;
    let mut last_x = f64::MIN;
    for node in held {
        let rect = synctex.rect(node);
        let is_box = node.kind != NodeKind::Point;
        if is_box && rect.width > 0.0 && rect.distance(x, rect.y) == 0.0 {
            return Some(node);
        }
        let at = rect.x;
        last_x = last_x.max(at);
        if at <= x {
            if before.is_none_or(|(nearest, _)| at >= nearest) {
                before = Some((at, node));
            }
        } else if behind.is_none_or(|(nearest, _)| at < nearest) {
            behind = Some((at, node));
        }
    }
    match (before, behind) {
        (Some((_, before)), Some((at, _))) if at >= last_x => Some(before),
        (_, Some((_, behind))) => Some(behind),
        (before, None) => before.map(|(_, node)| node),
    }
}
