//! Cleans items on the reader's thread: converts and sanitizes their texts, and hashes what the source has.

use super::model::{
    Body, ImportedArticle, ImportedAuthor, ImportedComment, ImportedFile, ImportedPage, Item,
    Located,
};
use crate::{
    content::{
        Html, Language,
        article::MAX_FILE_BYTES,
        clean_line,
        html::{MAX_REMOTE_BYTES, without_long_values},
        markdown, text,
    },
    publishing::sync,
};
use std::{
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// The maximum length of titles and names, in characters.
const MAX_TITLE: usize = 500;
const MAX_NAME: usize = 200;
/// The maximum length of a title that is made of the text.
const MAX_DERIVED_TITLE: usize = 60;
/// The maximum length of addresses, in bytes.
pub(super) const MAX_ADDRESS: usize = 2000;
/// The maximum length of what identifies an item, in bytes.
const MAX_KEY: usize = 500;
/// The maximum number of tags of an article.
const MAX_TAGS: usize = 100;
/// The number of characters of hashes that are stored: 96 bits.
const HASH: usize = 16;

/// An item that is ready to be stored.
pub(super) enum Prepared {
    Author(Ready<ImportedAuthor>),
    Article(Box<ReadyArticle>),
    Page(Box<Ready<ImportedPage>>),
    Comment(Box<Ready<ImportedComment>>),
    File(ImportedFile),
    Redirect {
        from: String,
        to: String,
    },
    /// A sentence for the report.
    Notice(String),
}

/// An item whose text is converted: Markdown, or HTML for comments.
pub(super) struct Ready<T> {
    pub(super) item: T,
    pub(super) text: String,
    /// The hash of what the source has.
    pub(super) hash: String,
    /// The parts that it lost, as sentences for the report.
    pub(super) warnings: Vec<String>,
}

/// An article with its comments.
pub(super) struct ReadyArticle {
    pub(super) article: Ready<ImportedArticle>,
    pub(super) comments: Vec<Result<Located<Ready<ImportedComment>>, Located<String>>>,
}

/// Prepares an item. Returns the reason if it can't be stored.
pub(super) fn prepare(located: Located<Item>) -> Result<Located<Prepared>, Located<String>> {
    let Located { place, value } = located;
    match guarded(|| prepare_item(value)) {
        Ok(value) => Ok(Located { place, value }),
        Err(value) => Err(Located { place, value }),
    }
}

fn prepare_item(item: Item) -> Result<Prepared, String> {
    match item {
        Item::Author(author) => prepare_author(author).map(Prepared::Author),
        Item::Article(article) => prepare_article(*article),
        Item::Page(page) => prepare_page(*page).map(|page| Prepared::Page(Box::new(page))),
        Item::Comment(comment) => {
            prepare_comment(*comment).map(|comment| Prepared::Comment(Box::new(comment)))
        }
        Item::File(file) => Ok(Prepared::File(file)),
        Item::Redirect { from, to } => Ok(Prepared::Redirect { from, to }),
        Item::Notice(message) => Ok(Prepared::Notice(message)),
    }
}

/// Prepares one item. A panic must not end the import: only this item is broken.
fn guarded<T>(prepare: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(prepare))
        .unwrap_or_else(|_| Err("it can't be converted, by an error of this program".to_owned()))
}

/// Returns the hash of what the source has.
fn hash_of(item: &impl Debug) -> String {
    short_hash(format!("{item:?}").as_bytes())
}

/// Returns the beginning of a hash, which is long enough to detect changes.
pub(super) fn short_hash(bytes: &[u8]) -> String {
    let hash = sync::of_bytes(bytes);
    let digits = hash
        .rsplit_once("SHA-256=")
        .map_or("", |(_, digits)| digits);
    digits.chars().take(HASH).collect()
}

