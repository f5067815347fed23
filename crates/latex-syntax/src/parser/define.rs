//! What `\newcommand` and its kin teach the parser. What an argument is for is read from the body: the
//! argument of `\newcommand{\fig}[1]{Figure~\ref{#1}}` is a reference.

use super::Parser;
use crate::{
    definition::{Definition, DefinitionKind},
    signature::{EnvironmentKind, EnvironmentSignature, Form, Role, Slot},
    token::TokenKind,
    tree::{NodeId, NodeKind, Step, trim},
};
use quire_text::ByteRange;

/// TeX's own limit.
const MOST_ARGUMENTS: usize = 9;
/// Names are not longer, in bytes; what is, holds other arguments.
const NAME_LIMIT: usize = 200;
/// Definitions within definitions are looked at this deep; deeper ones would cost the square of it.
const DEPTH_LIMIT: u8 = 3;

/// One argument of the defining command.
struct Given {
    form: Form,
    role: Role,
    node: NodeId,
    content: ByteRange,
}

impl Parser<'_> {
    /// Learns from a command that has just been closed, if it defines something.
    pub(super) fn define(&mut self, command: NodeId, depth: u8) {
        let node = self.arena.node(command);
        if node.next == command.0 + 1 || depth > DEPTH_LIMIT {
            return;
        }
        let word = self.arena.token_range(crate::tree::TokenId(node.first_token));
        let name = &self.text[word.start.0 + 1..word.end.0];
        match name {
            "newcommand"
            | "renewcommand"
            | "providecommand"
            | "DeclareRobustCommand"
            | "newrobustcmd"
            | "renewrobustcmd"
            | "newcommandx"
            | "renewcommandx" => {
                self.define_command(command, counted_slots);
            }
            "NewDocumentCommand"
            | "RenewDocumentCommand"
            | "ProvideDocumentCommand"
            | "DeclareDocumentCommand"
            | "NewExpandableDocumentCommand"
            | "DeclareExpandableDocumentCommand" => {
                self.define_command(command, xparse_slots);
            }
            "def" | "gdef" | "edef" | "xdef" => self.define_command(command, def_slots),
            "DeclareMathOperator" => self.define_operator(command, Vec::new()),
            "DeclarePairedDelimiter" => {
                let argument = Slot { form: Form::Mandatory, role: Role::Math };
                let size = Slot { form: Form::Optional, role: Role::Keys };
                let star = Slot { form: Form::Star, role: Role::Keys };
                self.define_operator(command, vec![star, size, argument]);
            }
            "newenvironment" | "renewenvironment" => {
                self.define_environment(command, None, counted_slots);
            }
            "NewDocumentEnvironment"
            | "RenewDocumentEnvironment"
            | "DeclareDocumentEnvironment"
            | "ProvideDocumentEnvironment" => {
                self.define_environment(command, None, xparse_slots);
            }
            "lstnewenvironment" | "newtcblisting" | "renewtcblisting" => {
                let kind = Some(EnvironmentKind::Verbatim);
                self.define_environment(command, kind, counted_slots);
            }
            "DefineVerbatimEnvironment" | "CustomVerbatimEnvironment" => {
                let options = Slot { form: Form::Optional, role: Role::Keys };
                let kind = Some(EnvironmentKind::Verbatim);
                self.define_environment(command, kind, |_, _| vec![options]);
            }
            "newtcolorbox" | "renewtcolorbox" => {
                self.define_environment(command, None, counted_slots);
            }
            "newtheorem" | "spnewtheorem" | "declaretheorem" | "newmdtheoremenv" => {
                let note = Slot { form: Form::Optional, role: Role::Text };
                let kind = Some(EnvironmentKind::Theorem);
                self.define_environment(command, kind, |_, _| vec![note]);
            }
            "excludecomment" => {
                let kind = Some(EnvironmentKind::Comment);
                self.define_environment(command, kind, |_, _| Vec::new());
            }
            "newminted" => self.define_minted(command),
            "newmint" | "newmintinline" => self.define_mint(command, name),
            _ => {}
        }
    }

    fn given(&self, command: NodeId) -> Vec<Given> {
        let arguments = self.arena.children(command).filter_map(|node| {
            let NodeKind::Argument(form, role) = self.arena.node(node).kind else { return None };
            let range = self.arena.node_range(node);
            let text = &self.text[range.as_range()];
            let inner = text.strip_prefix(['{', '[']);
            let content =
                inner.map_or(text, |inner| inner.strip_suffix(['}', ']']).unwrap_or(inner));
            let start = content.as_ptr() as usize - self.text.as_ptr() as usize;
            let content = trim(self.text, ByteRange::new(start, start + content.len()));
            Some(Given { form, role, node, content })
        });
        arguments.collect()
    }

    fn define_command(&mut self, command: NodeId, slots: impl Fn(&str, &[Given]) -> Vec<Slot>) {
        let given = self.given(command);
        let Some((name, name_range)) = self.command_name(&given) else { return };
        let mut slots = slots(self.text, &given);
        let body = given.iter().rfind(|given| given.form == Form::Mandatory);
        let body = body.filter(|body| body.role == Role::Code);
        if let Some(body) = body {
            self.infer_roles(body.node, &mut slots);
        }
        let body = body.map(|body| body.content);
        self.learn_command(DefinitionKind::Command, command, name, name_range, body, slots);
    }

    fn define_operator(&mut self, command: NodeId, slots: Vec<Slot>) {
        let given = self.given(command);
        let Some((name, name_range)) = self.command_name(&given) else { return };
        let body = given.last().map(|given| given.content);
        self.learn_command(DefinitionKind::Operator, command, name, name_range, body, slots);
    }

    fn learn_command(
        &mut self,
        kind: DefinitionKind,
        command: NodeId,
        name: String,
        name_range: ByteRange,
        body: Option<ByteRange>,
        slots: Vec<Slot>,
    ) {
        let arity = slots.iter().filter(|slot| slot.form != Form::Star).count();
        let range = self.arena.node_range(command);
        self.own.commands.insert(name.clone(), slots.into());
        self.definitions.push(Definition { kind, name, name_range, range, body, arity });
    }

    fn command_name(&self, given: &[Given]) -> Option<(String, ByteRange)> {
        let content = given.iter().find(|given| given.role == Role::CommandName)?.content;
        let name = self.text[content.as_range()].strip_prefix('\\')?;
        let is_name =
            (1..=NAME_LIMIT).contains(&name.len()) && !name.contains(['\\', '{', ' ', '\n']);
        is_name.then(|| (name.to_owned(), ByteRange::new(content.start.0 + 1, content.end.0)))
    }

    fn define_environment(
        &mut self,
        command: NodeId,
        kind: Option<EnvironmentKind>,
        slots: impl Fn(&str, &[Given]) -> Vec<Slot>,
    ) {
        let given = self.given(command);
        let Some(name) = given.iter().find(|given| given.role == Role::EnvironmentName) else {
            return;
        };
        let name_range = name.content;
        let name = &self.text[name_range.as_range()];
        if !(1..=NAME_LIMIT).contains(&name.len()) || name.contains(['{', '\\', '\n']) {
            return;
        }
        let name = name.to_owned();
        let mut slots = slots(self.text, &given);
        let mut codes = given.iter().filter(|given| given.role == Role::Code);
        let begin = codes.find(|given| given.form == Form::Mandatory);
        let mut found = EnvironmentKind::Text;
        if let Some(begin) = begin {
            self.infer_roles(begin.node, &mut slots);
            found = self.kind_left_open(begin.node);
        }
        let theorem = kind == Some(EnvironmentKind::Theorem);
        let definition = Definition {
            kind: if theorem { DefinitionKind::Theorem } else { DefinitionKind::Environment },
            name: name.clone(),
            name_range,
            range: self.arena.node_range(command),
            body: begin.map(|given| given.content),
            arity: if theorem { 0 } else { slots.len() },
        };
        self.definitions.push(definition);
        let kind = kind.unwrap_or(found);
        self.own.environments.insert(name, EnvironmentSignature { kind, slots: slots.into() });
    }

    /// `\newminted[name]{language}{options}` makes `name` or `languagecode`.
    fn define_minted(&mut self, command: NodeId) {
        let given = self.given(command);
        let named = given.iter().find(|given| given.role == Role::EnvironmentName);
        let Some((name, name_range)) = self.name_or_language(named, &given, "code") else {
            return;
        };
        let signature =
            EnvironmentSignature { kind: EnvironmentKind::Verbatim, slots: Vec::new().into() };
        self.own.environments.insert(name.clone(), signature);
        self.definitions.push(Definition {
            kind: DefinitionKind::Environment,
            name,
            name_range,
            range: self.arena.node_range(command),
            body: None,
            arity: 0,
        });
    }

    /// `\newmintinline[name]{language}{options}` makes `\name` or `\languageinline`.
    fn define_mint(&mut self, command: NodeId, by: &str) {
        let given = self.given(command);
        let named = given.iter().find(|given| given.form == Form::Optional);
        let suffix = if by == "newmintinline" { "inline" } else { "" };
        let Some((name, name_range)) = self.name_or_language(named, &given, suffix) else {
            return;
        };
        let options = Slot { form: Form::Optional, role: Role::Keys };
        let code = Slot { form: Form::Delimited, role: Role::Verbatim };
        let kind = DefinitionKind::Command;
        self.learn_command(kind, command, name, name_range, None, vec![options, code]);
    }

    /// The name that a definition of minted's gives, else its language with a suffix; and where.
    fn name_or_language(
        &self,
        named: Option<&Given>,
        given: &[Given],
        suffix: &str,
    ) -> Option<(String, ByteRange)> {
        let language = given.iter().find(|given| given.form == Form::Mandatory)?;
        let range = named.unwrap_or(language).content;
        if range.len() > NAME_LIMIT {
            return None;
        }
        let name = &self.text[range.as_range()];
        let suffix = if named.is_none() { suffix } else { "" };
        Some((format!("{name}{suffix}"), range))
    }

    /// Gives each argument the role of the place where the body uses it.
    fn infer_roles(&self, body: NodeId, slots: &mut [Slot]) {
        if slots.is_empty() {
            return;
        }
        let mut roles: Vec<Role> = Vec::new();
        for step in self.arena.walk(body) {
            match step {
                Step::Enter(node) => {
                    let outer = roles.last().copied().unwrap_or(Role::Printed);
                    roles.push(match self.arena.node(node).kind {
                        NodeKind::Argument(_, Role::Code) => outer,
                        NodeKind::Argument(_, role) => role,
                        NodeKind::Math(_) | NodeKind::Environment(EnvironmentKind::Math) => {
                            Role::Math
                        }
                        _ => outer,
                    });
                }
                Step::Leave(_) => {
                    roles.pop();
                }
                Step::Token(token, TokenKind::Parameter) => {
                    let text = &self.text[self.arena.token_range(token).as_range()];
                    let digit = text.bytes().last().filter(u8::is_ascii_digit);
                    let at = digit.and_then(|digit| usize::from(digit - b'0').checked_sub(1));
                    let slot = at.and_then(|at| slots.get_mut(at));
                    if let (Some(slot), Some(role)) = (slot, roles.last())
                        && weight(*role) > weight(slot.role)
                    {
                        slot.role = *role;
                    }
                }
                Step::Token(..) => {}
            }
        }
    }

    /// The kind of the last environment that begins but does not end in the body.
    fn kind_left_open(&self, body: NodeId) -> EnvironmentKind {
        let nodes = (body.0..self.arena.node(body).next).rev().map(NodeId);
        let mut open = nodes.filter_map(|node| match self.arena.node(node).kind {
            NodeKind::Environment(kind) => {
                let mut children = self.arena.children(node);
                let is_ended = children.any(|n| self.arena.node(n).kind == NodeKind::End);
                (!is_ended).then_some(kind)
            }
            _ => None,
        });
        open.next().unwrap_or_default()
    }
}

