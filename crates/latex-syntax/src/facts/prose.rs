//! Text for people: what a spell checker reads.

use crate::{EnvironmentKind, Form, NodeId, NodeKind, Role, Step, TokenId, TokenKind, Tree};
use quire_text::ByteRange;

/// Where text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProseKind {
    /// In the running text.
    Body,
    /// In a title.
    Heading,
    /// In a caption.
    Caption,
    /// In a footnote or a note in the margin.
    Footnote,
}

/// A run of text without commands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prose {
    /// Where it stands in the document.
    pub kind: ProseKind,
    /// Where it stands in the text.
    pub range: ByteRange,
}

/// All text for people, in runs that end at commands, formulas, comments and paragraphs.
pub fn prose(tree: &Tree) -> Vec<Prose> {
    let mut found: Vec<Prose> = Vec::new();
    for step in Reading::new(tree) {
        let (token, kind) = match step {
            Read::Text(token, kind) => (token, kind),
            Read::Enter(_) | Read::Leave(_) => continue,
        };
        let is_text = matches!(
            tree.arena.tokens[token.0 as usize].kind,
            TokenKind::Word
                | TokenKind::Space
                | TokenKind::Tilde
                | TokenKind::Star
                | TokenKind::LeftBracket
                | TokenKind::RightBracket
        );
        if !is_text {
            continue;
        }
        let range = tree.token_range(token);
        match found.last_mut().filter(|last| last.range.end == range.start && last.kind == kind) {
            Some(last) => last.range.end = range.end,
            None => found.push(Prose { kind, range }),
        }
    }
    for prose in &mut found {
        prose.range = crate::tree::trim(tree.text(), prose.range);
    }
    found.retain(|prose| tree.slice(prose.range).contains(char::is_alphabetic));
    found
}

/// A key or a word is not longer, in bytes.
const WORD_LIMIT: usize = 200;

/// What is around a place.
#[derive(Clone, Copy)]
struct Context {
    /// The text that tokens here belong to.
    now: Option<ProseKind>,
    /// The text that the arguments of a command here belong to.
    around: Option<ProseKind>,
    /// The text around the formula or drawing.
    base: Option<ProseKind>,
    /// True in definitions.
    is_code: bool,
    /// The brackets of the argument, which are not printed.
    brackets: Option<(u32, u32)>,
}

/// A step through the text.
pub(super) enum Read {
    /// A token of text for people; braces and comments among them too.
    Text(TokenId, ProseKind),
    /// A node begins.
    Enter(NodeId),
    /// A node ends.
    Leave(NodeId),
}

/// Goes through a document and knows what is text for people.
pub(super) struct Reading<'a> {
    tree: &'a Tree,
    walk: crate::Walk<'a>,
    stack: Vec<Context>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, walk: tree.walk(tree.root()), stack: Vec::new() }
    }

    fn context(&self, node: NodeId) -> Context {
        let Some(&outer) = self.stack.last() else {
            // What stands before the document is not printed; a file without it is a part of one.
            let is_part = !self.tree.is_package
                && !self.tree.nodes().any(|node| match self.tree.kind(node) {
                    NodeKind::Environment(EnvironmentKind::Document) => true,
                    NodeKind::Command => self.tree.name(node) == Some("documentclass"),
                    _ => false,
                });
            return only(is_part.then_some(ProseKind::Body), false);
        };
        let silent = Context { now: None, around: None, ..outer };
        match self.tree.kind(node) {
            NodeKind::Root | NodeKind::Group => outer,
            NodeKind::Command | NodeKind::Begin | NodeKind::End => {
                Context { now: None, around: outer.now, ..outer }
            }
            NodeKind::Math(_) => silent,
            NodeKind::Environment(kind) => match kind {
                EnvironmentKind::Document => only(Some(ProseKind::Body), outer.is_code),
                EnvironmentKind::Math
                | EnvironmentKind::Verbatim
                | EnvironmentKind::Comment
                | EnvironmentKind::Picture => silent,
                _ => only(outer.now.or(outer.base), outer.is_code),
            },
            NodeKind::Argument(_, role) => self.argument(node, role, outer),
        }
    }

    fn argument(&self, node: NodeId, role: Role, outer: Context) -> Context {
        let silent = Context { now: None, around: None, ..outer };
        let of = |kind| if outer.is_code { silent } else { only(Some(kind), false) };
        match role {
            Role::Text => only(outer.around.or(outer.base), outer.is_code),
            Role::Heading => of(ProseKind::Heading),
            Role::Caption => of(ProseKind::Caption),
            Role::Footnote => of(ProseKind::Footnote),
            Role::Printed => Context { now: outer.around, ..outer },
            // Several words are text; one may be a key or a colour.
            Role::Unknown => {
                let content = self.tree.slice(self.tree.trimmed(node)).bytes();
                // Not all of it: arguments nest.
                let has_words = content.take(WORD_LIMIT).any(|byte| byte.is_ascii_whitespace());
                let now = outer.around.filter(|_| has_words);
                Context { now, around: now, ..outer }
            }
            Role::Code => only(None, true),
            _ => silent,
        }
    }
}

fn only(kind: Option<ProseKind>, is_code: bool) -> Context {
    Context { now: kind, around: kind, base: kind, is_code, brackets: None }
}

impl Iterator for Reading<'_> {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        loop {
            match self.walk.next()? {
                Step::Enter(node) => {
                    let mut context = self.context(node);
                    let place = self.tree.arena.node(node);
                    context.brackets = match place.kind {
                        NodeKind::Argument(Form::Optional | Form::OptionalTight, _) => {
                            Some((place.first_token, place.end_token.saturating_sub(1)))
                        }
                        _ => None,
                    };
                    self.stack.push(context);
                    return Some(Read::Enter(node));
                }
                Step::Leave(node) => {
                    self.stack.pop();
                    return Some(Read::Leave(node));
                }
                Step::Token(token, _) => {
                    let Some(context) = self.stack.last() else { continue };
                    let is_bracket =
                        context.brackets.is_some_and(|(a, b)| token.0 == a || token.0 == b);
                    if let Some(kind) = context.now.filter(|_| !is_bracket) {
                        return Some(Read::Text(token, kind));
                    }
                }
            }
        }
    }
}