fn prepare_author(mut author: ImportedAuthor) -> Result<Ready<ImportedAuthor>, String> {
    check_key(&author.key)?;
    let hash = hash_of(&author);
    author.name = clean_line(&author.name, MAX_NAME);
    let mut warnings = Vec::new();
    let text = match author.bio.take() {
        Some(bio) => markdown_of(bio, &mut warnings)?,
        None => String::new(),
    };
    author.picture = address_of(author.picture, &mut warnings);
    Ok(Ready {
        item: author,
        text,
        hash,
        warnings,
    })
}

fn prepare_article(mut article: ImportedArticle) -> Result<Prepared, String> {
    check_key(&article.key)?;
    let comments = std::mem::take(&mut article.comments);
    let hash = hash_of(&article);
    let body = std::mem::replace(&mut article.body, Body::Markdown(String::new()));
    let mut warnings = Vec::new();
    let text = markdown_of(body, &mut warnings)?;
    article.title = title_of(&article.title, &text);
    article.author = article.author.filter(|key| check_key(key).is_ok());
    article.language = language_of(article.language.as_deref());
    article.image = address_of(article.image, &mut warnings);
    article.object_uri = article
        .object_uri
        .filter(|uri| !uri.contains(char::is_control));
    article.summary = article.summary.as_deref().and_then(line_of);
    article.content_warning = article.content_warning.as_deref().and_then(line_of);
    article.byline = article.byline.as_deref().and_then(line_of);
    article.image_alt = article.image_alt.as_deref().and_then(line_of);
    article.tags = tags_of(&article.tags);
    article.published_at = article.published_at.filter(|time| is_valid(*time));
    article.updated_at = article.updated_at.filter(|time| is_valid(*time));
    let key = article.key.clone();
    let comments = comments.into_iter().map(|located| {
        let Located { place, mut value } = located;
        value.article.clone_from(&key);
        match guarded(|| prepare_comment(value)) {
            Ok(value) => Ok(Located { place, value }),
            Err(value) => Err(Located { place, value }),
        }
    });
    Ok(Prepared::Article(Box::new(ReadyArticle {
        comments: comments.collect(),
        article: Ready {
            item: article,
            text,
            hash,
            warnings,
        },
    })))
}

fn prepare_page(mut page: ImportedPage) -> Result<Ready<ImportedPage>, String> {
    check_key(&page.key)?;
    let hash = hash_of(&page);
    let body = std::mem::replace(&mut page.body, Body::Markdown(String::new()));
    let mut warnings = Vec::new();
    let text = markdown_of(body, &mut warnings)?;
    page.title = title_of(&page.title, &text);
    page.language = language_of(page.language.as_deref());
    page.image = address_of(page.image, &mut warnings);
    page.summary = page.summary.as_deref().and_then(line_of);
    page.image_alt = page.image_alt.as_deref().and_then(line_of);
    page.published_at = page.published_at.filter(|time| is_valid(*time));
    Ok(Ready {
        item: page,
        text,
        hash,
        warnings,
    })
}

fn prepare_comment(mut comment: ImportedComment) -> Result<Ready<ImportedComment>, String> {
    check_key(&comment.key)?;
    let hash = hash_of(&comment);
    let body = std::mem::replace(&mut comment.body, Body::Markdown(String::new()));
    let mut warnings = Vec::new();
    let html = match body {
        Body::Html(html) => {
            let html = whole_html(&html, &mut warnings);
            if html.len() > MAX_REMOTE_BYTES {
                let limit = MAX_REMOTE_BYTES >> 10;
                warnings.push(format!("only the first {limit} KiB of its text come in"));
            }
            Html::from_remote(&html)
        }
        Body::Markdown(text) => markdown::render_comment(&text),
    };
    comment.author_name = clean_line(&comment.author_name, MAX_NAME);
    comment.author_url = comment.author_url.filter(|url| is_web_address(url));
    comment.author_mail = comment
        .author_mail
        .map(|mail| mail.trim().to_owned())
        .filter(|mail| mail.contains('@') && mail.len() <= 254 && !mail.contains(char::is_control));
    comment.published_at = comment.published_at.filter(|time| is_valid(*time));
    Ok(Ready {
        item: comment,
        text: html.into_string(),
        hash,
        warnings,
    })
}

