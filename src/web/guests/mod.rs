//! Comments without an account: the form, its preview, and what becomes of what was written.

mod address;
mod answers;
mod cookie;
mod form;
mod place;

pub use address::{Address, Peer};
pub use place::{answer_link, article_form, place_of};

use super::{
    addresses,
    app::{App, own_link},
    articles::{self, Standing},
    body::{self, FormBody, MAX_FORM},
    finished,
    interaction::is_from_here,
    pages::views::{FormProblem, WritePage},
    problem::WebError,
};
use crate::{
    content::Html,
    guests::{self, Posted, Taken, confirm},
    quota::Limit,
    store::{self, CommentState, Conn, Guest},
};
use answers::{Message, Refusal, confirmation, personal};
use askama::Template;
use axum::{
    body::Body,
    extract::{ConnectInfo, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use form::{Checked, Filled};
use place::{Place, Shown, is_open, place_of_new, shown};
use serde::Deserialize;
use std::{net::SocketAddr, time::Duration};

/// `GET /{year}/{month}/{slug}/reply/{number}`: the form for an answer to a comment; to the article, if the
/// number is 0. A guest who is known finds their name in it.
pub async fn ask(
    State(app): State<App>,
    Path((year, month, slug, number)): Path<(String, String, String, i64)>,
    headers: HeaderMap,
) -> Response {
    let path = format!("/{year}/{month}/{slug}");
    let served = async {
        let mut conn = app.node.store.read().await?;
        let article = match articles::standing(&mut conn, &slug, &path).await? {
            Standing::Here(article) => Some(*article),
            Standing::Moved(now) => {
                return Ok(addresses::moved(
                    &app,
                    &format!("{now}/reply/{number}"),
                    None,
                ));
            }
            Standing::Absent(_) => None,
        };
        let place = Place::find(&mut conn, article, number).await?;
        if !is_open(&app, &place.article) {
            return Refusal::CLOSED.page(&app, &place.page());
        }
        let guest = cookie::guest(&app, &mut conn, &headers).await?;
        let form = place.form(&app, guest.as_ref());
        let (title, page) = (place.article.title.clone(), place.page());
        let page = WritePage::new(&app.site, title, page, place.quoted(&app), None, form);
        personal(StatusCode::OK, page.render())
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// `GET /articles/{uid}/comments`: where a reader ends who asks again for what a form was answered.
pub async fn back(State(app): State<App>, Path(uid): Path<String>, headers: HeaderMap) -> Response {
    let served = async {
        let mut conn = app.node.store.read().await?;
        let article = conn.article_by_uid(&uid).await?;
        let place = Place::find(&mut conn, article, 0).await?;
        Ok(addresses::see_other(&format!("{}#write", place.page())))
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// `POST /articles/{uid}/comments`: the form, to be previewed or taken.
pub async fn post(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let served = async {
        let address = Address::of(peer.ip(), &headers, &app.node.config.comments.proxies);
        match read(&app, peer, address, &headers, body).await {
            Ok(filled) => receive(&app, &uid, address, &headers, &filled).await,
            Err(refusal) => refusal.page(&app, &app.site.home),
        }
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// The form, if it is looked at at all.
async fn read(
    app: &App,
    peer: SocketAddr,
    address: Address,
    headers: &HeaderMap,
    body: Body,
) -> Result<Filled, Refusal> {
    let quota = &app.node.quota;
    let charged = quota.spend_for(Limit::FormsOfAddress, &address.to_string(), 1);
    let refusal = match (charged, is_from_here(app, headers)) {
        (Err(_), _) => Refusal::FLOOD,
        (_, false) => Refusal::ELSEWHERE,
        _ if !body::is_form(headers) => Refusal::NO_FORM,
        _ => {
            let proxies = &app.node.config.comments.proxies;
            let client = Address::of_client(peer.ip(), headers, proxies);
            let kept = body::read(app, client, body, MAX_FORM).await?;
            return Ok(Filled::from_pairs(&kept));
        }
    };
    body::discard(app, body.into_data_stream());
    Err(refusal)
}

async fn receive(
    app: &App,
    uid: &str,
    address: Address,
    headers: &HeaderMap,
    filled: &Filled,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = conn.article_by_uid(uid).await?;
    let place = Place::find(&mut conn, article, filled.parent).await?;
    if !is_open(app, &place.article) {
        return Refusal::CLOSED.page(app, &place.page());
    }
    let guest = cookie::guest(app, &mut conn, headers).await?;
    let shown = shown(app, &place.article, &filled.token);
    let checked = match filled.check(guest.as_ref()) {
        Ok(checked) => checked,
        Err(problems) => return write_again(app, &place, filled, problems).await,
    };
    if filled.is_preview {
        return write_again(app, &place, filled, Vec::new()).await;
    }
    drop(conn);
    if let Some(problem) = problem_of_time(app, shown).await {
        return write_again(app, &place, filled, vec![problem]).await;
    }
    let mut conn = app.node.store.read().await?;
    let posted = posted(app, &mut conn, &place, guest, checked, filled, address).await?;
    drop(conn);
    match guests::take(&app.node, &posted).await? {
        Taken::Stored {
            state,
            number,
            guest_id,
        } => Ok(thank(app, &place, state, number, guest_id)),
        Taken::TooMany => {
            let text = "Too many comments came within an hour. Keep yours, and send it later.";
            let problem = FormProblem::new("", text);
            let mut response = write_again(app, &place, filled, vec![problem]).await?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            Ok(response)
        }
    }
}

/// What speaks against a form by the time at which it was made. A kept page may have been shown a moment later, so
/// that a comment waits for this moment: none is taken sooner than the least time after its form was shown.
async fn problem_of_time(app: &App, shown: Shown) -> Option<FormProblem> {
    let text = match shown {
        Shown::Never => "The form was open for too long. It is a new one now: send it again.",
        Shown::At(time) => {
            let least = app.node.config.comments.least_time.milliseconds();
            let age = store::now().saturating_sub(time);
            if age >= least {
                let left = finished::PAGE_USABLE_FOR.saturating_sub(since(age - least));
                tokio::time::sleep(left).await;
                return None;
            }
            "That was very quick. Read your comment once more, and send it again."
        }
    };
    Some(FormProblem::new("", text))
}

fn since(milliseconds: i64) -> Duration {
    Duration::from_millis(milliseconds.unsigned_abs())
}

async fn posted(
    app: &App,
    conn: &mut Conn,
    place: &Place,
    guest: Option<Guest>,
    checked: Checked,
    filled: &Filled,
    address: Address,
) -> Result<Posted, WebError> {
    let gate = conn.article_gate_by_uid(&place.article.uid).await?;
    Ok(Posted {
        article: gate.ok_or(WebError::NotFound)?,
        parent: place.parent.clone(),
        guest_id: guest.map(|guest| guest.id),
        fields: checked.fields,
        markdown: checked.markdown,
        wants_answers: filled.wants_answers,
        address_hash: guests::address_hash(&app.node, &address.to_string()),
        is_trapped: filled.is_trapped,
        token: filled.token.clone(),
    })
}

/// The form once more: with what is wrong, or else with a preview.
async fn write_again(
    app: &App,
    place: &Place,
    filled: &Filled,
    problems: Vec<FormProblem>,
) -> Result<Response, WebError> {
    let status = match problems.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let preview = match problems.is_empty() {
        true => {
            let content = guests::render(&filled.text).await;
            Some((filled.name.clone(), Html::from_stored(content)))
        }
        false => None,
    };
    let form = place.form_again(app, filled, problems);
    let page = WritePage::new(
        &app.site,
        place.article.title.clone(),
        place.page(),
        place.quoted(app),
        preview,
        form,
    );
    personal(status, page.render())
}

/// Leads to the comment, or to a page that says what it waits for.
fn thank(
    app: &App,
    place: &Place,
    state: CommentState,
    number: i64,
    guest_id: Option<i64>,
) -> Response {
    let uid = &place.article.uid;
    let target = match state {
        CommentState::Visible => place_of_new(&place.article, number),
        CommentState::Unconfirmed => format!("/comments/mailed?article={uid}"),
        // What spam becomes of is not told.
        _ => format!("/comments/waiting?article={uid}"),
    };
    let mut response = addresses::see_other(&target);
    if let Some(id) = guest_id {
        cookie::set(app, response.headers_mut(), id);
    }
    response
}

/// `?article=`: its uid.
#[derive(Debug, Deserialize)]
pub struct About {
    article: Option<String>,
}

/// `GET /comments/waiting`.
pub async fn waiting(
    State(app): State<App>,
    Query(about): Query<About>,
    headers: HeaderMap,
) -> Response {
    tell(&app, &headers, Message::Waiting, about.article).await
}

/// `GET /comments/mailed`.
pub async fn mailed(
    State(app): State<App>,
    Query(about): Query<About>,
    headers: HeaderMap,
) -> Response {
    tell(&app, &headers, Message::Mailed, about.article).await
}

async fn tell(
    app: &App,
    headers: &HeaderMap,
    message: Message,
    article: Option<String>,
) -> Response {
    let served = async {
        let mut conn = app.node.store.read().await?;
        let article = conn.article_by_uid(&article.unwrap_or_default()).await?;
        let article = Some(article.ok_or(WebError::NotFound)?);
        match Place::find(&mut conn, article, 0).await {
            Ok(place) => message.page(app, place.page(), "Back to the article"),
            Err(_) => message.page(app, app.site.home.clone(), "To the home page"),
        }
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(app, headers))
}

/// `token`, of a link in a mail.
#[derive(Debug, Deserialize)]
pub struct Confirmation {
    #[serde(default)]
    token: String,
}

/// `GET /comments/confirm?token=`: changes nothing yet.
pub async fn ask_to_confirm(
    State(app): State<App>,
    Query(asked): Query<Confirmation>,
    headers: HeaderMap,
) -> Response {
    let answered = match confirm::read(&app.node, &asked.token) {
        Some(_) => confirmation(&app, own_link("/comments/confirm"), asked.token),
        None => Refusal::EXPIRED.page(&app, &app.site.home),
    };
    answered.unwrap_or_else(|error| error.answer(&app, &headers))
}

/// `POST /comments/confirm`.
pub async fn confirm(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody { form: asked, .. }: FormBody<Confirmation>,
) -> Response {
    let served = async {
        if !is_from_here(&app, &headers) {
            return Refusal::ELSEWHERE.page(&app, &app.site.home);
        }
        let Some((guest_id, mail)) = confirm::read(&app.node, &asked.token) else {
            return Refusal::EXPIRED.page(&app, &app.site.home);
        };
        let Some(confirmed) = confirm::confirm(&app.node, guest_id, &mail).await? else {
            return Refusal::EXPIRED.page(&app, &app.site.home);
        };
        let shown = match confirmed.shown {
            Some((uid, number)) => {
                let mut conn = app.node.store.read().await?;
                let article = conn.article_by_uid(&uid).await?;
                article.map(|article| place_of_new(&article, number))
            }
            None => None,
        };
        match shown {
            Some(target) => Ok(addresses::see_other(&target)),
            None => Message::Confirmed.page(&app, app.site.home.clone(), "To the home page"),
        }
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}