/// Of two places where an argument is used, the heavier one says what it is for.
fn weight(role: Role) -> u8 {
    match role {
        Role::Keys => 0,
        Role::Unknown => 1,
        Role::Printed => 2,
        Role::Math => 3,
        _ => 4,
    }
}

/// `[2][default]`: two arguments, the first of them optional.
fn counted_slots(text: &str, given: &[Given]) -> Vec<Slot> {
    let is_name = |given: &&Given| matches!(given.role, Role::CommandName | Role::EnvironmentName);
    let name = given.iter().find(is_name).map_or(NodeId(0), |given| given.node);
    // tcolorbox has other options before the name.
    let mut brackets = given.iter().filter(|g| g.form == Form::Optional && g.node > name);
    let count = brackets.next().and_then(|given| text[given.content.as_range()].parse().ok());
    let count = count.unwrap_or(0).min(MOST_ARGUMENTS);
    let mut slots = vec![Slot { form: Form::Mandatory, role: Role::Keys }; count];
    if let (Some(first), Some(_)) = (slots.first_mut(), brackets.next()) {
        first.form = Form::Optional;
    }
    slots
}

/// The argument specification of `\NewDocumentCommand`, as far as it can be written in slots.
fn xparse_slots(text: &str, given: &[Given]) -> Vec<Slot> {
    let Some(specification) = given.get(1) else { return Vec::new() };
    let mut slots = Vec::new();
    let mut depth = 0_usize;
    for byte in text[specification.content.as_range()].bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // Defaults stand in braces; `d<>` is beamer's.
        let form = match byte {
            _ if depth > 0 => continue,
            b'm' | b'r' | b'R' | b'l' | b'u' => Form::Mandatory,
            b'o' | b'O' => Form::Optional,
            b's' => Form::Star,
            b'g' | b'G' => Form::OptionalBraces,
            b'd' | b'D' => Form::Overlay,
            b'v' => Form::Delimited,
            b'b' => break,
            _ => continue,
        };
        let role = if form == Form::Delimited { Role::Verbatim } else { Role::Keys };
        slots.push(Slot { form, role });
    }
    slots.truncate(MOST_ARGUMENTS);
    slots
}

/// `#1#2` of a `\def`; text between the parameters divides them in ways that no slot can say.
fn def_slots(text: &str, given: &[Given]) -> Vec<Slot> {
    let Some(parameters) = given.iter().find(|given| given.form == Form::ParameterText) else {
        return Vec::new();
    };
    let parameters = &text[parameters.content.as_range()];
    let is_plain = parameters.bytes().all(|byte| byte == b'#' || byte.is_ascii_digit());
    let count = if is_plain { parameters.matches('#').count().min(MOST_ARGUMENTS) } else { 0 };
    vec![Slot { form: Form::Mandatory, role: Role::Keys }; count]
}
