//! One question to the spam service: a form that is posted, a word that comes back.

use crate::{
    base::time,
    content::Html,
    federation::remote::{
        fetch,
        fetch_error::{self, FetchError},
    },
    node::Node,
    store::{Article, Comment, SpamCheckState},
};
use http::header::CONTENT_TYPE;
use url::{Url, form_urlencoded};

/// The longest text that is sent, and the longest answer that is read, in bytes.
const MAX_CONTENT: usize = 32 * 1024;
const MAX_RESPONSE: usize = 4 * 1024;
/// Where the service says what it did not like.
const DEBUG_HELP: &str = "x-akismet-debug-help";

/// What the service said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Response {
    Ham,
    Spam,
    /// What it was told is taken.
    Accepted,
}

/// Why it said nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum AkismetError {
    #[error("it is out of reach: {0}")]
    Transient(String),
    #[error("it refused: {0}")]
    Refused(String),
    #[error("there is none any more")]
    NotConfigured,
}

/// Asks the service about a comment, or tells it what that is.
///
/// # Errors
/// [`AkismetError::Transient`] if the same may succeed later.
pub(super) async fn request(
    what: SpamCheckState,
    comment: &Comment,
    article: Option<&Article>,
    node: &Node,
) -> Result<Response, AkismetError> {
    let spam = &node.config.spam;
    let key = spam
        .akismet_key
        .as_ref()
        .ok_or(AkismetError::NotConfigured)?;
    let method = match what {
        SpamCheckState::SubmitHam | SpamCheckState::Ham => "submit-ham",
        SpamCheckState::SubmitSpam | SpamCheckState::Spam => "submit-spam",
        SpamCheckState::Check => "comment-check",
    };
    let url = spam.akismet_url.join(method);
    let url = url.map_err(|error| AkismetError::Refused(error.to_string()))?;
    let form = form_of(comment, article, key.reveal(), node);
    let (text, help) = post(url, form, node).await?;
    match (what, text.trim()) {
        (SpamCheckState::Check, "true") => Ok(Response::Spam),
        (SpamCheckState::Check, "false") => Ok(Response::Ham),
        (SpamCheckState::Check, other) => {
            let help = help.unwrap_or_else(|| other.to_owned());
            Err(AkismetError::Refused(fetch_error::shown(&help)))
        }
        _ => Ok(Response::Accepted),
    }
}

/// What is sent of a comment: no mail address, and no IP address, of which only a hash is kept.
fn form_of(comment: &Comment, article: Option<&Article>, key: &str, node: &Node) -> String {
    let content = match &comment.markdown {
        Some(markdown) => markdown.clone(),
        None => Html::unverified(comment.content.clone()).to_text(),
    };
    let links = Html::unverified(comment.content.clone()).links();
    let links: Vec<String> = links.into_iter().map(|link| link.url).collect();
    let content = format!("{content}\n\n{}", links.join("\n"));
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("api_key", key)
        .append_pair("blog", &node.urls().home())
        .append_pair("blog_lang", &node.config.site.language)
        .append_pair("blog_charset", "UTF-8")
        .append_pair(
            "comment_type",
            match comment.parent_id {
                Some(_) => "reply",
                None => "comment",
            },
        )
        .append_pair("comment_author", &comment.author_name)
        .append_pair(
            "comment_content",
            &content[..content.floor_char_boundary(MAX_CONTENT)],
        )
        .append_pair(
            "comment_date_gmt",
            &time::from_millis(comment.published_at).to_rfc3339(),
        );
    if let Some(url) = &comment.author_url {
        form.append_pair("comment_author_url", url);
    }
    if let Some(article) = article {
        form.append_pair("permalink", &node.urls().permalink(article));
    }
    form.finish()
}

/// Posts a form to the service: what it answers, and its advice. Neither the form nor the key in it is in any
/// error.
async fn post(
    url: Url,
    form: String,
    node: &Node,
) -> Result<(String, Option<String>), AkismetError> {
    fetch::check_contact(&url, node).await?;
    let client = node.unsigned_client();
    let client = client.map_err(|error| AkismetError::Refused(error.to_string()))?;
    let request = client
        .post(url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form);
    let mut response = request
        .send()
        .await
        .map_err(|error| match fetch_error::forbidden_below(&error) {
            Some(forbidden) => AkismetError::Refused(forbidden.to_string()),
            None => AkismetError::Transient(fetch_error::cause(&error)),
        })?;
    match response.status().as_u16() {
        200..=299 => {}
        status @ (408 | 425 | 429 | 500..) => {
            return Err(AkismetError::Transient(format!("it answered {status}")));
        }
        status => return Err(AkismetError::Refused(format!("it answered {status}"))),
    }
    let help = response.headers().get(DEBUG_HELP);
    let help = help.and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await;
        match chunk.map_err(|error| AkismetError::Transient(fetch_error::cause(&error)))? {
            Some(chunk) if body.len() < MAX_RESPONSE => body.extend_from_slice(&chunk),
            _ => break,
        }
    }
    Ok((String::from_utf8_lossy(&body).into_owned(), help))
}

impl From<FetchError> for AkismetError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Unreachable { reason, .. } | FetchError::Busy { reason, .. } => {
                AkismetError::Transient(reason)
            }
            other => AkismetError::Refused(other.to_string()),
        }
    }
}
