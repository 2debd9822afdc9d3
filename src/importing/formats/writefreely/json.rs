//! `export.json` and `posts.json`.

use super::{
    super::{
        json_items::{JsonItem, JsonItems, Want},
        json_values::{flag, list, text, time},
        positions::{broken, located},
    },
    blog::Blog,
    post::Post,
};
use crate::importing::model::{Item, Read};
use serde_json::Value;
use std::{
    collections::{HashSet, VecDeque},
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};
use url::Url;

/// Reads the blogs with their posts, then the posts without a blog.
pub(super) fn read(
    file: impl BufRead + Send + 'static,
    site: Option<Url>,
) -> impl Iterator<Item = Read> + Send + 'static {
    Reader {
        items: JsonItems::new(file, want),
        site,
        blog: Blog::default(),
        known: HashSet::new(),
        queue: VecDeque::new(),
    }
}

/// Returns the address of the site that a file names first.
///
/// # Errors
/// If the file can't be read.
pub(super) fn base_of(path: &Path) -> io::Result<Option<Url>> {
    let want = |path: &[String]| match path {
        [name] if name == "collections" => Want::Enter,
        [_, name] if name == "url" => Want::Items,
        _ => Want::Skip,
    };
    let items = JsonItems::new(BufReader::new(File::open(path)?), want);
    Ok(items.filter_map(Result::ok).find_map(|item| {
        let url: String = item.parse().ok()?;
        Url::parse(&url).ok()?.join("/").ok()
    }))
}

fn want(path: &[String]) -> Want {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["collections"] => Want::Enter,
        // A list of posts alone, or those without a blog, or those of a blog.
        [] | ["posts"] | ["collections", "posts"] => Want::Items,
        ["collections", "alias" | "title" | "description" | "url"] => Want::Items,
        _ => Want::Skip,
    }
}

struct Reader<R> {
    items: JsonItems<R, fn(&[String]) -> Want>,
    site: Option<Url>,
    /// The blog whose posts are read.
    blog: Blog,
    /// The blogs that were yielded as authors.
    known: HashSet<String>,
    queue: VecDeque<Read>,
}

impl<R: BufRead> Reader<R> {
    fn take(&mut self, item: &JsonItem) {
        let is_of_blog = item.path.len() == 2;
        if is_of_blog && item.name() != "posts" {
            let value: String = item.parse().unwrap_or_default();
            match item.name() {
                // It is the first of a blog's values.
                "alias" => {
                    self.blog = Blog {
                        alias: value,
                        ..Blog::default()
                    };
                }
                "title" => self.blog.title = value,
                "description" => self.blog.description = value,
                _ => self.blog.url = Url::parse(&value).ok(),
            }
            return;
        }
        let post: Value = match item.parse() {
            // A blog without posts.
            Ok(Value::Null) => return,
            Err(reason) => return self.queue.push_back(broken("", item.line, "", reason)),
            Ok(post) => post,
        };
        let id = text(&post, "id").unwrap_or_default();
        let blog = match is_of_blog {
            true => Some(self.blog.clone()).filter(|blog| !blog.alias.is_empty()),
            false => post.get("collection").and_then(Blog::of),
        };
        if let Some(blog) = &blog
            && self.known.insert(blog.alias.clone())
        {
            let author = Item::Author(blog.author());
            self.queue.push_back(located(
                "",
                item.line,
                format!("blog {}", blog.alias),
                author,
            ));
        }
        let is_paid = flag(&post, "paid");
        let name = format!("post {id}");
        if is_paid {
            let remark = Item::Notice("for subscribers only: imported as drafts".to_owned());
            self.queue
                .push_back(located("", item.line, name.clone(), remark));
        }
        let post = Post {
            id,
            slug: text(&post, "slug"),
            title: text(&post, "title"),
            text: text(&post, "body").unwrap_or_default(),
            language: text(&post, "language"),
            is_rtl: flag(&post, "rtl"),
            is_code: text(&post, "appearance").as_deref() == Some("code"),
            is_paid,
            tags: list(&post, "tags")
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            created: time(&post, "created"),
            updated: time(&post, "updated"),
            url: text(&post, "url").and_then(|url| Url::parse(&url).ok()),
        };
        self.queue
            .push_back(match post.article(blog.as_ref(), self.site.as_ref()) {
                Ok(article) => located("", item.line, name, Item::Article(Box::new(article))),
                Err(reason) => broken("", item.line, name, reason),
            });
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        loop {
            if let Some(read) = self.queue.pop_front() {
                return Some(read);
            }
            match self.items.next()? {
                Ok(item) => self.take(&item),
                Err(error) => {
                    let reason = format!("the rest can't be read: {}", error.reason);
                    return Some(broken("", error.line, "", reason));
                }
            }
        }
    }
}
