//! Small tools that know nothing of the rest of the program.

pub mod backoff;
pub mod private_files;
pub mod time;
pub mod wait;
