//! Values with their own rules: articles, HTML, Markdown, handles, hosts, slugs, languages, texts.
//!
//! Nothing here does I/O. Remote text becomes a value of this room (`Html`, `Handle`, `Host`, `text::clean_line`) before
//! the rest of the node uses it.

/// Lets serde deserialize a type by its `FromStr` and serialize it by its `Display`, so that its rules always apply.
macro_rules! serde_as_text {
    ($name:ty, $error:ty) => {
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

pub(crate) mod announcement;
pub(crate) mod article;
pub(crate) mod blocklist;
pub(crate) mod domain;
pub(crate) mod emoji;
pub(crate) mod extras;
pub(crate) mod handle;
pub(crate) mod hashtag;
pub(crate) mod host;
pub(crate) mod html;
pub(crate) mod language;
pub mod markdown;
pub mod search;
pub(crate) mod slug;
pub(crate) mod text;
pub(crate) mod words;

pub use announcement::Announcement;
pub(crate) use article::{ArticleSource, CommentTerms, ImageSource, PageSource};
pub use article::{
    CommentPolicy, FederatedForm, Menu, PicturePlacement, PingPolicy, QuotePolicy, SummaryPolicy,
    UnknownChoice,
};
pub(crate) use domain::registrable_domain;
pub(crate) use emoji::is_emoji;
pub(crate) use extras::Extras;
pub use handle::Handle;
pub(crate) use handle::Username;
pub(crate) use host::Host;
pub use html::{FileRole, Html};
pub(crate) use language::Language;
pub(crate) use markdown::Rendered;
pub(crate) use slug::Slug;
pub(crate) use text::{clean_line, clean_text, truncate_at_word};
pub(crate) use words::words;
