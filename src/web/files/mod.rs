//! Files: static files, pictures of articles, copies of pictures from other servers, and the program's source.

pub(super) mod media;
pub(super) mod pictures;
pub(super) mod source;
pub(super) mod static_files;
pub(super) mod theme;
