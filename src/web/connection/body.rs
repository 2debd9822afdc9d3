//! A response body that notes its progress.

use super::progress::OpenRequest;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// The largest part of a response that is handed over at once, in bytes. The progress of a client is measured in parts,
/// so they are smaller on a connection that several requests share.
const PART: usize = 64 * 1024;
const SHARED_PART: usize = 16 * 1024;

/// A response body in parts. It notes when the client requests each of them.
pub(crate) struct ProgressBody {
    body: axum::body::Body,
    rest: Bytes,
    largest: usize,
    request: OpenRequest,
}

impl ProgressBody {
    pub(crate) fn new(body: axum::body::Body, request: OpenRequest) -> ProgressBody {
        request.offer();
        let is_shared = request.is_on_shared_connection();
        ProgressBody {
            body,
            rest: Bytes::new(),
            largest: if is_shared { SHARED_PART } else { PART },
            request,
        }
    }
}

impl Body for ProgressBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
                self.request.pause();
                return Poll::Pending;
            };
            self.request.offer();
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let length = self.rest.len().min(self.largest);
        let part = self.rest.split_to(length);
        self.request.sent(length);
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (hint, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut all = SizeHint::new();
        all.set_lower(hint.lower() + rest);
        if let Some(upper) = hint.upper() {
            all.set_upper(upper + rest);
        }
        all
    }
}
