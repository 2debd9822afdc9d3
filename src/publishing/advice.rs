//! Advice for the author about how other servers treat an article.

use super::{PublishError, warnings::truncation};
use crate::{
    content::{FederatedForm, SummaryPolicy},
    federation::{
        objects::{
            articles::{self, MAX_NAME, MAX_SUMMARY},
            pictures::{MediaRows, is_file},
        },
        outbox,
    },
    node::Node,
    store::{Article, ArticleStatus, Conn},
};

/// Returns advice for the author, a sentence each.
///
/// # Errors
/// If the database fails.
pub(crate) async fn of_article(
    node: &Node,
    conn: &mut Conn,
    article: &Article,
) -> Result<Vec<String>, PublishError> {
    let mut all = of_form(node, conn, article).await?;
    all.extend(outbox::size_warning(node, conn, article).await?);
    Ok(all)
}

/// Returns advice about the form in which the article is federated.
async fn of_form(
    node: &Node,
    conn: &mut Conn,
    article: &Article,
) -> Result<Vec<String>, PublishError> {
    let publication = conn.publication(&article.uid).await?;
    let form = articles::form_to_send(article, publication.as_ref(), &node.config);
    if article.status != ArticleStatus::Published || form == FederatedForm::No {
        return Ok(Vec::new());
    }
    let media = MediaRows::of(conn, &[article.image_url.as_deref()]).await?;
    let all = [
        truncation("title", Some(&article.title), MAX_NAME)
            .filter(|_| form == FederatedForm::Article),
        truncation("summary", article.summary(), MAX_SUMMARY)
            .filter(|_| form == FederatedForm::Article),
        truncation("content warning", article.warning(), MAX_SUMMARY),
        kept_type(form, articles::form_of(article, &node.config)),
        hidden_text(node, article, form),
        missing_picture(node, article, form, &media),
    ];
    Ok(all.into_iter().flatten().collect())
}

/// Returns advice if the article keeps another type than the chosen one.
fn kept_type(form: FederatedForm, chosen: FederatedForm) -> Option<String> {
    (articles::type_of(form) != articles::type_of(chosen)).then(|| {
        format!(
            "it was first sent as {form}, and other servers keep that type: to send it as {chosen}, unpublish it and \
             publish it again"
        )
    })
}

/// Returns advice if servers hide the text behind the summary.
fn hidden_text(node: &Node, article: &Article, form: FederatedForm) -> Option<String> {
    let has_summary = match articles::summaries_of(article, &node.config) {
        SummaryPolicy::Author => article.summary().is_some(),
        SummaryPolicy::Excerpt => true,
        SummaryPolicy::Never => false,
    };
    let is_hidden = form == FederatedForm::Article && article.warning().is_none() && has_summary;
    is_hidden.then(|| {
        "GoToSocial, Hollo, Misskey and related servers treat the summary as a content warning, and hide the text \
         behind it; `federate_summary: never` omits the summary"
            .to_owned()
    })
}

/// Returns advice if a note lacks the lead picture because this node does not host it.
fn missing_picture(
    node: &Node,
    article: &Article,
    form: FederatedForm,
    media: &MediaRows,
) -> Option<String> {
    let url = article
        .image_url
        .as_deref()
        .filter(|_| form == FederatedForm::Note)?;
    let at = node.urls().base().join(url).ok()?;
    let urls = node.urls();
    let is_here = media.at(&at, urls).is_some() || is_file(&at, urls, &node.config.data);
    (!is_here).then(|| {
        format!("the picture {url} is not attached, because this node has not imported it")
    })
}
