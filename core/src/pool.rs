//! A bounded pool of threads for hosts that must not block: Node's event loop, Python's asyncio.
//!
//! Threads are started as needed, never more than the limit, and end after a while without work. Jobs beyond the limit
//! wait in line.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result, codes};

const IDLE: Duration = Duration::from_secs(10);
/// Signing and TLS need little; the default of 2 MB for each of many threads would be waste.
const STACK_BYTES: usize = 512 * 1024;

type Job = Box<dyn FnOnce() + Send>;

pub(crate) struct Pool {
    shared: Arc<Shared>,
    limit: usize,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// A pool of at most `limit` threads, of which none is started yet.
    pub(crate) fn new(limit: usize) -> Self {
        Self { shared: Arc::default(), limit: limit.max(1) }
    }

    /// Runs the job on a thread of the pool, now or as soon as one is free.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] after [`close`](Self::close), [`ErrorKind::Io`] when no thread could be started at all. The
    /// job is dropped then.
    pub(crate) fn submit(&self, job: impl FnOnce() + Send + 'static) -> Result<()> {
        let mut state = self.shared.lock();
        if state.closed {
            return Err(closed());
        }
        state.queue.push_back(Box::new(job));
        if state.idle >= state.queue.len() {
            self.shared.work.notify_one();
            return Ok(());
        }
        if state.threads >= self.limit {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("wechatpay".to_owned()).stack_size(STACK_BYTES);
        match thread.spawn(move || shared.run()) {
            Ok(_) => state.threads += 1,
            // Others will come to it.
            Err(_) if state.threads > 0 => {}
            Err(error) => {
                state.queue.pop_back();
                return Err(Error::io("no thread could be started for the call.", error));
            }
        }
        Ok(())
    }

    /// Takes no more jobs. Those in line and under way are finished; their threads end afterwards.
    pub(crate) fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn run(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                drop(state);
                // A panic must end neither the thread nor the process; whoever submitted the job reports it.
                let _ = catch_unwind(AssertUnwindSafe(job));
                state = self.lock();
                continue;
            }
            if state.closed {
                break;
            }
            state.idle += 1;
            let (woken, wait) = self.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if wait.timed_out() && state.queue.is_empty() {
                break;
            }
        }
        state.threads -= 1;
    }
}

pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::Closed, codes::CLOSED, "the client was closed.")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Barrier, mpsc};

    use super::*;

    #[test]
    fn jobs_run_side_by_side_up_to_the_limit_and_no_further() {
        let pool = Pool::new(3);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let together = Arc::new(Barrier::new(3));
        let (done, results) = mpsc::channel();
        for job in 0..30 {
            let (running, most, together, done) =
                (Arc::clone(&running), Arc::clone(&most), Arc::clone(&together), done.clone());
            pool.submit(move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Only three threads at once get past here: it would hang if the pool ran fewer.
                together.wait();
                running.fetch_sub(1, Ordering::SeqCst);
                done.send(job).unwrap();
            })
            .unwrap();
        }
        let mut finished: Vec<i32> = results.iter().take(30).collect();
        finished.sort_unstable();
        assert_eq!(finished, (0..30).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn a_panicking_job_takes_nobody_with_it() {
        let pool = Pool::new(1);
        let (done, results) = mpsc::channel();
        pool.submit(|| panic!("expected in this test")).unwrap();
        pool.submit(move || done.send(1).unwrap()).unwrap();
        assert_eq!(results.recv(), Ok(1));
    }

    #[test]
    fn a_closed_pool_finishes_its_jobs_and_takes_no_more() {
        let pool = Pool::new(1);
        let (release, released) = mpsc::channel::<()>();
        let (done, results) = mpsc::channel();
        let also_done = done.clone();
        pool.submit(move || {
            released.recv().unwrap();
            done.send(1).unwrap();
        })
        .unwrap();
        pool.submit(move || also_done.send(2).unwrap()).unwrap();
        pool.close();
        assert_eq!(pool.submit(|| ()).unwrap_err().kind(), ErrorKind::Closed);
        release.send(()).unwrap();
        assert_eq!(results.iter().take(2).collect::<Vec<_>>(), [1, 2]);
    }
}
