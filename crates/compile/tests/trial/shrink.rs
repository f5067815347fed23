//! The fewest edits that still show a difference.

use crate::{
    documents::Document,
    replay::{Replay, Times},
    steps::{Step, Then},
};
use std::time::{Duration, Instant};

/// Longer than this nobody waits for a shorter list.
const PATIENCE: Duration = Duration::from_secs(240);

/// Take all steps; answers with how many were taken and what differed.
pub(crate) fn fails(document: &Document, steps: &[Step]) -> Option<(usize, String)> {
    let mut replay = match Replay::start(document, document.files()) {
        Ok(replay) => replay,
        Err(why) => return Some((0, why)),
    };
    let mut times = Times::default();
    steps
        .iter()
        .enumerate()
        .find_map(|(index, step)| replay.take(step, &mut times).err().map(|why| (index + 1, why)))
}

/// Leave out halves, quarters … of the steps as long as the rest fails.
pub(crate) fn shrink(document: &Document, mut steps: Vec<Step>) -> Vec<Step> {
    let start = Instant::now();
    // What is not compared may be wrong long before it is seen.
    let mut piece = steps.len().div_ceil(2);
    while piece > 0 && start.elapsed() < PATIENCE {
        let mut from = 0;
        while from < steps.len() && start.elapsed() < PATIENCE {
            let mut fewer = steps.clone();
            fewer.drain(from..(from + piece).min(steps.len()));
            if let Some(last) = fewer.last_mut()
                && last.then != Then::Pause
            {
                last.then = Then::Settle;
            }
            match fails(document, &fewer) {
                Some((taken, _)) => {
                    fewer.truncate(taken);
                    steps = fewer;
                }
                None => from += piece,
            }
        }
        piece /= 2;
    }
    steps
}
