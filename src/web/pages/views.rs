//! What each web page shows: plain data, already prepared, and the template that draws it.
//!
//! Nothing here asks the database or decides who may see what. A handler fills these structs and
//! calls `render()`. Templates escape every value; only [`Html`] passes as it is. Pages carry no inline
//! style or script, load nothing from elsewhere and need no JavaScript, so that the strict
//! [`CONTENT_SECURITY_POLICY`] holds.

mod author;
mod comments;
mod guest;
mod interaction;
mod link;
mod moderate;
mod moment;
mod note;
mod problem;
mod reactions;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use askama::Template;

use crate::content::Html;

pub use author::{Author, Avatar};
pub use comments::{Comment, CommentState, Poll, Reactions, Remark, ReplyTo, Thread};
pub use guest::{Button, CommentForm, FormProblem, MessagePage, Quoted, QuotedText, WritePage};
pub use interaction::{CommandLine, CommandsPage, InteractionPage};
pub use link::Link;
pub use moderate::{Choice, Decided, ModeratePage, Moderated, UnsubscribePage};
pub use moment::Moment;
pub use note::{Note, NotePage, title_of};
pub use problem::{Problem, ProblemPage};
pub use reactions::{Reaction, ReactionsPage};

/// The `Content-Security-Policy` header (W3C CSP Level 3) that every page is made to work under.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self' https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Told apart in the URLs of static files, so that they can be cached for ever.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What every page says about the publication.
#[derive(Debug, Clone)]
pub struct Site {
    /// The publication's name, plain text.
    pub name: String,
    /// What it is about, in a sentence or two of plain text. May be empty.
    pub description: String,
    /// BCP 47 tag of the language that the name and description are written in.
    pub language: String,
    /// The publication's handle, such as `@blog@example.org`.
    pub handle: String,
    /// Where readers follow it from their own server.
    pub follow: Link,
    /// The home page.
    pub home: Link,
    /// The Atom feed.
    pub feed: Link,
    /// Where this node's source code is offered (AGPL-3.0, section 13).
    pub source_code: Link,
    /// The same publication elsewhere, which the home page names with `rel="me"`.
    pub me: Vec<Link>,
    /// Whether search engines may list its pages.
    pub indexable: bool,
    /// Further links for header and footer, such as one for donations.
    pub links: Vec<NamedLink>,
}

/// A link with its text.
#[derive(Debug, Clone)]
pub struct NamedLink {
    /// The text, plain.
    pub label: String,
    /// Where it goes.
    pub url: Link,
}

/// An image of our own, since pages load none from other servers.
#[derive(Debug, Clone)]
pub struct Image {
    /// Where it is served. Absolute, because OpenGraph asks for that.
    pub url: Link,
    /// What it shows, for those who do not see it. Empty for a decoration.
    pub alt: String,
    /// Width and height in pixels, if known; they keep the page from jumping while it loads.
    pub size: Option<(u32, u32)>,
}

/// The invisible part of a page: what browsers, search engines and link previews read.
#[derive(Debug, Clone)]
pub struct Head {
    /// The page's own title, without the site's name.
    pub title: String,
    /// One or two sentences of plain text. May be empty.
    pub description: String,
    /// BCP 47 tag of the page's language.
    pub language: String,
    /// The page's one true address, absolute.
    pub canonical: Option<Link>,
    /// The ActivityPub document of the same thing (ActivityPub, section 3.2).
    pub activity: Option<Link>,
    /// Handle of whom link previews name as the author (Mastodon's `fediverse:creator`).
    pub creator: Option<String>,
    /// The picture of link previews.
    pub image: Option<Image>,
    /// Whether search engines may list the page.
    pub indexable: bool,
    /// What kind of thing the page is (OpenGraph `og:type`).
    pub kind: PageKind,
}

