//! Which text a shared project is built from, and by which engine: what one author chooses holds for all.

use quire_project::DocumentId;
use serde::{Deserialize, Serialize};

/// What a project is built from, and with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildChoice {
    /// The text that is built; without one it is found.
    #[serde(default)]
    pub root: Option<DocumentId>,
    /// The engine, by its name on the command line; as far as anybody has chosen one.
    #[serde(default)]
    pub engine: Option<String>,
}

/// What is to hold on both sides: what was changed on one since both agreed, and the relay's when it was on both. Who may
/// not write changes nothing there, so that what he has chosen for himself stays until somebody chooses for all.
pub fn settle(here: &BuildChoice, agreed: &BuildChoice, there: &BuildChoice) -> BuildChoice {
    fn newer<T: Clone + PartialEq>(here: &T, agreed: &T, there: &T) -> T {
        if there == agreed { here.clone() } else { there.clone() }
    }
    BuildChoice {
        root: newer(&here.root, &agreed.root, &there.root),
        engine: newer(&here.engine, &agreed.engine, &there.engine),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(root: Option<u8>, engine: Option<&str>) -> BuildChoice {
        BuildChoice {
            root: root.map(|number| DocumentId([number; 16])),
            engine: engine.map(str::to_owned),
        }
    }

    #[test]
    fn what_was_chosen_on_one_side_holds_on_both_and_the_relay_is_right_in_doubt() {
        let none = choice(None, None);
        let mine = choice(Some(1), Some("lualatex"));
        assert_eq!(settle(&mine, &none, &none), mine);
        assert_eq!(settle(&none, &none, &mine), mine);
        let theirs = choice(Some(2), Some("lualatex"));
        assert_eq!(settle(&mine, &mine, &theirs), theirs);
        assert_eq!(
            settle(&choice(Some(3), Some("xelatex")), &mine, &theirs),
            choice(Some(2), Some("xelatex"))
        );
        assert_eq!(settle(&none, &mine, &mine), none, "a choice can be taken back");
    }
}
