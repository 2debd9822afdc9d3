//! Small tools that know nothing of the rest of the program.

pub(crate) mod backoff;
pub(crate) mod batches;
pub(crate) mod color;
pub(crate) mod heap;
pub(crate) mod private_files;
pub(crate) mod steps;
pub(crate) mod time;
pub(crate) mod wait;
