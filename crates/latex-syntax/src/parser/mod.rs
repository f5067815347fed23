//! The parser: one pass, an explicit stack of what is open, no recursion. Each open thing remembers
//! the nearest brace, formula and barrier around it, so that what closes finds its opener at once and
//! hostile nesting costs no more than its length.

mod arguments;
mod define;
mod environment;

use crate::{
    SyntaxError, SyntaxErrorKind,
    definition::Definition,
    signature::{Form, Role, Signatures, Slot},
    token::{Letters, Token, TokenKind, token_at},
    tree::{Arena, MathKind, Node, NodeId, NodeKind, Tree},
};
use quire_text::ByteRange;
use std::{collections::HashMap, sync::Arc};

/// How a text is to be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParseOptions<'a> {
    /// A package or class: `@` is a letter, there is no text for people, and since its code opens and
    /// closes in pieces, nothing is called a fault.
    pub is_package: bool,
    /// What the other files of the project define.
    pub signatures: Option<&'a Signatures>,
}

/// Parses a document.
pub fn parse(text: impl Into<Arc<str>>) -> Tree {
    parse_with(text, ParseOptions::default())
}

/// Parses a text.
pub fn parse_with(text: impl Into<Arc<str>>, options: ParseOptions<'_>) -> Tree {
    let text: Arc<str> = text.into();
    let (arena, errors, definitions, signatures) = {
        let mut parser = Parser::new(&text, options);
        parser.run();
        (parser.arena, parser.errors, parser.definitions, parser.own)
    };
    let is_package = options.is_package;
    Tree { text, arena, errors, definitions, signatures, is_package }
}

/// The arguments that a command may still take.
#[derive(Clone)]
enum Slots<'a> {
    Known(&'a [Slot]),
    Own(Arc<[Slot]>),
    /// Of a command that nobody described: what stands directly behind it.
    Unknown,
}

impl Slots<'_> {
    fn get(&self, at: usize) -> Option<Slot> {
        match self {
            Self::Known(slots) => slots.get(at).copied(),
            Self::Own(slots) => slots.get(at).copied(),
            Self::Unknown => None,
        }
    }
}

/// What is open.
enum Opened<'a> {
    Root,
    /// `{`, of a group or an argument.
    Brace,
    /// `[` of an argument; true if nobody knows that it is one.
    Bracket {
        is_guess: bool,
    },
    Math(MathKind),
    Environment {
        name: &'a str,
    },
    /// A command that may take more arguments.
    Command {
        slots: Slots<'a>,
        next: usize,
    },
    /// The same of `\begin`.
    Begin {
        slots: Slots<'a>,
        next: usize,
        is_verbatim: bool,
    },
}

/// An open thing. The numbers are places in the stack, 0 for none.
struct Frame<'a> {
    node: u32,
    opened: Opened<'a>,
    /// The nearest brace.
    brace: usize,
    /// The nearest formula, if this is mathematics.
    math: usize,
    /// The nearest argument of unknown meaning: in it `$` need not close a formula around it.
    loose: usize,
    /// The outermost thing that cannot hold the end of a paragraph.
    short: usize,
    /// The nearest code: what is open outside it cannot be closed in it.
    barrier: usize,
    /// How deep code is in code.
    depth: u8,
    /// How names were read before.
    letters: Letters,
}

