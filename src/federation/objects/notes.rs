//! A note of ours as the fediverse gets it.

use super::{
    articles::{MAX_SUMMARY, clip, image, may_reply},
    mentions::References,
    pictures, replies,
};
use crate::{
    base::time::rfc3339,
    content::{Html, html::escape, markdown},
    node::{
        Node, NodeError,
        local_actors::LocalActor,
        target::{self, Target},
    },
    protocol::{self, PUBLIC, Source},
    store::{ActorKind, ChangeKind, Comment, CommentState, Conn, NewNote, Note, StoreError, Tx},
};
use serde_json::json;

/// The longest note, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Why something is not said.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    #[error("a note needs a text")]
    Empty,
    #[error("a note has at most 64 KiB: publish this as an article")]
    TooLong,
    #[error(
        "comment {0} is not on the page ({1}): to answer it, let it in with `pamphlet comments approve {0}`"
    )]
    NotVisible(i64, String),
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl From<StoreError> for NoteError {
    fn from(error: StoreError) -> Self {
        NoteError::Node(error.into())
    }
}

/// Whether a text can be a note.
pub fn check_text(text: &str) -> Result<(), NoteError> {
    match text.len() {
        _ if text.trim().is_empty() => Err(NoteError::Empty),
        0..=MAX_TEXT => Ok(()),
        _ => Err(NoteError::TooLong),
    }
}

/// Whether a comment can be answered.
pub fn check_parent(comment: &Comment) -> Result<(), NoteError> {
    match comment.state {
        CommentState::Visible => Ok(()),
        state => Err(NoteError::NotVisible(comment.id, state.to_string())),
    }
}

/// Stores a note, and has it told.
pub async fn publish(node: &Node, note: &NewNote) -> Result<Note, NoteError> {
    let mut tx = node.store.begin().await?;
    let note = tx.add_note(note).await?;
    tx.add_change(ChangeKind::Note, &note.uid).await?;
    tx.commit().await?;
    node.store.wake();
    Ok(note)
}

/// Answers a comment as the publication, in its language.
///
/// # Errors
/// If the text can't be a note, or the comment is not on the page.
pub async fn answer(node: &Node, comment: &Comment, markdown: String) -> Result<Note, NoteError> {
    check_text(&markdown)?;
    check_parent(comment)?;
    let note = NewNote {
        local_actor_id: node.site_id(),
        markdown,
        content_warning: None,
        language: node.config.site.language.clone(),
        in_reply_to: Some(comment.uri.clone()),
        reply_actor_id: comment.actor_id,
        image_url: None,
        image_alt: None,
    };
    publish(node, &note).await
}

/// A note with everything that belongs to it.
pub struct NoteDocument {
    pub document: protocol::Note,
    /// Its text for our own pages.
    pub page: Html,
    pub linked: References,
    /// The article, or the comment under it, that it answers.
    pub target: Option<Target>,
}

