//! What articles and pages were: their versions, what changed between them, and the way back to one.

use crate::{
    media,
    node::Node,
    publishing::{Announced, Announcement, PublishError, articles, pages, source},
    store::{
        Article, ArticleFields, ArticleStatus, ArticleVersion, Conn, PageFields, PageVersion,
        StaticPage, Tx,
    },
};
use similar::{ChangeTag, TextDiff};
use std::sync::OnceLock;

/// The name of the person at the command line.
static WRITER: OnceLock<String> = OnceLock::new();

/// Sets who makes the changes of this process, from the environment of the shell.
pub(crate) fn set_writer_from_environment() {
    let name = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    if let Some(name) = name {
        let _ = WRITER.set(name);
    }
}

/// Returns who makes the changes of this process, if that is known.
fn writer() -> Option<String> {
    WRITER.get().cloned()
}

/// The versions of an article that a transaction makes. It begins before the first write.
pub(in crate::publishing) struct Signature(i64);

impl Signature {
    pub(in crate::publishing) async fn begin(
        conn: &mut Conn,
        article_id: i64,
    ) -> Result<Self, PublishError> {
        Ok(Signature(conn.last_article_version(article_id).await?))
    }

    /// Stores who made the versions since it began.
    pub(in crate::publishing) async fn end(
        self,
        tx: &mut Tx,
        article_id: i64,
    ) -> Result<(), PublishError> {
        if let Some(who) = writer() {
            tx.sign_article_versions(article_id, self.0, &who).await?;
        }
        Ok(())
    }
}

/// Stores who made all versions of a new article.
pub(in crate::publishing) async fn sign_new_article(
    tx: &mut Tx,
    article_id: i64,
) -> Result<(), PublishError> {
    Signature(0).end(tx, article_id).await
}

/// Stores who made the newest version of an article.
pub(in crate::publishing) async fn sign_last_article_version(
    tx: &mut Tx,
    article_id: i64,
) -> Result<(), PublishError> {
    let last = tx.last_article_version(article_id).await?;
    Signature(last - 1).end(tx, article_id).await
}

/// Stores who made the versions of a page with ids above `after`.
pub(in crate::publishing) async fn sign_page(
    tx: &mut Tx,
    page_id: i64,
    after: i64,
) -> Result<(), PublishError> {
    if let Some(who) = writer() {
        tx.sign_page_versions(page_id, after, &who).await?;
    }
    Ok(())
}

/// A version of an article or page.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) number: i64,
    /// `None` for what was there before versions were kept.
    pub(crate) made_at: Option<i64>,
    pub(crate) made_by: Option<String>,
    pub(crate) title: String,
    /// What changed since the version before, in words.
    pub(crate) changes: Vec<String>,
    /// The contents of its file.
    pub(crate) text: String,
}

/// Returns the versions of an article, the newest first. The newest is what it is now.
///
/// # Errors
/// If no article has the slug, or the database fails.
pub(crate) async fn of_article(node: &Node, slug: &str) -> Result<Vec<Version>, PublishError> {
    let mut conn = node.store.read().await?;
    let article = articles::find(&mut conn, slug).await?;
    let versions = conn.article_versions(article.id).await?;
    let versions = versions.into_iter().map(article_version).collect();
    Ok(with_changes(versions))
}

/// Returns the versions of a page, the newest first. The newest is what it is now.
///
/// # Errors
/// If the database fails.
pub(crate) async fn of_page(node: &Node, page: &StaticPage) -> Result<Vec<Version>, PublishError> {
    let versions = node.store.read().await?.page_versions(page.id).await?;
    let versions = versions.into_iter().map(page_version).collect();
    Ok(with_changes(versions))
}

/// Returns the version with a number.
///
/// # Errors
/// If there is none.
pub(crate) fn find(versions: &[Version], number: i64) -> Result<&Version, PublishError> {
    let found = versions.iter().find(|version| version.number == number);
    found.ok_or_else(|| {
        let (first, last) = (versions.last(), versions.first());
        let numbers = match (first, last) {
            (Some(first), Some(last)) => {
                format!("they have the numbers {} to {}", first.number, last.number)
            }
            _ => "there are none".to_owned(),
        };
        PublishError::mistake(format!("no version has the number {number}: {numbers}"))
    })
}

