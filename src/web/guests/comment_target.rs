//! The target of a guest's comment: an article, or a comment on it.

use super::form::SubmittedForm;
use crate::{
    content::{CommentPolicy, Extras, FederatedForm, Html},
    federation::objects::articles,
    i18n::Locale,
    store::{Article, Comment, CommentState, Conn, Guest},
    web::{
        app::{App, interact_url, own_link},
        comments::{self, FormTime, ParentAuthor},
        response::WebError,
        views::{CommentForm, FormProblem, Link, Quoted, QuotedText, Ways},
    },
};

/// An article, and the comment on it that is replied to.
pub(super) struct CommentTarget {
    pub article: Article,
    pub parent: Option<Comment>,
    /// The comment that the parent replies to.
    grandparent: Option<Comment>,
}

impl CommentTarget {
    /// Finds a visible comment on a visible article by its number. 0 is the article itself.
    ///
    /// # Errors
    /// `NotFound`, or a store error.
    pub(super) async fn find(
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
                let visible = found.filter(|comment| comment.state == CommentState::Visible);
                Some(visible.ok_or(WebError::NotFound)?)
            }
        };
        let grandparent = match parent
            .as_ref()
            .and_then(|parent: &Comment| parent.parent_id)
        {
            Some(id) => conn.comment(id).await?,
            None => None,
        };
        Ok(CommentTarget {
            article,
            parent,
            grandparent,
        })
    }

    /// Returns the language of pages about the article.
    pub(super) fn locale(&self, app: &App) -> Locale {
        let language = self.article.language.as_deref();
        language.map_or(app.site.locale, |language| app.site.locale_for(language))
    }

    /// Returns the page of the article.
    pub(super) fn page(&self) -> Link {
        own_link(&comments::path_of(&self.article))
    }

    /// Returns the parent comment, to be quoted above the form.
    pub(super) fn quoted(&self, app: &App) -> Option<Quoted> {
        let parent = self.parent.as_ref()?;
        Some(Quoted {
            author: parent.author_name.clone(),
            text: (!parent.is_hidden_by_author())
                .then(|| text_of(app, parent, self.grandparent.as_ref())),
            permalink: own_link(&comments::address_of(&self.article, parent.number)),
        })
    }

    /// Returns the ways to reply from other servers, if there are any.
    pub(super) fn ways(&self, app: &App) -> Option<Ways> {
        let (node, article) = (&app.node, &self.article);
        let policy = article.comment_policy(node.config.comments.terms());
        if policy == CommentPolicy::Closed {
            return None;
        }
        if let Some(parent) = &self.parent {
            let address = parent.url.clone().unwrap_or_else(|| parent.uri.clone());
            return comments::is_federated(app, article, parent).then(|| Ways {
                from_server: interact_url(&parent.uri),
                address,
            });
        }
        let is_federated = articles::form_of(article, &node.config) != FederatedForm::No;
        let id = article.object_uri.as_deref();
        let id = node.urls().article_id(&article.uid, id);
        is_federated.then(|| Ways {
            from_server: interact_url(&id),
            address: node.urls().permalink(article),
        })
    }

    /// Returns the form with the data of a returning guest.
    pub(super) fn form(&self, app: &App, guest: Option<&Guest>) -> CommentForm {
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

    /// Returns the form as it was submitted. It keeps a valid token, so that a form sent twice is recognized. An invalid
    /// token is replaced.
    pub(super) fn form_again(
        &self,
        app: &App,
        submitted: &SubmittedForm,
        problems: Vec<FormProblem>,
    ) -> CommentForm {
        let form = self.form(app, None);
        let token = match comments::form_time(app, &self.article, &submitted.token) {
            FormTime::ShownAt(_) => submitted.token.clone(),
            FormTime::Unknown => form.token.clone(),
        };
        CommentForm {
            token,
            name: submitted.name.clone(),
            mail: submitted.mail.clone(),
            site: submitted.site.clone(),
            text: submitted.text.clone(),
            wants_replies: submitted.wants_replies,
            problems,
            ..form
        }
    }
}

fn text_of(app: &App, comment: &Comment, parent: Option<&Comment>) -> QuotedText {
    let answered = parent.map(ParentAuthor::of_comment).unwrap_or_default();
    let emoji = Extras::from_json(comment.extras.as_deref()).emoji;
    let shown = |html| comments::show_emoji(app, comment.id, &emoji, html);
    let warning = comment.content_warning.as_deref().map(Html::from_text);
    QuotedText {
        content: shown(comments::comment_text(app, &comment.content, answered).0),
        content_warning: warning.map(shown),
    }
}
