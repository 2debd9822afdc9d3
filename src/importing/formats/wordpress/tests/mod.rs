//! Exports, good and bad, and what is read from them.

mod broken;
mod files;
mod items;

use super::open;
use crate::importing::model::{ImportedArticle, Item, Located, Read};
use std::{io::Write, path::PathBuf};
use tempfile::NamedTempFile;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>Old</title><link>https://old.example/blog</link><language>en-US</language>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://old.example/blog</wp:base_blog_url>
"#;
const TAIL: &str = "</channel>\n</rss>\n";

/// Returns an export with these items.
fn export(items: &str) -> String {
    format!("{HEAD}{items}{TAIL}")
}

/// Returns the XML of a published post.
fn post(id: u32, title: &str, more: &str) -> String {
    format!(
        "<item><title><![CDATA[{title}]]></title><link>https://old.example/blog/2019/05/post-{id}/</link>\
         <dc:creator><![CDATA[dan]]></dc:creator><content:encoded><![CDATA[Text {id}.]]></content:encoded>\
         <wp:post_id>{id}</wp:post_id><wp:post_date_gmt>2019-05-01 10:00:00</wp:post_date_gmt>\
         <wp:post_name>post-{id}</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>{more}</item>\n"
    )
}

/// Returns the XML of a comment.
fn comment(id: u32, more: &str) -> String {
    format!(
        "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author>Sam</wp:comment_author>\
         <wp:comment_date_gmt>2019-05-02 10:00:00</wp:comment_date_gmt><wp:comment_approved>1</wp:comment_approved>\
         <wp:comment_content>Comment {id}</wp:comment_content>{more}</wp:comment>\n"
    )
}

fn file(bytes: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes.as_ref()).unwrap();
    file
}

/// Reads an export.
fn read(bytes: impl AsRef<[u8]>) -> Vec<Read> {
    let file = file(bytes);
    open(&[file.path().to_owned()]).unwrap().items.collect()
}

/// Returns the message for a file that can't be read at all.
fn refusal(bytes: impl AsRef<[u8]>) -> String {
    let file = file(bytes);
    let paths: [PathBuf; 1] = [file.path().to_owned()];
    match open(&paths) {
        Ok(_) => "it is read".to_owned(),
        Err(error) => error
            .to_string()
            .replace(&file.path().display().to_string(), "FILE"),
    }
}

fn articles(read: &[Read]) -> Vec<&ImportedArticle> {
    let items = read.iter().filter_map(|read| match read {
        Ok(Located {
            value: Item::Article(article),
            ..
        }) => Some(article.as_ref()),
        _ => None,
    });
    items.collect()
}

fn titles(read: &[Read]) -> Vec<&str> {
    articles(read)
        .into_iter()
        .map(|article| article.title.as_str())
        .collect()
}

/// Returns the problems as `line: item: reason`.
fn problems(read: &[Read]) -> Vec<String> {
    let problems = read.iter().filter_map(|read| read.as_ref().err());
    problems
        .map(|problem| {
            format!(
                "{}: {}: {}",
                problem.place.line, problem.place.item, problem.value
            )
        })
        .collect()
}

fn notices(read: &[Read]) -> Vec<&str> {
    let notices = read.iter().filter_map(|read| match read {
        Ok(Located {
            value: Item::Notice(notice),
            ..
        }) => Some(notice.as_str()),
        _ => None,
    });
    notices.collect()
}
