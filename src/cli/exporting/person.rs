//! `pamphlet export person`: prints all data about a person, for them to read.

use crate::{
    cli::common::{
        Options, audit, comments, output,
        person::{Person, PersonArg},
    },
    node::{Inner, Node},
    store::{
        self, CommentFilter, Conn, GuestProfile, ListedComment, LogEntry, PersonalDataRow,
        RemoteActorRow,
    },
};
use anyhow::Result;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The number of comments to read at once.
const PAGE: i64 = 500;

/// Prints all data about a person.
pub(super) async fn run(person: &PersonArg, options: &Options) -> Result<()> {
    let run = async |node: &Node| {
        let mut conn = node.store.read().await?;
        let document = match person.find(&mut conn).await? {
            Person::Actor(actor) => actor_document(node, &mut conn, &actor).await?,
            Person::Mail(mail) => guest_document(node, &mut conn, &mail).await?,
        };
        output::json(&document)
    };
    options.with_node(run).await
}

async fn actor_document(node: &Node, conn: &mut Conn, actor: &RemoteActorRow) -> Result<Value> {
    let mut document = json!({
        "profile": {
            "id": actor.uri,
            "handle": Inner::remote_handle(&actor.username, &actor.handle_host),
            "name": actor.name,
            "url": actor.url,
            "icon": actor.icon_url,
            "inbox": actor.inbox,
            "followers": actor.followers,
            "aliases": serde_json::from_str::<Value>(&actor.aliases).unwrap_or_default(),
            "moved_to": actor.moved_to,
            "fetched": output::timestamp(actor.fetched_at),
        },
        "comments": comments_of(node, conn, store::Commenter::Actor(actor.id)).await?,
        "log": log_to_json(&conn.log_of_actor(actor).await?),
    });
    for (table, rows) in by_table(conn.rows_about_actor(actor).await?) {
        document[table] = Value::Array(rows);
    }
    Ok(document)
}

async fn guest_document(node: &Node, conn: &mut Conn, mail: &str) -> Result<Value> {
    let mails = conn.mails_to(mail).await?;
    let mail_to_json = |(payload, at): &(String, i64)| {
        json!({
            "mail": serde_json::from_str::<Value>(payload).unwrap_or_default(),
            "at": output::timestamp(*at),
        })
    };
    let guests = conn.guests_of_mail(mail).await?;
    let bin = conn.bin_of_mail(mail).await?;
    let bin_to_json = |(slug, row, at): &(String, String, i64)| {
        json!({
            "about": slug,
            "text": row,
            "at": output::timestamp(*at),
        })
    };
    Ok(json!({
        "names": guests.iter().map(guest_to_json).collect::<Vec<_>>(),
        "comments": comments_of(node, conn, store::Commenter::Mail(mail.to_owned())).await?,
        "bin": bin.iter().map(bin_to_json).collect::<Vec<_>>(),
        "mails": mails.iter().map(mail_to_json).collect::<Vec<_>>(),
        "log": log_to_json(&conn.log_of_mail(mail).await?),
    }))
}

/// Returns a person's comments with their earlier versions.
async fn comments_of(node: &Node, conn: &mut Conn, author: store::Commenter) -> Result<Vec<Value>> {
    let filter = CommentFilter {
        author: Some(author),
        ..CommentFilter::default()
    };
    let (mut list, mut before) = (Vec::new(), i64::MAX);
    loop {
        let rows = conn.comments(&filter, before, PAGE).await?;
        let Some(last) = rows.last() else {
            return Ok(list);
        };
        before = last.comment.id;
        let ids: Vec<i64> = rows.iter().map(|row| row.comment.id).collect();
        let mut edits: HashMap<i64, Vec<Value>> = HashMap::new();
        for edit in conn.comment_edits(&ids).await? {
            let earlier = edits.entry(edit.comment_id).or_default();
            earlier.push(comments::edit_json(&edit));
        }
        list.extend(rows.iter().map(|row| {
            let earlier = edits.remove(&row.comment.id).unwrap_or_default();
            comment_to_json(node, row, earlier)
        }));
    }
}

fn comment_to_json(node: &Node, row: &ListedComment, earlier: Vec<Value>) -> Value {
    let comment = &row.comment;
    let mut document = comments::to_json(node, row);
    let extras = comment.extras.as_deref();
    document["earlier"] = Value::Array(earlier);
    document["markdown"] = json!(comment.markdown);
    document["wants_answers"] = json!(comment.wants_answers);
    document["address_hash"] = json!(comment.address_hash);
    document["extras"] = json!(extras.and_then(|text| serde_json::from_str::<Value>(text).ok()));
    document
}

fn guest_to_json(guest: &GuestProfile) -> Value {
    json!({
        "name": guest.name,
        "mail": guest.mail,
        "site": guest.site,
        "confirmed": guest.confirmed_at.map(output::timestamp),
        "trusted": guest.trusted,
        "unsubscribed": guest.unsubscribed,
        "since": output::timestamp(guest.created_at),
    })
}

/// Returns log entries without the names of admins, which are not the person's data.
fn log_to_json(entries: &[LogEntry]) -> Vec<Value> {
    let without_who = |entry| {
        let mut entry = audit::entry_json(entry);
        if let Some(fields) = entry.as_object_mut() {
            fields.remove("who");
        }
        entry
    };
    entries.iter().map(without_who).collect()
}

fn by_table(traces: Vec<PersonalDataRow>) -> HashMap<String, Vec<Value>> {
    let mut tables: HashMap<String, Vec<Value>> = HashMap::new();
    for trace in traces {
        let row: Map<String, Value> = [
            ("kind", trace.kind),
            ("about", trace.object),
            ("text", trace.text),
            ("uri", trace.uri),
            ("at", trace.at.map(output::timestamp)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
        .collect();
        tables
            .entry(trace.kept_in)
            .or_default()
            .push(Value::Object(row));
    }
    tables
}
