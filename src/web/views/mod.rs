//! Pages as plain data, with the names of the templates that render them.
//!
//! Nothing here reads the database or decides who may see what. A handler fills these structs and calls `App::render`.
//! Their fields are the variables of the [templates](super::templates): a [`Link`] is its text there, a [`Timestamp`] a
//! number for the filters `date`, `date_time` and `rfc3339`. Pages contain no inline style or script, load nothing from
//! other servers and need no JavaScript, as [`CONTENT_SECURITY_POLICY`] demands.

mod article;
mod author;
mod comments;
mod forms;
mod home;
mod link;
mod list;
mod metadata;
mod note;
mod picture;
mod problem;
mod profile;
mod publication;
mod reactions;

mod site;
#[cfg(test)]
mod tests;
mod timestamp;

pub(super) use article::{Article, ArticlePage, Discussion, Paging, Tag};
pub(super) use author::{Author, Avatar};
pub(super) use comments::{Comment, CommentBody, CommentState, Poll, Reactions, ReplyTo, Thread};
pub(super) use forms::{
    Button, CommandLine, CommandsPage, CommentForm, DecisionButton, DecisionNotice,
    EditCommentPage, FormProblem, InteractionPage, MessagePage, ModeratePage, ModeratedComment,
    OwnComment, OwnCommentsPage, Quoted, QuotedText, ReportPage, SearchOutcome, SearchPage,
    SearchResult, UnsubscribePage, Ways, WritePage,
};
pub(super) use home::{HomePage, Section};
pub(super) use link::Link;
pub(super) use list::{ListPage, Summary};
pub(super) use metadata::{FeedLink, Metadata};
pub(super) use note::{Note, NotePage, title_of};
pub(super) use picture::Picture;
pub(super) use problem::{Problem, ProblemPage};
pub(super) use profile::{Profile, ProfilePage};
pub(super) use publication::{
    ArchivePage, ArticleLink, AuthorEntry, AuthorsPage, Fact, FeedFormat, Frame, Month, Neighbours,
    NotesPage, PrivacyPage, StaticPage, StaticPageView, SubscribePage, TagEntry, TagsPage, Topic,
    Year, YearPage,
};
pub(super) use reactions::{Reaction, ReactionsPage};
pub(super) use site::{Head, Image, NamedLink, PageKind, Site};
pub(super) use timestamp::Timestamp;

/// The `Content-Security-Policy` header (W3C CSP Level 3) that every page is made to work under. Scripts connect to
/// nothing; `connect-src` lets tools in the browser, such as Lighthouse, read robots.txt.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self' https:; media-src 'self'; font-src 'self'; manifest-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";
