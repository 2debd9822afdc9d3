//! Pages about the publication as a whole: static pages, indexes, the archive, the page for subscribers, privacy.

mod archive;
mod frame;
mod indexes;
mod privacy;
mod static_page;
mod subscribe;

pub(crate) use archive::{ArchivePage, Month, Year, YearPage};
pub(crate) use frame::{ArticleLink, Frame, Neighbours};
pub(crate) use indexes::{AuthorEntry, AuthorsPage, NotesPage, TagEntry, TagsPage};
pub(crate) use privacy::{Fact, PrivacyPage, Topic};
pub(crate) use static_page::{StaticPage, StaticPageView};
pub(crate) use subscribe::{FeedFormat, SubscribePage};

use super::{Head, Link, Site};

/// Returns the head of a page about the publication in its language, which search engines may list.
fn head_of(site: &Site, title: String, canonical: Link) -> Head {
    Head {
        language: site.language.clone(),
        canonical: Some(canonical),
        creator: Some(site.handle.clone()),
        indexable: site.indexable,
        ..Head::unlisted(site.locale, title)
    }
}
