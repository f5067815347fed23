//! Which job is next. Time is told, not asked: all that happens follows from what was called.

use super::{Job, JobFault, JobResult};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Bounds of a [`Schedule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScheduleLimits {
    /// Jobs that run at once.
    pub at_once: usize,
    /// Of one user.
    pub per_user: usize,
    /// Jobs of one user that wait.
    pub waiting_per_user: usize,
    /// How often a job is tried when it was not the document's fault.
    pub attempts: u32,
    /// Before the second attempt, in milliseconds; each pause after it is four times as long.
    pub first_pause_ms: u64,
    /// Jobs that were given up and are kept for somebody to look at; the oldest go first.
    pub dead_letters: usize,
}

impl Default for ScheduleLimits {
    fn default() -> Self {
        Self {
            at_once: 2,
            per_user: 1,
            waiting_per_user: 16,
            attempts: 3,
            first_pause_ms: 500,
            dead_letters: 1000,
        }
    }
}

/// Why a job was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its user has too many that wait.
    #[error("{waiting} builds of yours are waiting; let one of them end first")]
    TooMany {
        /// So many.
        waiting: usize,
    },
    /// There is one of that id.
    #[error("the build `{id}` was asked for already")]
    Known {
        /// The id.
        id: String,
    },
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The job.
    pub job: Job,
    /// What went wrong each time.
    pub faults: Vec<String>,
}

/// A job that is to be run now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// The job.
    pub job: Job,
    /// Counted from one.
    pub attempt: u32,
}

/// How it stands with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It waits for its turn, or for another attempt.
    Waiting,
    /// It runs.
    Running,
    /// It was given up: it is among the dead letters.
    Dead,
    /// It has ended, was taken back, or was never there.
    Gone,
}

/// Jobs that wait, run and were given up. What it is when it is stored is what it is when it is read again, but that
/// those that ran wait again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    limits: ScheduleLimits,
    /// By user, in the order in which they came.
    waiting: BTreeMap<String, VecDeque<Entry>>,
    /// By id.
    running: BTreeMap<String, Entry>,
    dead: VecDeque<DeadLetter>,
    /// When each user that has jobs had his last turn.
    turns: BTreeMap<String, u64>,
    turn: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    job: Job,
    /// Each attempt that failed.
    faults: Vec<String>,
    not_before_ms: u64,
}

impl Schedule {
    /// With these bounds and nothing to do.
    pub fn new(limits: ScheduleLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// After a start: what ran when this was stored was broken off, and waits again before all others of its user.
    /// Times begin anew.
    #[must_use]
    pub fn restarted(mut self) -> Self {
        for entry in self.waiting.values_mut().flatten() {
            entry.not_before_ms = 0;
        }
        for (_, mut entry) in std::mem::take(&mut self.running) {
            entry.faults.push("the worker was ended while it ran".to_owned());
            entry.not_before_ms = 0;
            if entry.faults.len() >= self.limits.attempts as usize {
                self.bury(entry);
            } else {
                self.waiting.entry(entry.job.user.clone()).or_default().push_front(entry);
            }
        }
        self
    }

    /// Let a job wait for its turn.
    pub fn submit(&mut self, job: Job) -> Result<(), Refused> {
        if matches!(self.state(&job.id), JobState::Waiting | JobState::Running) {
            return Err(Refused::Known { id: job.id });
        }
        let waiting = self.waiting.get(&job.user).map_or(0, VecDeque::len);
        if waiting >= self.limits.waiting_per_user {
            return Err(Refused::TooMany { waiting });
        }
        let entry = Entry { faults: Vec::new(), not_before_ms: 0, job };
        self.waiting.entry(entry.job.user.clone()).or_default().push_back(entry);
        Ok(())
    }

    /// The next job to run, if one may: of the user of whom the fewest run, and among these of the one whose last turn is
    /// longest ago.
    pub fn next(&mut self, now_ms: u64) -> Option<Leased> {
        if self.running.len() >= self.limits.at_once {
            return None;
        }
        let candidates = self.waiting.iter().filter_map(|(user, jobs)| {
            let runs = self.running_of(user);
            let at = jobs.iter().position(|entry| entry.not_before_ms <= now_ms)?;
            let last = self.turns.get(user).copied().unwrap_or(0);
            (runs < self.limits.per_user).then_some((runs, last, user, at))
        });
        let (_, _, user, at) = candidates.min()?;
        let user = user.clone();
        let entry = self.waiting.get_mut(&user)?.remove(at)?;
        self.turn += 1;
        self.turns.insert(user, self.turn);
        let leased = Leased { job: entry.job.clone(), attempt: entry.faults.len() as u32 + 1 };
        self.running.insert(entry.job.id.clone(), entry);
        self.forget_idle();
        Some(leased)
    }

    /// In how long the next attempt is due that waits for its time; `None` when none does.
    pub fn next_in_ms(&self, now_ms: u64) -> Option<u64> {
        let later = self.waiting.values().flatten().map(|entry| entry.not_before_ms);
        later.filter(|at| *at > now_ms).min().map(|at| at - now_ms)
    }

    /// A job that ran has ended. What was the worker's fault is tried again, as often as the bounds say.
    pub fn finished(
        &mut self,
        id: &str,
        result: &Result<JobResult, JobFault>,
        now_ms: u64,
    ) -> JobState {
        let Some(mut entry) = self.running.remove(id) else { return JobState::Gone };
        let state = match result {
            Ok(_) | Err(JobFault::Cancelled) => JobState::Gone,
            Err(JobFault::Invalid(why)) => {
                entry.faults.push(why.clone());
                self.bury(entry)
            }
            Err(JobFault::Infrastructure(why)) => {
                entry.faults.push(why.clone());
                self.try_again(entry, now_ms)
            }
        };
        self.forget_idle();
        state
    }

    fn try_again(&mut self, mut entry: Entry, now_ms: u64) -> JobState {
        let failed = entry.faults.len() as u32;
        if failed >= self.limits.attempts {
            return self.bury(entry);
        }
        let pause = 4_u64.saturating_pow(failed - 1).saturating_mul(self.limits.first_pause_ms);
        entry.not_before_ms = now_ms.saturating_add(pause);
        self.waiting.entry(entry.job.user.clone()).or_default().push_front(entry);
        JobState::Waiting
    }

    fn bury(&mut self, entry: Entry) -> JobState {
        self.dead.push_back(DeadLetter { job: entry.job, faults: entry.faults });
        while self.dead.len() > self.limits.dead_letters {
            self.dead.pop_front();
        }
        JobState::Dead
    }

    /// Take a job back. One that runs goes on until it has ended: see [`finished`](Self::finished).
    pub fn cancel(&mut self, id: &str) -> JobState {
        if self.running.contains_key(id) {
            return JobState::Running;
        }
        for jobs in self.waiting.values_mut() {
            jobs.retain(|entry| entry.job.id != id);
        }
        self.forget_idle();
        JobState::Gone
    }

    /// Try a dead letter again, from the first attempt.
    pub fn revive(&mut self, id: &str) -> Result<JobState, Refused> {
        let Some(at) = self.dead.iter().position(|letter| letter.job.id == id) else {
            return Ok(self.state(id));
        };
        // It stays where it is if there is no room.
        self.submit(self.dead[at].job.clone())?;
        self.dead.remove(at);
        Ok(JobState::Waiting)
    }

    /// How it stands with a job.
    pub fn state(&self, id: &str) -> JobState {
        if self.running.contains_key(id) {
            JobState::Running
        } else if self.waiting.values().flatten().any(|entry| entry.job.id == id) {
            JobState::Waiting
        } else if self.dead.iter().any(|letter| letter.job.id == id) {
            JobState::Dead
        } else {
            JobState::Gone
        }
    }

    /// Jobs that were given up, the last first.
    pub fn dead_letters(&self) -> impl Iterator<Item = &DeadLetter> {
        self.dead.iter().rev()
    }

    /// How many wait, and how many run.
    pub fn counts(&self) -> (usize, usize) {
        (self.waiting.values().map(VecDeque::len).sum(), self.running.len())
    }

    fn running_of(&self, user: &str) -> usize {
        self.running.values().filter(|entry| entry.job.user == user).count()
    }

    /// Users without jobs have no turn to wait for.
    fn forget_idle(&mut self) {
        self.waiting.retain(|_, jobs| !jobs.is_empty());
        let (waiting, running) = (&self.waiting, &self.running);
        self.turns.retain(|user, _| {
            waiting.contains_key(user) || running.values().any(|entry| entry.job.user == *user)
        });
    }
}

#[cfg(test)]
mod tests;