/// Checks what identifies an item.
fn check_key(key: &str) -> Result<(), String> {
    match key.trim().is_empty() || key.len() > MAX_KEY || key.contains('\0') {
        true => Err("nothing identifies it: it has no id, or an unusable one".to_owned()),
        false => Ok(()),
    }
}

/// Returns the language of a text, if it is one.
fn language_of(language: Option<&str>) -> Option<String> {
    let parsed: Option<Language> = language?.replace('_', "-").parse().ok();
    parsed.map(|language| language.to_string())
}

/// Returns the address of a picture, or the name of its file, if it is one.
fn address_of(address: Option<String>, warnings: &mut Vec<String>) -> Option<String> {
    let is_usable =
        |address: &String| address.len() <= MAX_ADDRESS && !address.contains(char::is_control);
    let usable = address.as_ref().is_none_or(is_usable);
    if !usable {
        warnings.push("the address of its picture is unusable: it comes in without".to_owned());
    }
    address.filter(|_| usable)
}

/// Prepares HTML for conversion: a tag that is too long would end it.
fn whole_html(html: &str, warnings: &mut Vec<String>) -> String {
    let (html, lacks_part) = without_long_values(&text::without_controls(html));
    if lacks_part {
        warnings.push(
            "its text has a tag that is too long or has no end: a part of it is missing".to_owned(),
        );
    }
    html
}

/// Converts a text to Markdown.
fn markdown_of(body: Body, warnings: &mut Vec<String>) -> Result<String, String> {
    let too_long = || format!("its text exceeds the limit of {} MiB", MAX_FILE_BYTES >> 20);
    let (Body::Html(source) | Body::Markdown(source)) = &body;
    if source.len() > MAX_FILE_BYTES {
        return Err(too_long());
    }
    let markdown = match body {
        Body::Markdown(markdown) => text::without_controls(&markdown)
            .replace("\r\n", "\n")
            .replace('\r', "\n"),
        Body::Html(html) => Html::to_markdown_source(&whole_html(&html, warnings)),
    };
    match markdown.len() > MAX_FILE_BYTES {
        true => Err(too_long()),
        false => Ok(markdown),
    }
}

fn title_of(title: &str, text: &str) -> String {
    let title = clean_line(title, MAX_TITLE);
    if !title.is_empty() {
        return title;
    }
    let beginning = text.chars().take(4 * MAX_TITLE).collect::<String>();
    let beginning = markdown::page_html(&beginning).excerpt(MAX_DERIVED_TITLE);
    match beginning.is_empty() {
        true => "Untitled".to_owned(),
        false => beginning,
    }
}

fn line_of(text: &str) -> Option<String> {
    Some(clean_line(text, 4 * MAX_TITLE)).filter(|line| !line.is_empty())
}

fn tags_of(tags: &[String]) -> Vec<String> {
    let mut clean: Vec<String> = Vec::new();
    for tag in tags.iter().take(MAX_TAGS) {
        let tag = clean_line(tag.trim_start_matches('#'), MAX_NAME);
        if !tag.is_empty() && !clean.contains(&tag) {
            clean.push(tag);
        }
    }
    clean
}

/// Returns whether a time is in the years that addresses can have: 1 to 9999.
fn is_valid(time: i64) -> bool {
    const YEAR_1: i64 = -62_135_596_800_000;
    const YEAR_10_000: i64 = 253_402_300_800_000;
    (YEAR_1..YEAR_10_000).contains(&time)
}

/// Returns whether a text is a web address.
pub(super) fn is_web_address(text: &str) -> bool {
    text.len() <= MAX_ADDRESS
        && !text.contains(char::is_control)
        && url::Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
}