/// Writes the document of a note.
pub async fn document(
    node: &Node,
    conn: &mut Conn,
    note: &Note,
    author: &LocalActor,
) -> Result<NoteDocument, NodeError> {
    let id = node.urls().note(&note.uid);
    let mut linked = References::of(node, conn, &note.markdown).await?;
    // Whom a reply answers hears of it, named or not.
    if let Some(actor_id) = note.reply_actor_id
        && let Some(row) = conn.remote_actor_by_id(actor_id).await?
    {
        linked.add(&row);
    }
    let target = match &note.in_reply_to {
        Some(parent) => target::find(conn, node.urls(), parent).await?,
        None => None,
    };
    let text = match note.by_guest {
        true => Text::of_guest(node, conn, &id).await?,
        false => Text::of(node, note, &linked),
    };
    let (followers, terms) = (author.followers(), node.config.comments.terms());
    // Below an article, its policy also applies to answers to answers.
    let policy = target
        .as_ref()
        .map(|target| target.article.comment_policy(terms));
    let in_language = |text: &str| json!({note.language.as_str(): text});
    let urls = node.urls();
    let picture = note
        .image_url
        .as_deref()
        .and_then(|url| urls.base().join(url).ok())
        .filter(|url| pictures::is_local(url, urls, &node.config.data))
        .map(|url| image(url.as_str(), note.image_alt.clone()));
    let content = text.federated;
    let warning = note.content_warning.as_deref();
    let warning = warning.map(|warning| clip(warning, MAX_SUMMARY));
    let document = protocol::Note {
        kind: "Note",
        attributed_to: author.uri.clone(),
        in_reply_to: note.in_reply_to.clone(),
        summary_map: warning.as_deref().map(in_language),
        summary: warning,
        content_map: in_language(&content),
        content,
        media_type: "text/html",
        source: text.source.map(Source::markdown),
        url: id.clone(),
        published: rfc3339(note.published_at),
        to: vec![PUBLIC.to_owned()],
        cc: audience(node, author)
            .into_iter()
            .chain(linked.audience())
            .collect(),
        tag: linked
            .mentions
            .iter()
            .chain(&linked.hashtags)
            .cloned()
            .collect(),
        attachment: picture.into_iter().collect(),
        context: target
            .as_ref()
            .map(|target| format!("{}/context", node.urls().article(&target.article.uid))),
        replies: replies::of_note(conn, node.urls(), &note.uid).await?,
        interaction_policy: protocol::interaction_policy(
            &author.uri,
            may_reply(policy.unwrap_or_default(), &author.uri, &followers),
            &author.uri,
        ),
        sensitive: note.content_warning.is_some(),
        id,
    };
    Ok(NoteDocument {
        document,
        page: text.page,
        linked,
        target,
    })
}

/// What a note says.
struct Text {
    page: Html,
    federated: String,
    /// The Markdown source, if it renders the same elsewhere.
    source: Option<String>,
}

impl Text {
    fn of(node: &Node, note: &Note, linked: &References) -> Text {
        let (text, base) = (&note.markdown, node.urls().base());
        let rendered = markdown::render_with_links(text, base, &linked.links);
        Text {
            source: markdown::portable_source(text, base, &linked.links, &rendered),
            page: rendered.page,
            federated: rendered.federated.into_string(),
        }
    }

    /// What a guest wrote stands in their comment: as strict as what comes from other servers, so that it
    /// mentions nobody. It is said by name whose words these are.
    async fn of_guest(node: &Node, conn: &mut Conn, id: &str) -> Result<Text, NodeError> {
        let comment = conn.comment_by_uri(id).await?;
        let (name, content, source) = comment.map_or_else(Default::default, |comment| {
            (comment.author_name, comment.content, comment.markdown)
        });
        let page = Html::from_stored(content);
        let said = page.to_federated(node.urls().base());
        let source = source.filter(|source| markdown::renders_the_same(source, &said));
        Ok(Text {
            federated: format!("<p><strong>{}</strong>:</p>{said}", escape(&name)),
            source: source.map(|source| {
                let name = markdown::escape_text(&name);
                format!("**{name}**:\n\n{source}")
            }),
            page,
        })
    }
}

/// The followers that a note is for: its author's; those of the site too, if it speaks for a guest.
pub fn audience(node: &Node, author: &LocalActor) -> Vec<String> {
    let site = node
        .urls()
        .actor(ActorKind::Site, node.config.site.username.as_str());
    match author.row.kind {
        ActorKind::Comments => vec![author.followers(), format!("{site}/followers")],
        _ => vec![author.followers()],
    }
}

/// Remembers whom and what a post names, for its later ends and for the tag pages.
pub async fn store_references(
    tx: &mut Tx,
    post_uid: &str,
    linked: &References,
) -> Result<(), NodeError> {
    for actor in &linked.actors {
        tx.add_mention(post_uid, actor.id).await?;
    }
    let tags: Vec<String> = linked.hashtags.iter().map(|tag| tag.name.clone()).collect();
    tx.set_hashtags(post_uid, &tags).await?;
    Ok(())
}
