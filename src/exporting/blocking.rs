//! Blocking work on a thread of its own. It ends early if nobody waits for it any more, as after Ctrl-C.

use super::ExportError;
use std::{
    io::{self, Read},
    sync::{Arc, Weak},
};

/// Whether somebody waits for the work.
pub(super) struct Wanted(Weak<()>);

impl Wanted {
    /// Ends work that nobody waits for.
    ///
    /// # Errors
    /// [`ExportError::Interrupted`] if nobody does.
    pub(super) fn check(&self) -> Result<(), ExportError> {
        match self.0.strong_count() {
            0 => Err(ExportError::Interrupted),
            _ => Ok(()),
        }
    }

    /// Returns a reader that fails once nobody waits for the work.
    pub(super) fn reader<R: Read>(&self, inner: R) -> WantedReader<R> {
        WantedReader {
            inner,
            wanted: Wanted(self.0.clone()),
        }
    }
}

/// A reader that fails once nobody waits for what is read.
pub(super) struct WantedReader<R> {
    inner: R,
    wanted: Wanted,
}

impl<R: Read> Read for WantedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wanted.check().map_err(io::Error::other)?;
        self.inner.read(buffer)
    }
}

/// Does blocking work on a thread of its own.
///
/// # Errors
/// The error of the work.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce(&Wanted) -> Result<T, ExportError> + Send + 'static,
) -> Result<T, ExportError> {
    let waiting = Arc::new(());
    let wanted = Wanted(Arc::downgrade(&waiting));
    let done = tokio::task::spawn_blocking(move || work(&wanted)).await;
    // It lives until here, or ends with this future.
    drop(waiting);
    done.map_err(ExportError::Thread).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Duration};

    #[tokio::test(flavor = "multi_thread")]
    async fn work_that_nobody_waits_for_ends() {
        let read = |wanted: &Wanted| Ok(io::read_to_string(wanted.reader("whole".as_bytes())));
        assert_eq!(run(read).await.unwrap().unwrap(), "whole");

        let (sender, receiver) = mpsc::channel();
        let endless = run(move |wanted| {
            let copied = io::copy(&mut wanted.reader(io::repeat(0)), &mut io::sink());
            sender.send(copied.is_err()).unwrap();
            Ok(())
        });
        let ended = tokio::time::timeout(Duration::from_millis(50), endless).await;
        assert!(ended.is_err());
        let has_failed = receiver.recv_timeout(Duration::from_secs(30));
        assert_eq!(has_failed, Ok(true));
    }
}
