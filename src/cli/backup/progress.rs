//! Shows the progress of work on a backup.

use crate::{backup, cli::common::progress::Progress};
use std::sync::Mutex;

/// A bar for each part of the work.
pub(super) struct Bars {
    message: &'static str,
    shown: Mutex<Option<Progress>>,
}

impl Bars {
    pub(super) fn new(message: &'static str) -> Bars {
        Bars {
            message,
            shown: Mutex::new(None),
        }
    }

    /// Shows a step. A lock that a panic left is no reason to fail.
    pub(super) fn show(&self, step: backup::Progress) {
        let Ok(mut shown) = self.shown.lock() else {
            return;
        };
        match step {
            backup::Progress::Begin(total) => {
                // The old bar leaves the screen before the new one comes.
                *shown = None;
                *shown = Some(Progress::new(total, self.message));
            }
            backup::Progress::Advance(count) => {
                if let Some(bar) = &*shown {
                    bar.advance_by(count);
                }
            }
        }
    }
}
