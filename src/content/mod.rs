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

pub mod article;
pub mod blocklist;
pub mod domain;
pub mod emoji;
pub mod extras;
pub mod handle;
pub mod hashtag;
pub mod host;
pub mod html;
pub mod language;
pub mod markdown;
pub mod slug;
pub mod text;
pub mod words;

pub use article::{
    ArticleSource, CommentPolicy, CommentTerms, FederatedForm, FrontMatterError, ImageSource,
    PicturePlacement, PingPolicy, QuotePolicy, SummaryPolicy,
};
pub use domain::registrable_domain;
pub use emoji::is_emoji;
pub use extras::Extras;
pub use handle::{Handle, HandleError, Username};
pub use host::{Host, HostError};
pub use html::Html;
pub use language::{Language, LanguageError};
pub use markdown::Rendered;
pub use slug::{Slug, SlugError};
pub use text::{clean_line, clean_text, is_blank, truncate_at_word};
pub use words::words;
