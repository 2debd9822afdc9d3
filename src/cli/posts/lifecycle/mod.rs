//! What happens to articles and pages after they are written: rename, delete, restore, history.

pub(super) mod bin;
pub(super) mod delete;
pub(super) mod history;
pub(super) mod rename;
