//! The small tables of an export, which posts refer to by ids. They are read before the posts and kept in memory.

use super::super::{
    json_items::JsonItem,
    json_values::{flag, number, text},
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The tables that are kept.
pub(super) const KEPT: &[&str] = &[
    "users",
    "tags",
    "posts_tags",
    "posts_authors",
    "posts_meta",
    "settings",
    "members",
];

/// The small tables.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) users: HashMap<String, User>,
    /// The ids of users that have written a post.
    pub(super) writers: HashSet<String>,
    tags: HashMap<String, Tag>,
    /// The tags and authors of posts, by the id of the post, each with its position.
    posts_tags: HashMap<String, Vec<(i64, String)>>,
    posts_authors: HashMap<String, Vec<(i64, String)>>,
    pub(super) meta: HashMap<String, Meta>,
    pub(super) members: HashMap<String, Member>,
    pub(super) settings: HashMap<String, String>,
    /// The version of Ghost that wrote the export.
    pub(super) version: Option<String>,
    /// The number of posts and comments.
    pub(super) total: u64,
    /// Whether there are posts at all: something else has none.
    pub(super) has_posts: bool,
    /// Rows of these tables that can't be read, with their lines.
    pub(super) problems: Vec<(u64, String)>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct User {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) bio: Option<String>,
    pub(super) website: Option<String>,
    pub(super) picture: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) slug: String,
    /// Whether only the site's own people see it: `#newsletter`.
    pub(super) is_internal: bool,
}

/// Further values of a post.
#[derive(Debug, Default)]
pub(super) struct Meta {
    pub(super) image_alt: Option<String>,
    pub(super) is_for_mail_only: bool,
}

/// A member, who may have written comments.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Option<String>,
    pub(super) mail: Option<String>,
}

impl Tables {
    /// Takes in a row. One that can't be read is reported: the post that needs it comes in without.
    pub(super) fn take(&mut self, item: &JsonItem) {
        let row = match item.parse::<Value>() {
            Ok(row) => row,
            Err(reason) => return self.note_problem(item, &reason),
        };
        if item.name() == "version" {
            self.version = row.as_str().map(str::to_owned);
            return;
        }
        let id = text(&row, "id").unwrap_or_default();
        match item.name() {
            "users" => {
                let Some(slug) = text(&row, "slug").filter(|_| !id.is_empty()) else {
                    return self.note_problem(item, "the author has no id or no slug");
                };
                let user = User {
                    name: text(&row, "name").unwrap_or_else(|| slug.clone()),
                    slug,
                    bio: text(&row, "bio"),
                    website: text(&row, "website"),
                    // Before version 1 it was `image`.
                    picture: text(&row, "profile_image").or_else(|| text(&row, "image")),
                };
                self.users.insert(id, user);
            }
            "tags" => {
                let Some(name) = text(&row, "name") else {
                    return self.note_problem(item, "the tag has no name");
                };
                let is_internal = name.starts_with('#')
                    || text(&row, "visibility").as_deref() == Some("internal");
                let slug = text(&row, "slug").unwrap_or_default();
                let tag = Tag {
                    name,
                    slug,
                    is_internal,
                };
                self.tags.insert(id, tag);
            }
            "posts_tags" => relate(&mut self.posts_tags, &row, "tag_id"),
            "posts_authors" => {
                relate(&mut self.posts_authors, &row, "author_id");
                self.writers.extend(text(&row, "author_id"));
            }
            "posts_meta" => {
                if let Some(post) = text(&row, "post_id") {
                    let meta = Meta {
                        image_alt: text(&row, "feature_image_alt"),
                        is_for_mail_only: flag(&row, "email_only"),
                    };
                    self.meta.insert(post, meta);
                }
            }
            "members" => {
                let member = Member {
                    name: text(&row, "name"),
                    mail: text(&row, "email"),
                };
                self.members.insert(id, member);
            }
            "settings" => {
                if let (Some(key), Some(value)) = (text(&row, "key"), text(&row, "value")) {
                    self.settings.insert(key, value);
                }
            }
            _ => {}
        }
    }

    fn note_problem(&mut self, item: &JsonItem, reason: &str) {
        let reason = format!("in the table {}: {reason}", item.name());
        self.problems.push((item.line, reason));
    }

    /// Returns the tags of a post in their order, the primary one first.
    pub(super) fn tags_of(&self, post: &str) -> Vec<&Tag> {
        related(&self.posts_tags, post)
            .into_iter()
            .filter_map(|id| self.tags.get(id))
            .collect()
    }

    /// Returns all tags that readers see.
    pub(super) fn public_tags(&self) -> impl Iterator<Item = &Tag> {
        let mut tags: Vec<&Tag> = self.tags.values().filter(|tag| !tag.is_internal).collect();
        tags.sort_by(|a, b| a.slug.cmp(&b.slug));
        tags.into_iter()
    }

    /// Returns the ids of the authors of a post that are known, the primary one first.
    pub(super) fn authors_of(&self, post: &str) -> Vec<&str> {
        related(&self.posts_authors, post)
            .into_iter()
            .filter(|id| self.users.contains_key(*id))
            .collect()
    }
}

fn relate(relations: &mut HashMap<String, Vec<(i64, String)>>, row: &Value, other: &str) {
    if let (Some(post), Some(other)) = (text(row, "post_id"), text(row, other)) {
        let position = number(row, "sort_order").unwrap_or(0);
        relations.entry(post).or_default().push((position, other));
    }
}

fn related<'a>(relations: &'a HashMap<String, Vec<(i64, String)>>, post: &str) -> Vec<&'a str> {
    let mut related: Vec<&(i64, String)> = relations.get(post).into_iter().flatten().collect();
    related.sort_by_key(|(position, _)| *position);
    related.into_iter().map(|(_, id)| id.as_str()).collect()
}
