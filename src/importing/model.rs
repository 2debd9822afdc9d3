//! The items of another publication, in the form that all readers yield.
//!
//! Values are as the other software wrote them. The importer cleans them: it sanitizes HTML, makes slugs, and cuts what is
//! too long.

/// An item that was read, or the reason why it can't be, with its position in the source.
pub(crate) type Read = Result<Located<Item>, Located<String>>;

/// A value with its position in the source, for messages.
#[derive(Debug, Clone)]
pub(crate) struct Located<T> {
    pub(crate) place: Place,
    pub(crate) value: T,
}

/// A position in the source, such as `line 1204` or `posts/hello.md`, with a name of the item for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file within an archive or a folder; empty if the source is one file.
    pub(crate) file: String,
    /// The line in the file, from 1; 0 if it is unknown.
    pub(crate) line: u64,
    /// The item as people know it: `post 12 (On trains)`.
    pub(crate) item: String,
}

/// An item of another publication.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Author(ImportedAuthor),
    Article(Box<ImportedArticle>),
    Page(Box<ImportedPage>),
    /// A comment apart from its article. It may come before its article or its parent.
    Comment(Box<ImportedComment>),
    /// A picture or another file that articles may refer to by its address.
    File(ImportedFile),
    /// An address that leads to another one of the site: a category's page, for instance.
    Redirect {
        from: String,
        to: String,
    },
    /// A sentence for the report about something that is not imported by design, or stays as the other software wrote it.
    Notice(String),
}

/// An author. Articles refer to it by its key.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImportedAuthor {
    /// The name by which articles refer to it, unique in the source: a login, a slug or an id.
    pub(crate) key: String,
    /// The name from which the user name here is made.
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) bio: Option<Body>,
    pub(crate) website: Option<String>,
    pub(crate) picture: Option<String>,
    /// Paths of the author's page on the old site, with a query if it has one: `/?author=1`.
    pub(crate) former_paths: Vec<String>,
}

/// A text in the language in which it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    Html(String),
    Markdown(String),
}

impl Default for Body {
    fn default() -> Self {
        Body::Html(String::new())
    }
}

/// The state of an article or page in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ImportedStatus {
    #[default]
    Published,
    /// Also what is private, protected by a password, or waits for a review.
    Draft,
    /// Published at its date, which is in the future.
    Scheduled,
}

/// An article.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImportedArticle {
    /// Its identity in the source, the same in every export: an id or a GUID.
    pub(crate) key: String,
    pub(crate) title: String,
    /// Empty if the source has none.
    pub(crate) slug: String,
    pub(crate) body: Body,
    pub(crate) summary: Option<String>,
    /// The key of its author.
    pub(crate) author: Option<String>,
    /// Shown instead of the author's name, for what is by several people.
    pub(crate) byline: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) language: Option<String>,
    pub(crate) status: ImportedStatus,
    /// Milliseconds since 1970; `None` if the source names no valid date.
    pub(crate) published_at: Option<i64>,
    pub(crate) updated_at: Option<i64>,
    /// `None` for the site's default.
    pub(crate) comments_are_open: Option<bool>,
    pub(crate) pings_are_open: Option<bool>,
    /// The lead picture: an address on the old site, or the name of a file of the source.
    pub(crate) image: Option<String>,
    pub(crate) image_alt: Option<String>,
    pub(crate) content_warning: Option<String>,
    pub(crate) sensitive: bool,
    /// Whether it is a short post without a title, such as a post from Mastodon: stored as a note.
    pub(crate) is_note: bool,
    /// The key of the note by the same author that it continues, as a thread.
    pub(crate) in_reply_to: Option<String>,
    /// Whether it stays at the top of the front page.
    pub(crate) is_pinned: bool,
    /// Addresses on the old site: paths with their queries (`/2010/08/trotsky.html`, `/?p=4711`), or whole URLs.
    pub(crate) former_paths: Vec<String>,
    /// Its ActivityPub id on the old site, if other servers know it. It stays its id if the site's address stays the same.
    pub(crate) object_uri: Option<String>,
    /// Its comments, parents before their replies where possible.
    pub(crate) comments: Vec<Located<ImportedComment>>,
}

/// A static page.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImportedPage {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) slug: String,
    pub(crate) body: Body,
    pub(crate) summary: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) is_draft: bool,
    pub(crate) in_menu: bool,
    pub(crate) position: i64,
    pub(crate) published_at: Option<i64>,
    pub(crate) updated_at: Option<i64>,
    pub(crate) image: Option<String>,
    pub(crate) image_alt: Option<String>,
    pub(crate) former_paths: Vec<String>,
}

/// A comment, a reply from the fediverse, or a reaction that the other software stored as a comment.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImportedComment {
    /// Its identity in the source.
    pub(crate) key: String,
    /// The key of its article; empty if it is inside of the article.
    pub(crate) article: String,
    /// The key of the comment that it replies to.
    pub(crate) parent: Option<String>,
    pub(crate) kind: ImportedCommentKind,
    pub(crate) author_name: String,
    pub(crate) author_url: Option<String>,
    /// Never shown, never federated.
    pub(crate) author_mail: Option<String>,
    pub(crate) body: Body,
    pub(crate) state: ImportedCommentState,
    pub(crate) published_at: Option<i64>,
    /// Where the comment came from the fediverse.
    pub(crate) remote: Option<RemoteOrigin>,
    /// The address of a comment that was made on the old site: replies from the fediverse name it.
    pub(crate) former_path: Option<String>,
}

/// The kind of an imported comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ImportedCommentKind {
    #[default]
    Comment,
    /// A pingback or trackback of another site.
    Ping,
    Like,
    Boost,
    Quote,
}

/// The state of a comment in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ImportedCommentState {
    #[default]
    Visible,
    Held,
    Spam,
    Hidden,
}

/// The origin of a comment or a reaction that came from the fediverse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RemoteOrigin {
    /// The id of the post or activity on its own server.
    pub(crate) uri: String,
    /// Its page there.
    pub(crate) url: Option<String>,
    /// The id of its author, if the source has it.
    pub(crate) actor: Option<String>,
    /// `@user@host`, if the source has it.
    pub(crate) handle: Option<String>,
}

/// A picture or another file.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImportedFile {
    /// The address on the old site, by which articles refer to it.
    pub(crate) address: String,
    /// The name of the file within the source, such as `wp-content/uploads/2010/08/a.jpg`.
    pub(crate) path: Option<String>,
    pub(crate) alt: Option<String>,
    /// The caption or title.
    pub(crate) title: Option<String>,
}
