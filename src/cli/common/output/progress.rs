//! Shows the progress of work that lasts over a second: a bar or a spinner on stderr.
//!
//! Nothing is shown if stderr is no terminal, or if the command prints JSON.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::IsTerminal,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

/// The time after which progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// The time between two pictures of a spinner.
const TICK: Duration = Duration::from_millis(120);

/// Whether the command prints JSON.
static IS_SILENT: AtomicBool = AtomicBool::new(false);

/// The bar that is shown, so that other lines do not run into it.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Shows no progress from now on.
pub(crate) fn silence() {
    IS_SILENT.store(true, Ordering::Relaxed);
}

/// Writes to the terminal while no bar is in the way.
pub(crate) fn suspended<T>(write: impl FnOnce() -> T) -> T {
    let shown = match SHOWN.lock() {
        Ok(shown) => shown.clone(),
        Err(_) => None,
    };
    match shown {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// The progress of some work. It disappears from the screen when it is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// The thread that shows the bar later, and the end of its wait.
    later: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Shows how many of `total` pieces of work are done, such as "Publishing 12 of 40".
    pub(crate) fn new(total: u64, message: &str) -> Progress {
        let style = style("{msg} {bar:30} {pos} of {len}");
        Self::start(
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()),
            style,
            message,
        )
    }

    /// Shows that something lasts whose end is not known, such as "Asking example.org".
    pub(crate) fn spinner(message: &str) -> Progress {
        let style = style("{spinner} {msg}");
        Self::start(
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            style,
            message,
        )
    }

    fn start(bar: ProgressBar, style: ProgressStyle, message: &str) -> Progress {
        bar.set_style(style);
        bar.set_message(message.to_owned());
        let is_shown = std::io::stderr().is_terminal() && !IS_SILENT.load(Ordering::Relaxed);
        let later = is_shown.then(|| show_later(bar.clone()));
        Progress { bar, later }
    }

    /// Counts one more piece of work as done.
    pub(crate) fn advance(&self) {
        self.bar.inc(1);
    }

    /// Shows how many pieces of work are done, and how many are known by now.
    pub(crate) fn set(&self, done: u64, known: u64) {
        self.bar.set_length(known);
        self.bar.set_position(done);
    }

    /// Counts so many more pieces of work as done.
    pub(crate) fn advance_by(&self, count: u64) {
        self.bar.inc(count);
    }

    /// Replaces the text beside the bar.
    pub(crate) fn set_message(&self, message: &str) {
        self.bar.set_message(message.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let Some((end, thread)) = self.later.take() else {
            return;
        };
        drop(end);
        let _ = thread.join();
        if let Ok(mut shown) = SHOWN.lock() {
            *shown = None;
        }
        self.bar.finish_and_clear();
    }
}

/// Shows a bar after a second, unless the work ends before.
fn show_later(bar: ProgressBar) -> (Sender<()>, JoinHandle<()>) {
    let (end, wait) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        if wait.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        bar.set_draw_target(ProgressDrawTarget::stderr());
        if let Ok(mut shown) = SHOWN.lock() {
            *shown = Some(bar.clone());
        }
        bar.enable_steady_tick(TICK);
    });
    (end, thread)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
        .tick_chars("|/-\\ ")
}
