//! Reasons why an article or a page is not stored.

use crate::{
    node::{NodeError, media::LibraryError},
    store::StoreError,
};

/// The reason why an article or a page was not stored or changed. Then nothing is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    /// A mistake of the author's, as a sentence that says how to correct it.
    #[error("{0}")]
    Mistake(String),
    /// Another article or page has the slug.
    #[error("{message}")]
    Taken { slug: String, message: String },
    /// It was changed or deleted since it was read.
    #[error("{0} was changed in the meantime: read it again, and repeat your change on that")]
    Changed(String),
    #[error("no article has the slug {slug}: run `pamphlet post list` to list articles")]
    NoArticle { slug: String },
    #[error("cannot read {path}")]
    Read {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl PublishError {
    pub(super) fn mistake(message: impl Into<String>) -> PublishError {
        PublishError::Mistake(message.into())
    }

    pub(super) fn no_article(slug: &str) -> PublishError {
        PublishError::NoArticle {
            slug: slug.to_owned(),
        }
    }
}
