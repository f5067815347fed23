//! The window's half: declarations of all types, and a function for each command.

use crate::{UserError, command};
use quire_workbench::Event;
use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write,
};
use ts_rs::{Config, TS, TypeVisitor};

/// Declarations by name.
#[derive(Default)]
pub(crate) struct Types {
    declared: BTreeMap<String, String>,
    seen: HashSet<std::any::TypeId>,
}

impl Types {
    /// A type and all it is made of.
    pub(crate) fn add<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(std::any::TypeId::of::<T>()) {
            return;
        }
        let config = Config::default();
        // Only types with a file of their own have a declaration; the others are written out.
        if T::output_path().is_some() {
            let mut text = T::docs().unwrap_or_default();
            let _ = write!(text, "export {}", T::decl(&config));
            self.declared.insert(T::ident(&config), text);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}

/// The contents of `ui/src/ipc/generated.ts`.
pub fn typescript() -> String {
    let mut types = Types::default();
    types.add::<Event>();
    types.add::<UserError>();
    command::collect(&mut types);
    let mut text = String::from(
        "// Written by `cargo xtask bindings` from crates/ipc. Do not edit: a test compares it.\n\n\
         import { call } from './call'\n\n",
    );
    for declaration in types.declared.values() {
        let _ = writeln!(text, "{declaration}\n");
    }
    text.push_str("/** What the application does for a window. */\nexport const commands = {\n");
    for signature in command::signatures() {
        let mut letters = signature.name.chars();
        let first = letters.next().into_iter().flat_map(char::to_lowercase);
        let name: String = first.chain(letters).collect();
        let result = if signature.result == "null" { "void" } else { &signature.result };
        let (parameter, argument) = match signature.arguments.as_str() {
            "null" => (String::new(), "null"),
            arguments => (format!("arguments_: {arguments}"), "arguments_"),
        };
        let _ = writeln!(text, "  /** {} */", signature.doc.trim());
        let _ = writeln!(
            text,
            "  {name}: ({parameter}): Promise<{result}> => call('{name}', {argument}),"
        );
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    /// The window must be built with what this program understands: `cargo xtask bindings`.
    #[test]
    fn the_window_was_built_with_these_types() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/ipc/generated.ts");
        let found = std::fs::read_to_string(file).unwrap_or_default();
        assert!(found == super::typescript(), "run `cargo xtask bindings`");
    }
}
