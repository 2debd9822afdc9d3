//! Pages that readers open in a browser: from rows to views.

pub(super) mod adopted;
pub(super) mod article;
mod authors;
pub(super) mod drafts;
pub(super) mod home;
pub(super) mod lists;
mod neighbours;
pub(super) mod note;
pub(super) mod permalink;
pub(super) mod publication;
pub(super) mod reactions;
pub(super) mod remote_interaction;
pub(super) mod search;
pub(super) mod tag;
