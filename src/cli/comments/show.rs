//! `pamphlet comments show` and `history`.

use crate::{
    cli::common::{
        Format, audit,
        comments::{CommentArg, edit_json, find, page_of, text_of, to_json},
        output,
    },
    content::{Html, clean_line},
    moderation::about_comment,
    node::Node,
    spam::Reason,
    store::{Comment, CommentEdit, ListedComment, LogEntry},
};
use anyhow::Result;
use clap::Args;
use serde_json::json;

/// The maximum number of decisions in a history.
const MAX_DECISIONS: i64 = 1000;

#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    comment: CommentArg,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    #[command(flatten)]
    comment: CommentArg,
    #[command(flatten)]
    format: Format,
}

impl Show {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let row = find(&mut node.store.read().await?, self.comment.id).await?;
        if self.format.json {
            return output::json(&to_json(node, &row));
        }
        let comment = &row.comment;
        let state = match &comment.reason {
            Some(reason) => format!("{}, {}", comment.state, clean_line(reason, 500)),
            None => comment.state.to_string(),
        };
        let mut lines = vec![format!("Comment {} ({state})", comment.id)];
        let fields = fields_of(node, &row).into_iter();
        lines.extend(fields.filter_map(|(name, value)| Some(format!("  {name:<10} {}", value?))));
        lines.push(String::new());
        let (text, is_shortened) = text_of(node, comment);
        lines.push(text);
        if is_shortened {
            lines.push(
                "\n(The comment is shortened: see the original for the full text.)".to_owned(),
            );
        }
        output::line(lines.join("\n").trim_end())
    }
}

/// Returns the known properties of a comment, with their labels.
fn fields_of(node: &Node, row: &ListedComment) -> Vec<(&'static str, Option<String>)> {
    let comment = &row.comment;
    vec![
        ("By", author(row)),
        ("Actor", row.actor_uri.clone()),
        (
            "Site",
            row.guest_site.as_deref().map(|site| clean_line(site, 300)),
        ),
        ("Article", Some(output::one_line(&row.article_title, 80))),
        ("Page", Some(page_of(node, row))),
        (
            "Original",
            Some(comment.url.clone().unwrap_or_else(|| comment.uri.clone())),
        ),
        (
            "Reply to",
            row.parent_number.map(|number| format!("#comment-{number}")),
        ),
        ("Written", Some(output::time(comment.published_at))),
        ("Received", Some(output::time(comment.received_at))),
        ("Edited", comment.edited_at.map(output::time)),
        (
            "Warning",
            comment
                .content_warning
                .as_deref()
                .map(|text| clean_line(text, 300)),
        ),
        (
            "Hidden",
            comment
                .is_hidden_by_author()
                .then(|| "from readers who are not logged in, as its author wishes".to_owned()),
        ),
        ("Score", score(comment)),
        (
            "Note",
            comment
                .admin_note
                .as_deref()
                .map(|note| clean_line(note, 2000)),
        ),
    ]
}

fn author(row: &ListedComment) -> Option<String> {
    let comment = &row.comment;
    let name = output::one_line(&comment.author_name, 60);
    let who = match comment.guest_id {
        Some(_) => format!("{name}, guest without an account"),
        None => format!("{name} {}", clean_line(&comment.author_handle, 200)),
    };
    Some(who.trim().to_owned()).filter(|who| !who.is_empty())
}

fn score(comment: &Comment) -> Option<String> {
    let points = comment.score?;
    let reasons = comment.score_reasons.as_deref().unwrap_or("[]");
    let reasons: Vec<Reason> = serde_json::from_str(reasons).unwrap_or_default();
    let reasons: Vec<String> = reasons
        .iter()
        .map(|reason| format!("{} for {}", reason.points, clean_line(&reason.what, 200)))
        .collect();
    Some(if reasons.is_empty() {
        points.to_string()
    } else {
        format!("{points} ({})", reasons.join(", "))
    })
}

impl History {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let id = self.comment.id;
        let mut conn = node.store.read().await?;
        find(&mut conn, id).await?;
        let edits = conn.comment_edits(&[id]).await?;
        let about = about_comment(id);
        let decisions = conn
            .log_entries(Some(&about), i64::MAX, MAX_DECISIONS)
            .await?;
        if self.format.json {
            return output::json(&json!({
                "id": id,
                "edits": edits.iter().map(edit_json).collect::<Vec<_>>(),
                "decisions": decisions.iter().rev().map(audit::entry_json).collect::<Vec<_>>(),
            }));
        }
        let edits = edits.iter().map(|edit| (edit.replaced_at, edit_row(edit)));
        let decisions = decisions
            .iter()
            .rev()
            .map(|entry| (entry.at, log_row(entry)));
        let mut events: Vec<_> = edits.chain(decisions).collect();
        events.sort_by_key(|(at, _)| *at);
        let rows: Vec<Vec<String>> = events.into_iter().map(|(_, row)| row).collect();
        output::table(
            &["TIME", "ACTION", "BY", "PREVIOUS TEXT OR REASON"],
            &rows,
            "The comment has not been changed.",
        )
    }
}

fn edit_row(edit: &CommentEdit) -> Vec<String> {
    let text = Html::unverified(edit.content.clone()).to_text();
    vec![
        output::time(edit.replaced_at),
        "edited".to_owned(),
        "its author".to_owned(),
        clean_line(&text, 1000),
    ]
}

fn log_row(entry: &LogEntry) -> Vec<String> {
    let was = entry.before.as_deref().map(|state| format!("was {state}"));
    let why = entry.why.as_deref().map(|why| clean_line(why, 500));
    vec![
        output::time(entry.at),
        entry.action.clone(),
        output::one_line(&entry.who, 40),
        was.into_iter().chain(why).collect::<Vec<_>>().join(": "),
    ]
}