/// What a page is, in the words of OpenGraph.
#[derive(Debug, Clone)]
pub enum PageKind {
    /// A list of articles, an error.
    Website,
    /// One article, with its dates and tags.
    Article {
        /// When it was first published.
        published: Moment,
        /// When it was last changed since.
        updated: Option<Moment>,
        /// The names of its tags.
        tags: Vec<String>,
    },
    /// A person.
    Profile,
}

/// A tag of an article.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Its name, without `#`.
    pub name: String,
    /// The page that lists its articles, if there is one.
    pub url: Option<Link>,
}

/// One article in full.
#[derive(Debug, Clone)]
pub struct Article {
    /// Its title, plain text.
    pub title: String,
    /// Who wrote it.
    pub author: Author,
    /// When it was first published.
    pub published: Moment,
    /// When it was last changed since, if it was.
    pub updated: Option<Moment>,
    /// BCP 47 tag of its language.
    pub language: String,
    /// Its tags, in the order to show.
    pub tags: Vec<Tag>,
    /// One or two sentences of plain text for previews.
    pub excerpt: String,
    /// The picture above the text.
    pub image: Option<Image>,
    /// The first picture in the text, for previews of an article without a lead picture.
    pub first_picture: Option<Image>,
    /// If set, the text and the picture stay closed behind this warning until the reader opens them.
    pub content_warning: Option<String>,
    /// The text.
    pub content: Html,
    /// Its page, absolute: what people link to and search for from their own app.
    pub permalink: Link,
    /// Its ActivityPub id, unless it stays at home.
    pub activity: Option<Link>,
    /// Where readers answer it from their own server.
    pub reply: Option<Link>,
    /// Whether search engines may list it.
    pub indexable: bool,
    /// What others made of it.
    pub reactions: Reactions,
    /// Posts that quote it, the newest first.
    pub quotes: Vec<NamedLink>,
}

/// The conversation under an article.
#[derive(Debug, Clone)]
pub struct Discussion {
    /// The comments of this page, in threads.
    pub threads: Vec<Thread>,
    /// How many comments there are, on all pages.
    pub total: u64,
    /// Whether replies are still taken.
    pub open: bool,
    /// The pages before and after.
    pub paging: Paging,
    /// The page of the newest comments, if it is another one.
    pub newest: Option<Link>,
    /// The form for readers without an account, where they may comment.
    pub form: Option<CommentForm>,
}

/// Links to the neighbours of one page of a list.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// The page of later things.
    pub newer: Option<Link>,
    /// The page of earlier things.
    pub older: Option<Link>,
}

/// An entry in a list: an article or a note.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The title, or the beginning of a note, in plain text.
    pub title: String,
    /// Its page.
    pub url: Link,
    /// Who wrote it.
    pub author: Author,
    /// When it was first published.
    pub published: Moment,
    /// BCP 47 tag of its language.
    pub language: String,
    /// The content warning, if any, or else the excerpt, in plain text. Empty if the title is the whole text.
    pub excerpt: String,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The number of its comments; the replies to a note are not counted.
    pub comments: Option<u64>,
}

/// The page of one article with its comments.
#[derive(Debug, Template)]
#[template(path = "article.html")]
pub struct ArticlePage<'a> {
    site: &'a Site,
    head: Head,
    article: Article,
    discussion: Discussion,
}

impl<'a> ArticlePage<'a> {
    /// The page of `article`; its head is drawn from it.
    pub fn new(site: &'a Site, article: Article, discussion: Discussion) -> Self {
        let head = Head {
            title: article.title.clone(),
            // Previews must not reveal words or pictures behind a warning.
            description: match &article.content_warning {
                Some(warning) => warning.clone(),
                None => article.excerpt.clone(),
            },
            language: article.language.clone(),
            canonical: Some(article.permalink.clone()),
            activity: article.activity.clone(),
            creator: article.author.handle.clone().or(Some(site.handle.clone())),
            image: article
                .image
                .clone()
                .or(article.first_picture.clone())
                .filter(|_| article.content_warning.is_none()),
            indexable: article.indexable,
            kind: PageKind::Article {
                published: article.published,
                updated: article.updated,
                tags: article.tags.iter().map(|tag| tag.name.clone()).collect(),
            },
        };
        Self {
            site,
            head,
            article,
            discussion,
        }
    }
}

