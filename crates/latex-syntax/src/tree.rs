//! The tree: nodes in the order in which they open, each with the range of its tokens. A node's
//! subtree is a run of the array, so that nothing here recurses, however deep braces nest.

use crate::{
    Definition, SyntaxError,
    signature::{EnvironmentKind, Form, Role, Signatures},
    token::{Token, TokenKind},
};
use quire_text::{ByteOffset, ByteRange};
use std::sync::Arc;

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

/// A token of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub(crate) u32);

/// What opens and closes a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MathKind {
    /// `$…$`.
    Dollar,
    /// `$$…$$`.
    DoubleDollar,
    /// `\(…\)`.
    Parentheses,
    /// `\[…\]`.
    Brackets,
}

impl MathKind {
    /// True for a formula on lines of its own.
    pub fn is_display(self) -> bool {
        matches!(self, Self::DoubleDollar | Self::Brackets)
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// The whole text.
    Root,
    /// `{…}` that is no argument.
    Group,
    /// A command with its arguments.
    Command,
    /// An argument of a command or of `\begin`.
    Argument(Form, Role),
    /// An environment: `Begin`, what is in it, `End`.
    Environment(EnvironmentKind),
    /// `\begin{name}` with its arguments.
    Begin,
    /// `\end{name}`.
    End,
    /// A formula that is no environment.
    Math(MathKind),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) first_token: u32,
    pub(crate) end_token: u32,
    /// The first node that is not in the subtree.
    pub(crate) next: u32,
}

/// Tokens and nodes, without the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    pub(crate) tokens: Vec<Token>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) text_len: usize,
}

impl Arena {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn token_range(&self, id: TokenId) -> ByteRange {
        ByteRange::new(self.offset(id.0), self.offset(id.0 + 1))
    }

    pub(crate) fn node_range(&self, id: NodeId) -> ByteRange {
        let node = self.node(id);
        ByteRange::new(self.offset(node.first_token), self.offset(node.end_token))
    }

    /// Where a token starts; the end of the text behind the last one.
    pub(crate) fn offset(&self, token: u32) -> usize {
        self.tokens.get(token as usize).map_or(self.text_len, |token| token.start as usize)
    }

    pub(crate) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.node(id).next;
        let mut at = id.0 + 1;
        std::iter::from_fn(move || {
            let child = (at < end).then_some(NodeId(at))?;
            at = self.node(child).next;
            Some(child)
        })
    }

    pub(crate) fn walk(&self, id: NodeId) -> Walk<'_> {
        Walk {
            arena: self,
            open: Vec::new(),
            node: id.0,
            token: self.node(id).first_token,
            top: id,
        }
    }
}

/// A step of a [`Walk`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A node begins.
    Enter(NodeId),
    /// A token of the innermost node that has begun.
    Token(TokenId, TokenKind),
    /// A node ends.
    Leave(NodeId),
}

/// Goes through a subtree in the order of the text.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    arena: &'a Arena,
    open: Vec<NodeId>,
    node: u32,
    token: u32,
    top: NodeId,
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let Some(&innermost) = self.open.last() else {
            if self.node != self.top.0 {
                return None;
            }
            self.open.push(self.top);
            self.node += 1;
            return Some(Step::Enter(self.top));
        };
        let inside = self.arena.node(innermost);
        if self.node < inside.next && self.arena.nodes[self.node as usize].first_token == self.token
        {
            let id = NodeId(self.node);
            self.open.push(id);
            self.node += 1;
            return Some(Step::Enter(id));
        }
        if self.token < inside.end_token {
            let id = TokenId(self.token);
            self.token += 1;
            return Some(Step::Token(id, self.arena.tokens[id.0 as usize].kind));
        }
        self.open.pop();
        Some(Step::Leave(innermost))
    }
}

/// A parsed text. Every byte of it belongs to exactly one token.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) text: Arc<str>,
    pub(crate) arena: Arena,
    pub(crate) errors: Vec<SyntaxError>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) signatures: Signatures,
    pub(crate) is_package: bool,
}

impl Tree {
    /// The text that was parsed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, shared.
    pub fn text_arc(&self) -> Arc<str> {
        self.text.clone()
    }

    /// The bytes of `range`; nothing if it does not lie within the text.
    pub fn slice(&self, range: ByteRange) -> &str {
        self.text.get(range.as_range()).unwrap_or_default()
    }

    /// The node that holds everything.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// What a node is.
    pub fn kind(&self, node: NodeId) -> NodeKind {
        self.arena.node(node).kind
    }

