//! Files: static files, pictures of articles, copies of pictures from other servers, and the program's source.

pub mod media;
pub mod pictures;
pub mod source;
pub mod static_files;