struct Parser<'a> {
    text: &'a str,
    pos: usize,
    letters: Letters,
    arena: Arena,
    stack: Vec<Frame<'a>>,
    /// Open environments by name: places in the stack.
    environments: HashMap<&'a str, Vec<usize>>,
    /// The `\end`s of each name that are still to come.
    ends: HashMap<&'a str, environment::Ends>,
    errors: Vec<SyntaxError>,
    definitions: Vec<Definition>,
    own: Signatures,
    project: Option<&'a Signatures>,
    built_in: &'static Signatures,
    is_package: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, options: ParseOptions<'a>) -> Self {
        let arena = Arena::default();
        Self {
            text,
            pos: 0,
            letters: Letters { at: options.is_package, expl: false },
            arena,
            stack: Vec::new(),
            environments: HashMap::new(),
            ends: environment::find_ends(text),
            errors: Vec::new(),
            definitions: Vec::new(),
            own: Signatures::default(),
            project: options.signatures,
            built_in: Signatures::built_in(),
            is_package: options.is_package,
        }
    }

    fn run(&mut self) {
        self.arena.nodes.push(Node { kind: NodeKind::Root, first_token: 0, end_token: 0, next: 0 });
        self.stack.push(Frame {
            node: 0,
            opened: Opened::Root,
            brace: 0,
            math: 0,
            loose: 0,
            short: 0,
            barrier: 0,
            depth: 0,
            letters: self.letters,
        });
        // Offsets are kept in 32 bits: a longer text is one word.
        if u32::try_from(self.text.len()).is_err() {
            self.push(TokenKind::Word, self.text.len());
        }
        loop {
            if self.step_arguments() {
                continue;
            }
            if self.pos >= self.text.len() {
                break;
            }
            self.step();
        }
        self.close_down_to(0);
        self.close();
    }

    /// Takes one token that is no argument.
    fn step(&mut self) {
        let (kind, end) = token_at(self.text, self.pos, self.letters);
        match kind {
            TokenKind::ControlWord | TokenKind::ControlSymbol => self.control(kind, end),
            TokenKind::LeftBrace => {
                self.open(NodeKind::Group, Opened::Brace);
                self.push(kind, end);
            }
            TokenKind::RightBrace => self.right_brace(end),
            TokenKind::RightBracket => {
                self.push(kind, end);
                if matches!(self.top().opened, Opened::Bracket { .. }) {
                    self.close();
                }
            }
            TokenKind::Dollar | TokenKind::DoubleDollar => self.dollar(kind),
            TokenKind::Blank => {
                if self.top().short == 0 {
                    return self.push(kind, end);
                }
                // The commands whose arguments these are end as well, before the line is looked at again.
                let short = self.top().short;
                self.close_down_to(short - 1);
            }
            _ => self.push(kind, end),
        }
    }

    fn top(&self) -> &Frame<'a> {
        // The root stays until the end.
        &self.stack[self.stack.len() - 1]
    }

    fn push(&mut self, kind: TokenKind, end: usize) {
        let start = u32::try_from(self.pos).unwrap_or(u32::MAX);
        self.arena.tokens.push(Token { start, kind });
        self.pos = end;
        // Where the last token ends: a definition is looked at before anything follows it.
        self.arena.text_len = end;
    }

    /// Opens a node and what it means for what is in it.
    fn open(&mut self, kind: NodeKind, opened: Opened<'a>) {
        let node = self.arena.nodes.len() as u32;
        let first_token = self.arena.tokens.len() as u32;
        self.arena.nodes.push(Node { kind, first_token, end_token: first_token, next: node + 1 });
        let this = self.stack.len();
        let outer = self.top();
        let mut frame = Frame {
            node,
            opened,
            brace: outer.brace,
            math: outer.math,
            loose: outer.loose,
            short: outer.short,
            barrier: outer.barrier,
            depth: outer.depth,
            letters: self.letters,
        };
        if matches!(frame.opened, Opened::Brace) {
            frame.brace = this;
        }
        match kind {
            NodeKind::Math(_) => {
                frame.math = this;
                frame.short = if frame.short == 0 { this } else { frame.short };
            }
            NodeKind::Environment(kind) => match kind {
                crate::EnvironmentKind::Math => frame.math = this,
                _ => (frame.math, frame.short) = (0, 0),
            },
            NodeKind::Argument(form, role) => self.argument_context(&mut frame, this, form, role),
            _ => {}
        }
        self.stack.push(frame);
    }

    fn argument_context(&self, frame: &mut Frame<'a>, this: usize, form: Form, role: Role) {
        match role {
            Role::Math => frame.math = this,
            Role::Unknown | Role::Printed => frame.loose = this,
            Role::Code => {
                (frame.math, frame.short, frame.barrier) = (0, 0, this);
                frame.depth = frame.depth.saturating_add(1);
            }
            Role::Text | Role::Caption | Role::Footnote => (frame.math, frame.short) = (0, 0),
            _ => frame.math = 0,
        }
        let of_begin = matches!(self.top().opened, Opened::Begin { .. });
        let is_short = role.is_short() || form != Form::Mandatory && role != Role::Code;
        if is_short && !of_begin && frame.short == 0 {
            frame.short = this;
        }
    }

    /// Closes the innermost open thing.
    fn close(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        let next = self.arena.nodes.len() as u32;
        let end_token = self.arena.tokens.len() as u32;
        let node = &mut self.arena.nodes[frame.node as usize];
        (node.next, node.end_token) = (next, end_token);
        match frame.opened {
            Opened::Brace => self.letters = frame.letters,
            Opened::Environment { name } => {
                // `document` opens no group.
                if name != "document" {
                    self.letters = frame.letters;
                }
                if let Some(places) = self.environments.get_mut(name) {
                    places.pop();
                }
            }
            Opened::Command { .. } => self.define(NodeId(frame.node), frame.depth),
            Opened::Root | Opened::Bracket { .. } | Opened::Math(_) | Opened::Begin { .. } => {}
        }
    }

    /// Closes everything above a place of the stack, which is a fault of each.
    fn close_down_to(&mut self, place: usize) {
        while self.stack.len() > place + 1 {
            let frame = self.top();
            let kind = match frame.opened {
                Opened::Brace => Some(SyntaxErrorKind::UnclosedBrace),
                Opened::Bracket { is_guess: false } => Some(SyntaxErrorKind::UnclosedBracket),
                Opened::Math(_) => Some(SyntaxErrorKind::UnclosedMath),
                Opened::Environment { .. } => Some(SyntaxErrorKind::UnclosedEnvironment),
                Opened::Bracket { is_guess: true }
                | Opened::Root
                | Opened::Command { .. }
                | Opened::Begin { .. } => None,
            };
            let is_silent = match frame.opened {
                Opened::Brace => frame.barrier != 0 && frame.barrier != self.stack.len() - 1,
                _ => frame.barrier != 0,
            };
            if let Some(kind) = kind.filter(|_| !is_silent) {
                let start = self.arena.offset(self.arena.nodes[frame.node as usize].first_token);
                let range = match kind {
                    SyntaxErrorKind::UnclosedEnvironment => self.begin_range(start),
                    _ => ByteRange::new(start, token_at(self.text, start, self.letters).1),
                };
                self.fault(kind, range, ByteRange::new(self.pos, self.pos));
            }
            self.close();
        }
    }

    fn fault(&mut self, kind: SyntaxErrorKind, range: ByteRange, related: ByteRange) {
        if !self.is_package {
            self.errors.push(SyntaxError { kind, range, related });
        }
    }

    fn right_brace(&mut self, end: usize) {
        let place = self.top().brace;
        let range = ByteRange::new(self.pos, end);
        if place == 0 {
            self.push(TokenKind::RightBrace, end);
            return self.fault(SyntaxErrorKind::StrayBrace, range, range);
        }
        self.close_down_to(place);
        self.push(TokenKind::RightBrace, end);
        self.close();
    }

    fn dollar(&mut self, kind: TokenKind) {
        let frame = self.top();
        let (math, is_loose) = (frame.math, frame.loose > frame.math);
        let around = match self.stack[math].opened {
            Opened::Math(around) if math != 0 && !is_loose => Some(around),
            _ => None,
        };
        let (kind, math_kind) = match (around, kind) {
            // `$a$$b$` is two formulas.
            (Some(MathKind::Dollar), _) => (TokenKind::Dollar, MathKind::Dollar),
            (_, TokenKind::DoubleDollar) => (kind, MathKind::DoubleDollar),
            _ => (TokenKind::Dollar, MathKind::Dollar),
        };
        let end = self.pos + if kind == TokenKind::Dollar { 1 } else { 2 };
        if around == Some(math_kind) {
            self.close_down_to(math);
            self.push(kind, end);
            self.close();
        } else {
            self.open(NodeKind::Math(math_kind), Opened::Math(math_kind));
            self.push(kind, end);
        }
    }

    fn control(&mut self, kind: TokenKind, end: usize) {
        let name = &self.text[self.pos + 1..end];
        match name {
            "begin" if self.begin(end) => return,
            "end" if self.end(end) => return,
            "(" => return self.open_math(MathKind::Parentheses, end),
            "[" => return self.open_math(MathKind::Brackets, end),
            ")" if self.close_math(MathKind::Parentheses, end) => return,
            "]" if self.close_math(MathKind::Brackets, end) => return,
            "makeatletter" => self.letters.at = true,
            "makeatother" => self.letters.at = false,
            "ExplSyntaxOn" | "ProvidesExplPackage" | "ProvidesExplClass" => {
                self.letters.expl = true;
            }
            "ExplSyntaxOff" => self.letters.expl = false,
            _ => {}
        }
        let slots = self.slots_of(name, kind);
        self.open(NodeKind::Command, Opened::Command { slots, next: 0 });
        self.push(kind, end);
    }

    fn slots_of(&self, name: &str, kind: TokenKind) -> Slots<'a> {
        if let Some(slots) = self.own.commands.get(name) {
            return Slots::Own(slots.clone());
        }
        let project = self.project.and_then(|project| project.commands.get(name));
        if let Some(slots) = project.or_else(|| self.built_in.commands.get(name)) {
            return Slots::Known(slots);
        }
        if kind == TokenKind::ControlSymbol { Slots::Known(&[]) } else { Slots::Unknown }
    }

    fn open_math(&mut self, kind: MathKind, end: usize) {
        self.open(NodeKind::Math(kind), Opened::Math(kind));
        self.push(TokenKind::ControlSymbol, end);
    }

    /// Closes the formula around, if it is of this kind.
    fn close_math(&mut self, kind: MathKind, end: usize) -> bool {
        let place = self.top().math;
        if matches!(self.stack[place].opened, Opened::Math(around) if around == kind) {
            self.close_down_to(place);
            self.push(TokenKind::ControlSymbol, end);
            self.close();
            return true;
        }
        if self.top().barrier == 0 {
            let range = ByteRange::new(self.pos, end);
            self.fault(SyntaxErrorKind::StrayMathEnd, range, range);
        }
        false
    }
}