/// A version with the values that are compared.
type Compared = (Version, Vec<(&'static str, String)>, String);

fn article_version(version: ArticleVersion) -> Compared {
    let (number, made_at, made_by) = (version.number, version.made_at, version.made_by.clone());
    let article = version.into_article();
    let text = source::to_source(&article)
        .map_or_else(|_| article.markdown.clone(), |source| source.to_file_text());
    let values = vec![
        ("title", article.title.clone()),
        ("slug", article.slug.clone()),
        ("author", article.byline().unwrap_or_default().to_owned()),
        ("date", article.published_at.to_string()),
        ("date of update", shown(article.set_updated_at)),
        ("tags", article.tags.join("\n")),
        ("summary", shown(article.summary.as_ref())),
        ("language", shown(article.language.as_ref())),
        ("lead picture", shown(article.image_url.as_ref())),
        ("its description", shown(article.image_alt.as_ref())),
        ("federated form", shown(article.federate.as_ref())),
        (
            "federated summary",
            shown(article.federate_summary.as_ref()),
        ),
        ("place of pictures", shown(article.pictures.as_ref())),
        (
            "comments",
            format!(
                "{} {:?} {:?}",
                article.comments, article.comment_policy, article.comment_days
            ),
        ),
        ("pings", article.pings.clone()),
        ("quotes", shown(article.quotes.as_ref())),
        ("sensitive", article.sensitive.to_string()),
        ("content warning", shown(article.content_warning.as_ref())),
        (
            match article.status {
                ArticleStatus::Published => "published",
                ArticleStatus::Draft => "made a draft",
            },
            article.status.as_str().to_owned(),
        ),
    ];
    let version = Version {
        number,
        made_at,
        made_by,
        title: article.title,
        changes: Vec::new(),
        text,
    };
    (version, values, article.markdown)
}

fn page_version(version: PageVersion) -> Compared {
    let (number, made_at, made_by) = (version.number, version.made_at, version.made_by.clone());
    let page = version.into_page();
    let text = pages::to_source(&page)
        .map_or_else(|_| page.markdown.clone(), |source| source.to_file_text());
    let values = vec![
        ("title", page.title.clone()),
        ("slug", page.slug),
        ("summary", shown(page.summary)),
        ("language", shown(page.language)),
        ("menu", shown(page.menu)),
        ("position", page.position.to_string()),
        ("lead picture", shown(page.image_url)),
        ("its description", shown(page.image_alt)),
    ];
    let version = Version {
        number,
        made_at,
        made_by,
        title: page.title,
        changes: Vec::new(),
        text,
    };
    (version, values, page.markdown)
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Describes the changes of each version, and leaves out those that are equal to the one before.
fn with_changes(versions: Vec<Compared>) -> Vec<Version> {
    let mut kept = Vec::new();
    let mut later = versions.into_iter().peekable();
    while let Some((mut version, values, markdown)) = later.next() {
        version.changes = match later.peek() {
            Some((_, former, text)) => changes(former, &values, text, &markdown),
            None if version.number == 1 => vec!["created".to_owned()],
            None => vec!["(earlier versions are not kept)".to_owned()],
        };
        if !version.changes.is_empty() {
            kept.push(version);
        }
    }
    kept
}

fn changes(
    former: &[(&'static str, String)],
    values: &[(&'static str, String)],
    former_text: &str,
    text: &str,
) -> Vec<String> {
    let changed = values
        .iter()
        .zip(former)
        .filter(|(new, old)| new.1 != old.1);
    let mut changes: Vec<String> = changed.map(|(new, _)| new.0.to_owned()).collect();
    if text != former_text {
        let diff = TextDiff::from_lines(former_text, text);
        let count = |tag: ChangeTag| diff.iter_all_changes().filter(|c| c.tag() == tag).count();
        let (more, less) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
        changes.insert(0, format!("text (+{more} -{less} lines)"));
    }
    changes
}

/// Returns the differences between two versions as a unified diff; empty if there are none.
pub(crate) fn diff(old: &Version, new: &Version) -> String {
    let name = |version: &Version| format!("version {}", version.number);
    TextDiff::from_lines(&old.text, &new.text)
        .unified_diff()
        .header(&name(old), &name(new))
        .to_string()
}

/// The outcome of a return to a version.
pub(crate) struct Reverted {
    pub(crate) is_changed: bool,
    /// Warnings to the author.
    pub(crate) warnings: Vec<String>,
}

/// Gives an article the text and the properties of a version. Its slug, date and status stay.
///
/// # Errors
/// If there is no such article or version, or the database fails.
pub(crate) async fn revert_article(
    node: &Node,
    slug: &str,
    number: i64,
    announcement: Announcement,
) -> Result<(Article, Reverted), PublishError> {
    let mut tx = node.store.begin().await?;
    let article = articles::find(&mut tx, slug).await?;
    let versions = tx.article_versions(article.id).await?;
    let numbers: Vec<Version> = versions
        .iter()
        .cloned()
        .map(|v| article_version(v).0)
        .collect();
    find(&numbers, number)?;
    let version = versions
        .into_iter()
        .find(|version| version.number == number);
    let former = version.map_or_else(|| article.clone(), ArticleVersion::into_article);
    let author_id = match former.author_id {
        Some(id) => tx.existing_author(id).await?,
        None => None,
    };
    let fields = ArticleFields {
        slug: article.slug.clone(),
        author_id,
        published_at: article.published_at,
        updated_at: article.set_updated_at,
        ..ArticleFields::from(&former)
    };
    let is_changed = fields.clone().sorted() != ArticleFields::from(&article).sorted();
    let lead = fields.image_url.as_deref().unwrap_or_default();
    let warnings = missing_files(&mut tx, &[lead, &fields.markdown]).await?;
    if is_changed {
        let announced = Announced::begin(&mut tx, announcement).await?;
        let signature = Signature::begin(&mut tx, article.id).await?;
        tx.update_article(article.id, &fields).await?;
        announced.end(&mut tx).await?;
        signature.end(&mut tx, article.id).await?;
        tx.commit().await?;
        node.store.wake();
        articles::remove_unused_pictures(node, &article).await?;
    }
    let reverted = Reverted {
        is_changed,
        warnings,
    };
    Ok((article, reverted))
}

/// Gives a page the text and the properties of a version. Its slug stays.
///
/// # Errors
/// If there is no such version, or the database fails.
pub(crate) async fn revert_page(
    node: &Node,
    page: &StaticPage,
    number: i64,
) -> Result<Reverted, PublishError> {
    let mut tx = node.store.begin().await?;
    let versions = tx.page_versions(page.id).await?;
    let numbers: Vec<Version> = versions
        .iter()
        .cloned()
        .map(|v| page_version(v).0)
        .collect();
    find(&numbers, number)?;
    let version = versions
        .into_iter()
        .find(|version| version.number == number);
    let former = version.map_or_else(|| page.clone(), PageVersion::into_page);
    let fields = PageFields {
        slug: page.slug.clone(),
        ..PageFields::from(&former)
    };
    let is_changed = fields != PageFields::from(page);
    let lead = fields.image_url.as_deref().unwrap_or_default();
    let warnings = missing_files(&mut tx, &[lead, &fields.markdown]).await?;
    if is_changed {
        let last = tx.last_page_version(page.id).await?;
        tx.update_page(page.id, &fields).await?;
        sign_page(&mut tx, page.id, last).await?;
        tx.commit().await?;
        pages::remove_unused_pictures(node, page).await?;
    }
    Ok(Reverted {
        is_changed,
        warnings,
    })
}

/// Returns a warning for each file that texts name and that was removed since.
async fn missing_files(conn: &mut Conn, texts: &[&str]) -> Result<Vec<String>, PublishError> {
    let stems = texts.iter().flat_map(|text| media::stems_in_text(text));
    let mut warnings = Vec::new();
    for stem in stems {
        let names = media::names_with_stem(&stem);
        if conn.media_by_names(&names).await?.is_empty() {
            warnings.push(format!(
                "the file /media/{stem} was removed since: put it into the article again with `post edit`"
            ));
        }
    }
    warnings.dedup();
    Ok(warnings)
}
