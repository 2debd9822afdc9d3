//! Changes articles and pages after they are written: history, renames, withdrawal, the bin.

pub(crate) mod bin;
pub(crate) mod history;
pub(crate) mod rename;
pub(crate) mod withdrawal;
