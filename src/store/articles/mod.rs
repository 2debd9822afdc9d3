//! Published content: articles, notes and static pages with their authors and paths, and the log of their changes.

mod archive;
mod article;
mod authors;
mod changes;
mod cursors;
mod drafts;
mod edit;
mod header;
mod notes;
mod pages;
mod paths;
mod pins;
mod publications;
mod selection;
mod sitemap;

pub use archive::{ArticleLink, MonthCount, Neighbours};
pub use article::{Article, ArticleFields, ArticleFilter, ArticleStatus, Cursor};
pub use authors::{Author, AuthorFields, ListedAuthor, ProfileLink};
pub use changes::{Change, ChangeKind, ChangeMark, PendingAnnouncement};
pub use header::ArticleHeader;
pub use notes::{NewNote, Note, NoteEdit, NoteFilter, NoteState};
pub use pages::{FormerPage, MenuEntry, PageFields, StaticPage};
pub use pins::PinState;
pub use publications::{Publication, PublicationState};
pub use selection::{ArticleOrder, ArticleSelection, StatusFilter};
pub use sitemap::{SitemapArticle, SitemapName};
