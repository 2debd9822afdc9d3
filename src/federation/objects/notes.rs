//! Local notes: publishes them, and writes their documents.

use super::{
    articles::{MAX_SUMMARY, clip, may_reply},
    mentions::References,
    pictures::{self, MediaRows},
    replies,
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

/// The maximum length of a note, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// The reason why a note can't be published.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    #[error("a note needs a text")]
    Empty,
    #[error("a note has at most 64 KiB: publish this as an article")]
    TooLong,
    #[error(
        "comment {0} is not visible ({1}): to reply to it, approve it with `pamphlet comments approve {0}`"
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

/// Checks that a text can be a note.
pub fn check_text(text: &str) -> Result<(), NoteError> {
    match text.len() {
        _ if text.trim().is_empty() => Err(NoteError::Empty),
        0..=MAX_TEXT => Ok(()),
        _ => Err(NoteError::TooLong),
    }
}

/// Checks that a comment is visible, so that it can be replied to.
pub fn check_parent(comment: &Comment) -> Result<(), NoteError> {
    match comment.state {
        CommentState::Visible => Ok(()),
        state => Err(NoteError::NotVisible(comment.id, state.to_string())),
    }
}

/// Stores a note and queues its publication.
pub async fn publish(node: &Node, note: &NewNote) -> Result<Note, NoteError> {
    let mut tx = node.store.begin().await?;
    let note = tx.add_note(note).await?;
    tx.add_change(ChangeKind::Note, &note.uid).await?;
    tx.commit().await?;
    node.store.wake();
    Ok(note)
}

/// Replies to a comment as the publication, in its language.
///
/// # Errors
/// If the text can't be a note, or the comment is not visible.
pub async fn reply(node: &Node, comment: &Comment, markdown: String) -> Result<Note, NoteError> {
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

/// The document of a note, with the parts that its page and its deliveries need.
pub struct NoteDocument {
    pub document: protocol::Note,
    /// The text for local pages.
    pub page: Html,
    pub linked: References,
    /// The article or comment that it replies to.
    pub target: Option<Target>,
}

/// Returns the document of a note.
pub async fn document(
    node: &Node,
    conn: &mut Conn,
    note: &Note,
    author: &LocalActor,
) -> Result<NoteDocument, NodeError> {
    let id = node.urls().note_id(note);
    let mut linked = References::of(node, conn, &note.markdown).await?;
    let texts = [Some(note.markdown.as_str()), note.image_url.as_deref()];
    linked.media = MediaRows::of(conn, &texts).await?;
    // A reply mentions the author of its parent, even if the text does not.
    if let Some(actor_id) = note.reply_actor_id
        && let Some(row) = conn.remote_actor_by_id(actor_id).await?
    {
        linked.add(&row);
    }
    let target = match &note.in_reply_to {
        Some(parent) => target::find(conn, node.urls(), parent).await?,
        None => None,
    };
    let text = if note.by_guest {
        Text::of_guest(node, conn, &id).await?
    } else {
        Text::of(node, note, &linked)
    };
    let (followers, terms) = (author.followers(), node.config.comments.terms());
    // The policy of an article applies to its whole conversation.
    let policy = target
        .as_ref()
        .map(|target| target.article.comment_policy(terms));
    let in_language = |text: &str| json!({note.language.as_str(): text});
    let urls = node.urls();
    let picture = note
        .image_url
        .as_deref()
        .and_then(|url| urls.base().join(url).ok())
        .map(|url| (linked.media.at(&url, urls), url))
        .filter(|(row, url)| row.is_some() || pictures::is_file(url, urls, &node.config.data))
        .map(|(row, url)| pictures::described(url.as_str(), note.image_alt.clone(), row));
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
        updated: text.edited_at.map(rfc3339),
        to: vec![PUBLIC.to_owned()],
        cc: audience(node, conn, author)
            .await?
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
        replies: replies::of_note(conn, &id).await?,
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

/// The text of a note in its forms.
struct Text {
    page: Html,
    federated: String,
    /// The Markdown source, if it renders the same elsewhere.
    source: Option<String>,
    /// The time of the last edit.
    edited_at: Option<i64>,
}

impl Text {
    fn of(node: &Node, note: &Note, linked: &References) -> Text {
        let (text, base) = (&note.markdown, node.urls().base());
        let rendered = markdown::render_with_links(text, base, &linked.links);
        Text {
            source: markdown::portable_source(text, base, &linked.links, &rendered),
            page: rendered.page,
            federated: rendered.federated.into_string(),
            edited_at: note.edited_at,
        }
    }

    /// Returns the text of a guest's comment, preceded by the guest's name. It is sanitized like a remote comment, and
    /// mentions nobody.
    async fn of_guest(node: &Node, conn: &mut Conn, id: &str) -> Result<Text, NodeError> {
        let comment = conn.comment_by_uri(id).await?;
        let edited_at = comment.as_ref().and_then(|comment| comment.edited_at);
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
            edited_at,
        })
    }
}

/// Returns the followers collections that receive a note: its author's, and the site's if it is a guest's comment.
pub async fn audience(
    node: &Node,
    conn: &mut Conn,
    author: &LocalActor,
) -> Result<Vec<String>, NodeError> {
    let mut audience = vec![author.followers()];
    if author.row.kind == ActorKind::Comments {
        let site = node.local_actors.find(conn, node.site_id()).await?;
        audience.push(site.followers());
    }
    Ok(audience)
}

/// Stores the mentions of a post, for its later `Update` and `Delete`, and its hashtags, for the tag pages.
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
