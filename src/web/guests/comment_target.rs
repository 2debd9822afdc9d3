//! The target of a guest's comment: an article, or a comment on it.

use super::form::SubmittedForm;
use crate::{
    content::{Extras, Html},
    store::{Article, Comment, Conn, Guest},
    web::{
        app::{App, own_link},
        comments::{self, Shown},
        response::WebError,
        views::{CommentForm, FormProblem, Link, Quoted, QuotedText},
    },
};

/// An article, or a comment under it.
pub struct CommentTarget {
    pub article: Article,
    pub parent: Option<Comment>,
}

impl CommentTarget {
    /// The place of this number under an article that readers see; 0 is the article itself.
    pub async fn find(
        conn: &mut Conn,
        article: Option<Article>,
        number: i64,
    ) -> Result<CommentTarget, WebError> {
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
        Ok(CommentTarget { article, parent })
    }

    /// The article's page.
    pub fn page(&self) -> Link {
        own_link(&comments::path_of(&self.article))
    }

    /// The comment that is answered, for its answerer to see.
    pub fn quoted(&self, app: &App) -> Option<Quoted> {
        let parent = self.parent.as_ref()?;
        Some(Quoted {
            author: parent.author_name.clone(),
            text: (!parent.is_hidden_by_author()).then(|| text_of(app, parent)),
            permalink: own_link(&comments::address_of(&self.article, parent.number)),
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
            ..comments::empty_form(app, &self.article)
        }
    }

    /// The form as it was submitted in. Its token stays, so that the same form sent twice is seen to be that; one
    /// that holds no longer is replaced.
    pub fn form_again(
        &self,
        app: &App,
        submitted: &SubmittedForm,
        problems: Vec<FormProblem>,
    ) -> CommentForm {
        let form = self.form(app, None);
        let token = match comments::shown_at(app, &self.article, &submitted.token) {
            Shown::At(_) => submitted.token.clone(),
            Shown::Unknown => form.token.clone(),
        };
        CommentForm {
            token,
            name: submitted.name.clone(),
            mail: submitted.mail.clone(),
            site: submitted.site.clone(),
            text: submitted.text.clone(),
            wants_answers: submitted.wants_answers,
            problems,
            ..form
        }
    }
}

fn text_of(app: &App, comment: &Comment) -> QuotedText {
    let emoji = Extras::from_json(comment.extras.as_deref()).emoji;
    let shown = |html| comments::show_emoji(app, comment.id, &emoji, html);
    let warning = comment.content_warning.as_deref().map(Html::from_text);
    QuotedText {
        content: shown(comments::shown_text(app, &comment.content).0),
        content_warning: warning.map(shown),
    }
}
