//! Futures on the heap.

use futures_util::future::BoxFuture;

/// Makes a future on the heap. Made where it is awaited, it would take a part of that function's stack, and a build without
/// optimization would need more for the inbox than a thread has.
pub(crate) fn on_heap<'a, F>(make: impl FnOnce() -> F) -> BoxFuture<'a, F::Output>
where
    F: Future + Send + 'a,
{
    Box::pin(make())
}