    /// Where a node stands.
    pub fn range(&self, node: NodeId) -> ByteRange {
        self.arena.node_range(node)
    }

    /// Where a token stands.
    pub fn token_range(&self, token: TokenId) -> ByteRange {
        self.arena.token_range(token)
    }

    /// All tokens in order, with their ranges.
    pub fn tokens(&self) -> impl Iterator<Item = (TokenKind, ByteRange)> + '_ {
        let tokens = self.arena.tokens.iter().enumerate();
        tokens.map(|(i, token)| (token.kind, self.arena.token_range(TokenId(i as u32))))
    }

    /// The token that holds the byte before `offset`; nothing at the start.
    pub fn token_before(&self, offset: ByteOffset) -> Option<(TokenKind, ByteRange)> {
        let tokens = &self.arena.tokens;
        let behind = tokens.partition_point(|token| (token.start as usize) < offset.0);
        let at = behind.checked_sub(1)?;
        Some((tokens[at].kind, self.arena.token_range(TokenId(at as u32))))
    }

    /// All nodes in the order in which they open.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        (0..self.arena.nodes.len() as u32).map(NodeId)
    }

    /// The nodes directly in a node.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.arena.children(node)
    }

    /// Nodes and tokens of the subtree of `node`, itself included.
    pub fn walk(&self, node: NodeId) -> Walk<'_> {
        self.arena.walk(node)
    }

    /// The name of a command, without backslash; of an environment or its begin or end.
    pub fn name(&self, node: NodeId) -> Option<&str> {
        self.name_range(node).map(|range| self.slice(range))
    }

    /// Where the name of a command, environment, begin or end stands.
    pub fn name_range(&self, node: NodeId) -> Option<ByteRange> {
        let first = self.arena.node(node).first_token;
        match self.kind(node) {
            NodeKind::Command => {
                let range = self.arena.token_range(TokenId(first));
                Some(ByteRange::new(range.start.0 + 1, range.end.0))
            }
            NodeKind::Environment(_) | NodeKind::Begin | NodeKind::End => (first..first + 5)
                .map_while(|token| Some((token, self.arena.tokens.get(token as usize)?)))
                .find(|(_, token)| token.kind == TokenKind::EnvironmentName)
                .map(|(token, _)| self.arena.token_range(TokenId(token))),
            NodeKind::Root | NodeKind::Group | NodeKind::Argument(..) | NodeKind::Math(_) => None,
        }
    }

    /// The arguments of a command or begin, with form and role.
    pub fn arguments(&self, node: NodeId) -> impl Iterator<Item = (Form, Role, NodeId)> + '_ {
        self.children(node).filter_map(|child| match self.kind(child) {
            NodeKind::Argument(form, role) => Some((form, role, child)),
            _ => None,
        })
    }

    /// The first argument with this role.
    pub fn argument(&self, node: NodeId, role: Role) -> Option<NodeId> {
        self.arguments(node).find(|(_, found, _)| *found == role).map(|(.., argument)| argument)
    }

    /// What stands in an argument or group, without its delimiters.
    pub fn content(&self, node: NodeId) -> ByteRange {
        let range = self.range(node);
        let text = self.slice(range).as_bytes();
        let closing = match text.first() {
            Some(b'{') => b'}',
            Some(b'[') => b']',
            Some(b'<') => b'>',
            Some(b'(') => b')',
            _ => return range,
        };
        let is_closed = text.len() > 1 && text.last() == Some(&closing) && self.is_closed(node);
        ByteRange::new(range.start.0 + 1, range.end.0 - usize::from(is_closed))
    }

    /// What stands in an argument or group, without delimiters and white space around.
    pub fn trimmed(&self, node: NodeId) -> ByteRange {
        trim(&self.text, self.content(node))
    }

    /// True if the last token belongs to the node itself, as a closing brace does.
    fn is_closed(&self, node: NodeId) -> bool {
        let end = self.arena.node(node).end_token;
        self.children(node).last().is_none_or(|child| self.arena.node(child).end_token < end)
    }

    /// What does not close, or closes nothing.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// Commands and environments that the text defines, in order.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// What they take, for parsing the other files of the project.
    pub fn signatures(&self) -> &Signatures {
        &self.signatures
    }
}

/// `range` without white space at its ends.
pub(crate) fn trim(text: &str, range: ByteRange) -> ByteRange {
    let content = text.get(range.as_range()).unwrap_or_default();
    let start = range.start.0 + (content.len() - content.trim_start().len());
    ByteRange::new(start, start + content.trim().len())
}
