//! The page on which a guest edits or withdraws a comment. Its address has a signed token, which only the page with the
//! guest's own comments shows.

use super::submission::read_form;
use crate::{
    content::{Html, clean_text},
    guests::{
        self,
        own::{self, EditOutcome},
    },
    node::tokens::Purpose,
    store::{self, Article, Comment, CommentState},
    web::{
        app::{App, own_link},
        comments,
        request::{ClientNetwork, is_from_private_page, signed_link},
        response::{WebError, private_page, see_other},
        views::{EditCommentPage, MessagePage},
    },
};
use axum::{
    body::Body,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::net::SocketAddr;
use url::form_urlencoded;

/// The longest text, in characters.
const MAX_TEXT: usize = 10_000;

/// A comment of a guest, with its article.
struct Own {
    comment: Comment,
    article: Article,
    guest_id: i64,
}

/// The buttons of the page.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Action {
    #[default]
    Save,
    Preview,
    Withdraw,
}

/// The submitted form.
#[derive(Debug, Default)]
struct EditForm {
    text: String,
    action: Action,
}

impl EditForm {
    fn parse(bytes: &[u8]) -> EditForm {
        let mut form = EditForm::default();
        for (name, value) in form_urlencoded::parse(bytes) {
            match (name.as_ref(), value.as_ref()) {
                ("text", _) => form.text = clean_text(&value),
                ("do", "preview") => form.action = Action::Preview,
                ("do", "withdraw") => form.action = Action::Withdraw,
                _ => {}
            }
        }
        form
    }

    /// Returns the key of the message about the text, if it can't be stored.
    fn problem(&self) -> Option<&'static str> {
        match self.text.chars().count() {
            0 => Some("edit-problem-empty"),
            1..=MAX_TEXT => None,
            _ => Some("edit-problem-long"),
        }
    }
}

/// `GET /comments/mine/{token}`.
pub(crate) async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let own = find(&app, &token).await?;
    let text = own.comment.markdown.clone().unwrap_or_default();
    page(&app, &own, &token, text, None, None)
}

/// `POST /comments/mine/{token}`: previews or stores an edit, or withdraws the comment.
pub(crate) async fn submit(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, WebError> {
    let network = ClientNetwork::of(peer.ip(), &headers, &app.node.config.comments.proxies);
    let is_ours = is_from_private_page(&app, &headers);
    let form = match read_form(&app, peer, network, &headers, is_ours, body).await {
        Ok(bytes) => EditForm::parse(&bytes),
        Err(refusal) => return refusal.page(&app, &app.site.home),
    };
    let own = find(&app, &token).await?;
    if form.action == Action::Withdraw {
        return withdraw(&app, &own).await;
    }
    if let Some(problem) = form.problem() {
        return page(&app, &own, &token, form.text, None, Some(problem));
    }
    if form.action == Action::Preview {
        let content = Html::from_stored(guests::render(&form.text).await);
        return page(&app, &own, &token, form.text, Some(content), None);
    }
    match own::edit(&app.node, own.comment.id, own.guest_id, &form.text).await? {
        EditOutcome::Stored(state) => Ok(see_other(&address_after(&own, state))),
        EditOutcome::TooLate => page(&app, &own, &token, form.text, None, Some("edit-too-late")),
        EditOutcome::TooMany => {
            let problem = Some("edit-problem-often");
            let mut response = page(&app, &own, &token, form.text, None, problem)?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            Ok(response)
        }
        EditOutcome::Gone => Err(WebError::Gone),
    }
}

/// Returns the address that shows the edited comment, or tells what it waits for.
fn address_after(own: &Own, state: CommentState) -> String {
    let uid = &own.article.uid;
    match state {
        CommentState::Visible => {
            comments::address_of_edited(&own.article, own.comment.number, store::now())
        }
        CommentState::Unconfirmed => format!("/comments/mailed?article={uid}"),
        _ => format!("/comments/waiting?article={uid}"),
    }
}

async fn withdraw(app: &App, own: &Own) -> Result<Response, WebError> {
    if !own::withdraw(&app.node, own.comment.id, own.guest_id).await? {
        return Err(WebError::Gone);
    }
    let page = MessagePage::new(
        &app.site,
        app.site.locale,
        "withdrawn-title",
        "withdrawn-text",
        own_link(&comments::path_of(&own.article)),
        "back-to-the-article",
    );
    private_page(StatusCode::OK, app.render(&page))
}

async fn find(app: &App, token: &str) -> Result<Own, WebError> {
    let id = signed_link::verify(app, Purpose::OwnComment, token)?;
    let mut conn = app.node.store.read().await?;
    let comment = conn.comment(id).await?.ok_or(WebError::Gone)?;
    let guest_id = comment.guest_id.ok_or(WebError::Gone)?;
    let article = conn.article_by_id(comment.article_id).await?;
    let article = article.filter(Article::is_visible).ok_or(WebError::Gone)?;
    Ok(Own {
        comment,
        article,
        guest_id,
    })
}

fn page(
    app: &App,
    own: &Own,
    token: &str,
    text: String,
    preview: Option<Html>,
    problem: Option<&'static str>,
) -> Result<Response, WebError> {
    let locale = app.site.locale;
    let page = EditCommentPage::new(
        &app.site,
        &locale.text("edit-title"),
        own_link(&format!("/comments/mine/{token}")),
        own.article.title.clone(),
        own_link(&comments::path_of(&own.article)),
    )
    .with_text(own::is_editable(&app.node, &own.comment), text)
    .with_preview(own.comment.author_name.clone(), preview)
    .with_problem(problem);
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    private_page(status, app.render(&page))
}
