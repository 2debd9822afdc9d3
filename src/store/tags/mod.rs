//! Tags in all spellings, the posts with a tag, and renamed tags.
//!
//! `tag_spellings` has a row for each tag that an article has or had. A trigger creates it, so other programs may
//! write articles too; the node adds the folded form by which tags are compared. Hashtags of texts are stored folded.
//! `former_tags` has the tags that were renamed: their posts, links and pages are those of the successor.

mod list;
mod pages;
mod rename;
mod spellings;

pub use list::ListedTag;
pub use pages::{PostCursor, PostKind};
pub use rename::TaggedArticle;
