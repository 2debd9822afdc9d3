//! Where a guest's comment goes: an article, or a comment under it, and whether it takes any.

use crate::{
    config::Guests,
    content::{CommentPolicy, Extras, Html},
    node::{tokens::Purpose, urls::permalink_path},
    store::{self, Article, Comment, Conn, Guest},
    web::{
        app::{App, own_link},
        pages::{
            show_emoji, shown_text,
            views::{CommentForm, FormProblem, Link, Quoted, QuotedText},
        },
        problem::WebError,
    },
};

use super::form::Filled;

/// How long a form can be sent after it was shown.
const FORM_LASTS: i64 = 24 * 60 * 60 * 1000;
/// Comments up to this number stand on the first page.
const FIRST_PAGE: i64 = 100;

/// An article, or a comment under it.
pub struct Place {
    pub article: Article,
    pub parent: Option<Comment>,
}

/// What a form's token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It was shown at this time (milliseconds since 1970).
    At(i64),
    /// It is not ours, for another article, or too old.
    Never,
}

impl Place {
    /// The place of this number under an article that readers see; 0 is the article itself.
    pub async fn find(
        conn: &mut Conn,
        article: Option<Article>,
        number: i64,
    ) -> Result<Place, WebError> {
        let article = article
            .filter(Article::is_visible)
            .ok_or(WebError::NotFound)?;
        let parent = match number {
            0 => None,
            _ => {
                let found = conn.comment_by_number(article.id, number).await?;
                let visible = found.filter(|comment| comment.state == "visible");
                Some(visible.ok_or(WebError::NotFound)?)
            }
        };
        Ok(Place { article, parent })
    }

    /// The article's page.
    pub fn page(&self) -> Link {
        own_link(&path_of(&self.article))
    }

    /// The comment that is answered, for its answerer to see.
    pub fn quoted(&self, app: &App) -> Option<Quoted> {
        let parent = self.parent.as_ref()?;
        Some(Quoted {
            author: parent.author_name.clone(),
            text: (!parent.is_hidden_by_author()).then(|| text_of(app, parent)),
            permalink: own_link(&place_of(&self.article, parent.number)),
        })
    }

    /// The empty form, with what is known of a guest.
    pub fn form(&self, app: &App, guest: Option<&Guest>) -> CommentForm {
        let known = |get: fn(&Guest) -> Option<String>| guest.and_then(get).unwrap_or_default();
        CommentForm {
            name: known(|guest| Some(guest.name.clone())),
            mail: known(|guest| guest.mail.clone()),
            site: known(|guest| guest.site.clone()),
            parent: self.parent.as_ref().map_or(0, |parent| parent.number),
            returning: None,
            ..empty_form(app, &self.article, store::now())
        }
    }

    /// The form as it was filled in. Its token stays, so that the same form sent twice is seen to be that; one
    /// that holds no longer is replaced.
    pub fn form_again(
        &self,
        app: &App,
        filled: &Filled,
        problems: Vec<FormProblem>,
    ) -> CommentForm {
        let form = self.form(app, None);
        let token = match shown(app, &self.article, &filled.token) {
            Shown::At(_) => filled.token.clone(),
            Shown::Never => form.token.clone(),
        };
        CommentForm {
            token,
            name: filled.name.clone(),
            mail: filled.mail.clone(),
            site: filled.site.clone(),
            text: filled.text.clone(),
            wants_answers: filled.wants_answers,
            problems,
            ..form
        }
    }
}

fn text_of(app: &App, comment: &Comment) -> QuotedText {
    let emoji = Extras::from_json(comment.extras.as_deref()).emoji;
    let shown = |html| show_emoji(app, comment.id, &emoji, html);
    let warning = comment.content_warning.as_deref().map(Html::from_text);
    QuotedText {
        content: shown(shown_text(app, &comment.content).0),
        content_warning: warning.map(shown),
    }
}

/// Whether guests may comment on an article now.
pub fn is_open(app: &App, article: &Article) -> bool {
    let comments = &app.node.config.comments;
    let policy = article.comment_policy(comments.terms());
    comments.guests != Guests::Closed
        && article.is_visible()
        && matches!(policy, CommentPolicy::Open | CommentPolicy::Moderated)
}

/// The form for an article's page, if guests may comment on it. It is the same for everyone and holds for a
/// day: a page that is kept must not be kept longer.
pub fn article_form(app: &App, article: &Article) -> Option<CommentForm> {
    is_open(app, article).then(|| empty_form(app, article, store::now()))
}

/// The page on which guests answer a comment, given by its number (0 is the article).
pub fn answer_link(article: &Article, number: i64) -> Link {
    own_link(&format!("{}/reply/{number}", path_of(article)))
}

/// Where a comment stands.
pub fn place_of(article: &Article, number: i64) -> String {
    let path = path_of(article);
    match number <= FIRST_PAGE {
        true => format!("{path}#comment-{number}"),
        false => format!("{path}?after={}#comment-{number}", number.saturating_sub(1)),
    }
}

/// Where a guest sees the comment that they just posted: pages are kept for a moment, and this one is new.
pub fn place_of_new(article: &Article, number: i64) -> String {
    let path = path_of(article);
    match number <= FIRST_PAGE {
        true => format!("{path}?posted={number}#comment-{number}"),
        false => place_of(article, number),
    }
}

/// When a form with this token was shown, if it was one for this article.
pub fn shown(app: &App, article: &Article, token: &str) -> Shown {
    let text = app.node.tokens.read(Purpose::Form, token, store::now());
    let time = text.as_deref().and_then(|text| {
        let (uid, time) = text.split_once(' ')?;
        (uid == article.uid).then(|| time.parse().ok())?
    });
    time.map_or(Shown::Never, Shown::At)
}

fn empty_form(app: &App, article: &Article, now: i64) -> CommentForm {
    let text = format!("{} {now}", article.uid);
    CommentForm {
        action: own_link(&format!("/articles/{}/comments", article.uid)),
        token: app.node.tokens.sign(Purpose::Form, &text, now + FORM_LASTS),
        parent: 0,
        returning: Some(answer_link(article, 0)),
        name: String::new(),
        mail: String::new(),
        site: String::new(),
        text: String::new(),
        wants_answers: false,
        can_mail: app.node.config.mail.server.is_some(),
        problems: Vec::new(),
    }
}

fn path_of(article: &Article) -> String {
    permalink_path(article.published_at, &article.slug)
}
