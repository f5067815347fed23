//! What axe-core (https://github.com/dequelabs/axe-core) has against a window.

use quire_e2e::Driver;
use std::path::Path;

/// A line for each fault of what is shown. Monaco's own insides are left out, but for their colours, which are ours.
fn faults(window: &Driver) -> Vec<String> {
    if window.run("return typeof window.axe", &[]).unwrap() == "undefined" {
        let axe =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
        let script = std::fs::read_to_string(axe).expect("`npm ci` in ui installs axe-core");
        window.run(&(script + "\nwindow.axe = axe"), &[]).unwrap();
    }
    // What fades in would be measured half transparent.
    window
        .until("all to stand still", "document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)")
        .unwrap();
    let script = "const done = arguments[arguments.length - 1]; \
        axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done(violations.flatMap(({ id, nodes }) => nodes \
          .filter(({ target }) => id === 'color-contrast' || !document.querySelector(target.join(' '))?.closest('.monaco-editor')) \
          .map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`))), (e) => done([String(e)]))";
    let found = window.run_async(script, &[]).unwrap();
    found.as_array().unwrap().iter().map(|fault| fault.as_str().unwrap().to_owned()).collect()
}

#[track_caller]
pub(crate) fn is_accessible(window: &Driver, what: &str) {
    let found = faults(window);
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}