/// A page that lists articles: the home page, its older pages, a tag's page.
#[derive(Debug, Template)]
#[template(path = "list.html")]
pub struct ListPage<'a> {
    site: &'a Site,
    head: Head,
    /// `None` on the home page, whose heading is the site's name.
    heading: Option<String>,
    articles: Vec<Summary>,
    paging: Paging,
    /// Where the publication moved, if it did.
    moved: Option<NamedLink>,
}

impl<'a> ListPage<'a> {
    /// The home page: the site's own description above its newest articles.
    /// `activity` is the id of the site's actor.
    pub fn home(site: &'a Site, activity: Link, articles: Vec<Summary>, paging: Paging) -> Self {
        let head = Head {
            title: site.name.clone(),
            description: site.description.clone(),
            language: site.language.clone(),
            canonical: Some(site.home.clone()),
            activity: Some(activity),
            creator: Some(site.handle.clone()),
            image: None,
            indexable: site.indexable,
            kind: PageKind::Website,
        };
        Self {
            site,
            head,
            heading: None,
            articles,
            paging,
            moved: None,
        }
    }

    /// The same, of a publication that moved.
    pub fn moved_to(self, moved: Option<NamedLink>) -> Self {
        Self { moved, ..self }
    }

    /// Any other list, such as "Tagged History" or "Older articles", at its own address.
    pub fn titled(
        site: &'a Site,
        heading: String,
        canonical: Link,
        articles: Vec<Summary>,
        paging: Paging,
    ) -> Self {
        let head = Head {
            title: heading.clone(),
            description: String::new(),
            language: site.language.clone(),
            canonical: Some(canonical),
            activity: None,
            creator: None,
            image: None,
            indexable: site.indexable,
            kind: PageKind::Website,
        };
        Self {
            site,
            head,
            heading: Some(heading),
            articles,
            paging,
            moved: None,
        }
    }
}

/// What is known of an author, for their own page.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Name, handle, picture.
    pub author: Author,
    /// What they say of themselves.
    pub bio: Option<Html>,
    /// The same in plain text, for previews. May be empty.
    pub bio_text: String,
    /// Their page, absolute.
    pub permalink: Link,
    /// Their actor's id, if they can be followed on their own.
    pub activity: Option<Link>,
    /// Where readers follow them from their own server.
    pub follow: Option<Link>,
}

/// The page of one author and their articles.
#[derive(Debug, Template)]
#[template(path = "profile.html")]
pub struct ProfilePage<'a> {
    site: &'a Site,
    head: Head,
    profile: Profile,
    articles: Vec<Summary>,
    paging: Paging,
    /// Where they moved, if they did.
    moved: Option<NamedLink>,
}

impl<'a> ProfilePage<'a> {
    /// The page of `profile` above their newest articles.
    pub fn new(site: &'a Site, profile: Profile, articles: Vec<Summary>, paging: Paging) -> Self {
        let head = Head {
            title: profile.author.name.clone(),
            description: profile.bio_text.clone(),
            language: site.language.clone(),
            canonical: Some(profile.permalink.clone()),
            activity: profile.activity.clone(),
            creator: profile.author.handle.clone(),
            image: None,
            indexable: site.indexable,
            kind: PageKind::Profile,
        };
        Self {
            site,
            head,
            profile,
            articles,
            paging,
            moved: None,
        }
    }

    /// The same, of an author who moved.
    pub fn moved_to(self, moved: Option<NamedLink>) -> Self {
        Self { moved, ..self }
    }
}
