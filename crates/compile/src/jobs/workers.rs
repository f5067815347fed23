//! Threads that run jobs as a [`Schedule`] says.

use super::{Job, JobFault, JobResult, JobState, Leased, Refused, Schedule};
use quire_tex_engine::CancelToken;
use std::{
    collections::BTreeMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// What has become of a job in the end: its result, or why there is none after all attempts.
pub type Finished = Result<JobResult, JobFault>;

type RunJob = dyn Fn(&Job, &CancelToken) -> Finished + Send + Sync;

/// Threads that run jobs. Dropping them takes back what runs, and waits for its end; what waits is left in
/// [`Workers::schedule`], which somebody may have stored.
pub struct Workers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    run: Box<RunJob>,
    begun: Instant,
}

struct State {
    schedule: Schedule,
    /// Of those that run.
    tokens: BTreeMap<String, CancelToken>,
    answers: BTreeMap<String, Sender<Finished>>,
    is_over: bool,
}

impl Workers {
    /// So many threads; that many jobs run at once at most, and no more than the schedule lets.
    pub fn start(
        threads: usize,
        schedule: Schedule,
        run: impl Fn(&Job, &CancelToken) -> Finished + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (tokens, answers) = (BTreeMap::new(), BTreeMap::new());
        let state = State { schedule, tokens, answers, is_over: false };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            run: Box::new(run),
            begun: Instant::now(),
        });
        let mut workers = Self { shared, threads: Vec::new() };
        for _ in 0..threads {
            let shared = workers.shared.clone();
            let thread = std::thread::Builder::new().name("job".to_owned());
            workers.threads.push(thread.spawn(move || shared.work())?);
        }
        Ok(workers)
    }

    /// Let a job wait for its turn. What becomes of it comes over the channel, once.
    pub fn submit(&self, job: Job) -> Result<Receiver<Finished>, Refused> {
        let (answer, finished) = mpsc::channel();
        let mut state = self.shared.lock();
        let id = job.id.clone();
        state.schedule.submit(job)?;
        state.answers.insert(id, answer);
        self.shared.changed.notify_all();
        Ok(finished)
    }

    /// Take a job back, also while it runs.
    pub fn cancel(&self, id: &str) {
        let mut state = self.shared.lock();
        match state.schedule.cancel(id) {
            JobState::Running => {
                state.tokens.get(id).into_iter().for_each(CancelToken::cancel);
            }
            JobState::Waiting | JobState::Dead | JobState::Gone => {
                state.answer(id, Err(JobFault::Cancelled));
            }
        }
    }

    /// What waits, runs and was given up, to store it or to look at it.
    pub fn schedule(&self) -> Schedule {
        self.shared.lock().schedule.clone()
    }

    /// Try a job again that was given up.
    pub fn revive(&self, id: &str) -> Result<JobState, Refused> {
        let revived = self.shared.lock().schedule.revive(id);
        self.shared.changed.notify_all();
        revived
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.is_over = true;
            state.tokens.values().for_each(CancelToken::cancel);
        }
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // One that panicked has told so.
            let _ = thread.join();
        }
    }
}

impl State {
    fn answer(&mut self, id: &str, finished: Finished) {
        if let Some(answer) = self.answers.remove(id) {
            // Whoever asked may have gone.
            let _ = answer.send(finished);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn work(&self) {
        while let Some((leased, token)) = self.lease() {
            let run = || (self.run)(&leased.job, &token);
            let panicked = |_| Err(JobFault::Infrastructure("the worker has panicked".to_owned()));
            let finished = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(panicked);
            // What goes wrong with one that was taken back is nobody's fault.
            let finished = finished.map_err(|fault| match token.is_cancelled() {
                true => JobFault::Cancelled,
                false => fault,
            });
            self.finish(&leased.job.id, finished);
        }
    }

    /// Waits for a job; `None` when all is over.
    fn lease(&self) -> Option<(Leased, CancelToken)> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            let now = self.now_ms();
            if let Some(leased) = state.schedule.next(now) {
                let token = CancelToken::new();
                state.tokens.insert(leased.job.id.clone(), token.clone());
                return Some((leased, token));
            }
            /// There is nothing to wait for but being woken.
            const LONG_MS: u64 = 3_600_000;
            let timeout = Duration::from_millis(state.schedule.next_in_ms(now).unwrap_or(LONG_MS));
            let woken = self.changed.wait_timeout(state, timeout);
            (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, id: &str, finished: Finished) {
        let mut state = self.lock();
        state.tokens.remove(id);
        if state.is_over && matches!(finished, Err(JobFault::Cancelled)) {
            // It was not its author who took it back: it waits in what was stored.
            return;
        }
        let now = self.now_ms();
        match state.schedule.finished(id, &finished, now) {
            JobState::Waiting | JobState::Running => {}
            JobState::Dead | JobState::Gone => state.answer(id, finished),
        }
        self.changed.notify_all();
    }
}
