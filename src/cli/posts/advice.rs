//! Advice for the author about how other servers treat an article.

use crate::{
    content::{Federate, Summaries},
    federation::objects::{
        articles::{self, MAX_NAME, MAX_SUMMARY},
        pictures::is_here,
    },
    node::Node,
    store::{Article, Conn, StoreError},
};

/// Returns sentences for the author; none if all is well.
pub async fn of_article(
    node: &Node,
    conn: &mut Conn,
    article: &Article,
) -> Result<Vec<String>, StoreError> {
    let told = conn.publication(&article.uid).await?;
    let form = articles::form_to_send(article, told.as_ref(), &node.config);
    if article.status != "published" || form == Federate::No {
        return Ok(Vec::new());
    }
    let all = [
        too_long("title", Some(&article.title), MAX_NAME).filter(|_| form == Federate::Article),
        too_long("summary", article.summary(), MAX_SUMMARY).filter(|_| form == Federate::Article),
        too_long("content warning", article.warning(), MAX_SUMMARY),
        kept_type(form, articles::form_of(article, &node.config)),
        folded(node, article, form),
        elsewhere(node, article, form),
    ];
    Ok(all.into_iter().flatten().collect())
}

/// Returns whether other servers get only the beginning of a text.
pub(in crate::cli) fn too_long(what: &str, text: Option<&str>, max: usize) -> Option<String> {
    let length = text?.chars().count();
    (length > max).then(|| {
        format!(
            "the {what} has {length} characters: other servers get the first {max}, since some keep no more; \
             the page has it all"
        )
    })
}

fn kept_type(form: Federate, chosen: Federate) -> Option<String> {
    (articles::type_of(form) != articles::type_of(chosen)).then(|| {
        format!(
            "it was first sent as {form}, and stays that to other servers: to send it as {chosen}, unpublish it and \
             publish it again"
        )
    })
}

/// Returns whether servers hide the text behind the summary.
fn folded(node: &Node, article: &Article, form: Federate) -> Option<String> {
    let has_summary = match articles::summaries_of(article, &node.config) {
        Summaries::Author => article.summary().is_some(),
        Summaries::Excerpt => true,
        Summaries::Never => false,
    };
    let is_folded = form == Federate::Article && article.warning().is_none() && has_summary;
    is_folded.then(|| {
        "GoToSocial, Hollo, Misskey and servers of their kinds take the summary for a content warning, and fold the \
         text behind it; `federate_summary: never` leaves it out"
            .to_owned()
    })
}

/// Returns whether a note lacks the lead picture because this node does not host it.
fn elsewhere(node: &Node, article: &Article, form: Federate) -> Option<String> {
    let url = article
        .image_url
        .as_deref()
        .filter(|_| form == Federate::Note)?;
    let at = node.urls().base().join(url).ok()?;
    (!is_here(&at, node.urls(), &node.config.data)).then(|| {
        format!("the picture {url} is not attached, because this node has not imported it")
    })
}
