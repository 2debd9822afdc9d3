//! The texts of an export as Markdown files, made from its rows.

use crate::{
    node::urls::permalink_path,
    publishing::{pages, source},
    store::{Article, ArticleStatus, Row, StaticPage},
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The values from other tables that articles' files need.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The user names and names of authors.
    authors: HashMap<i64, (String, String)>,
    tags: HashMap<i64, Vec<String>>,
    undated: HashSet<i64>,
}

impl Facts {
    /// Remembers what a row says about articles.
    pub(super) fn note(&mut self, table: &str, row: &Row) {
        match table {
            "authors" => {
                let names = (text(row, "username"), text(row, "name"));
                self.authors.insert(number(row, "id"), names);
            }
            "article_tags" => {
                let tags = self.tags.entry(number(row, "article_id")).or_default();
                tags.push(text(row, "tag"));
            }
            "undated_drafts" => {
                self.undated.insert(number(row, "article_id"));
            }
            _ => {}
        }
    }

    /// Returns the path and content of the file of an article; `None` if another program stored an invalid slug.
    pub(super) fn article(&self, row: &Row) -> Option<(String, String)> {
        let id = number(row, "id");
        let author_id = row.get("author_id").and_then(Value::as_i64);
        let author = author_id.and_then(|id| self.authors.get(&id));
        let status = match text(row, "status").as_str() {
            "draft" => ArticleStatus::Draft,
            _ => ArticleStatus::Published,
        };
        let article = Article {
            id,
            uid: text(row, "uid"),
            object_uri: None,
            object_form: None,
            slug: text(row, "slug"),
            title: text(row, "title"),
            markdown: text(row, "markdown"),
            author_id,
            byline: text(row, "byline"),
            summary: option(row, "summary"),
            language: option(row, "language"),
            image_url: option(row, "image_url"),
            image_alt: option(row, "image_alt"),
            federate: option(row, "federate"),
            federate_summary: option(row, "federate_summary"),
            pictures: option(row, "pictures"),
            comments: text(row, "comments"),
            comment_policy: option(row, "comment_policy"),
            comment_days: row.get("comment_days").and_then(Value::as_i64),
            pings: text(row, "pings"),
            quotes: option(row, "quotes"),
            sensitive: row.get("sensitive") == Some(&Value::Bool(true)),
            content_warning: option(row, "content_warning"),
            status,
            published_at: number(row, "published_at"),
            updated_at: None,
            is_undated: self.undated.contains(&id),
            set_updated_at: row.get("updated_at").and_then(Value::as_i64),
            author_name: author.map(|(_, name)| name.clone()),
            author_username: author.map(|(username, _)| username.clone()),
            tags: self.tags.get(&id).cloned().unwrap_or_default(),
        };
        let path = match status {
            ArticleStatus::Draft => format!("/_drafts/{}", article.slug),
            ArticleStatus::Published => permalink_path(article.published_at, &article.slug),
        };
        let file = source::to_source(&article).ok()?;
        Some((format!("{path}.md"), file.to_file_text()))
    }
}

/// Returns the path and content of the file of a page.
pub(super) fn page(row: &Row) -> Option<(String, String)> {
    let page = StaticPage {
        id: number(row, "id"),
        slug: text(row, "slug"),
        title: text(row, "title"),
        markdown: text(row, "markdown"),
        summary: option(row, "summary"),
        language: option(row, "language"),
        menu: option(row, "menu"),
        position: number(row, "position"),
        image_url: option(row, "image_url"),
        image_alt: option(row, "image_alt"),
        created_at: number(row, "created_at"),
        updated_at: row.get("updated_at").and_then(Value::as_i64),
    };
    let file = pages::to_source(&page).ok()?;
    Some((format!("/pages/{}.md", page.slug), file.to_file_text()))
}

fn option(row: &Row, column: &str) -> Option<String> {
    row.get(column).and_then(Value::as_str).map(str::to_owned)
}

fn text(row: &Row, column: &str) -> String {
    option(row, column).unwrap_or_default()
}

fn number(row: &Row, column: &str) -> i64 {
    row.get(column).and_then(Value::as_i64).unwrap_or_default()
}
