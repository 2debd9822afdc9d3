//! The URLs of a database.

/// The URLs of a database: the one that statements go to, and the one for sessions.
#[derive(Clone, Copy)]
pub struct DatabaseUrls<'a> {
    /// The database, or a pooler in transaction mode before it.
    pub url: &'a str,
    /// The database itself, if `url` is a pooler.
    pub direct_url: Option<&'a str>,
}

impl<'a> DatabaseUrls<'a> {
    /// Returns whether statements go through a pooler.
    pub(crate) fn is_pooled(&self) -> bool {
        self.direct_url.is_some()
    }

    /// Returns the URL of the database itself.
    pub(crate) fn direct(&self) -> &'a str {
        self.direct_url.unwrap_or(self.url)
    }
}

impl<'a> From<&'a str> for DatabaseUrls<'a> {
    fn from(url: &'a str) -> Self {
        DatabaseUrls {
            url,
            direct_url: None,
        }
    }
}

impl<'a> From<&'a String> for DatabaseUrls<'a> {
    fn from(url: &'a String) -> Self {
        url.as_str().into()
    }
}
