//! The steps for articles.

use super::{
    Request, SyncError, hashes,
    plan::{Action, ActionKind, Content, Job, Told, Visibility},
    read::Parsed,
};
use crate::{
    config::Config,
    content::{Announcement, ArticleSource, FederatedForm},
    federation::objects::{articles as forms, content_hash},
    node::Node,
    publishing::{Leniency, Source, articles, is_old},
    store::{Article, ArticleFields, ArticleStatus, Publication, SyncedFile, SyncedKind, now},
};

/// A step that stores a file, and the hash of what is stored then.
pub(super) struct Proposal {
    pub(super) action: Action,
    pub(super) hash: String,
}

/// What a file says about an article, apart from its fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) status: ArticleStatus,
    pub(super) has_date: bool,
    has_comments: bool,
    has_comment_days: bool,
}

impl Given {
    pub(super) fn of(source: &Source) -> Given {
        let article = &source.article;
        Given {
            status: match source.is_draft {
                true => ArticleStatus::Draft,
                false => ArticleStatus::Published,
            },
            has_date: article.date.is_some(),
            has_comments: article.comments.is_some(),
            has_comment_days: article.comment_days.is_some(),
        }
    }

    /// Completes the fields of an article that a file replaces: comment terms that the file leaves open stay as the admin
    /// set them, and a draft without a date is published now.
    pub(super) fn complete(self, fields: &mut ArticleFields, old: &Article) {
        if !self.has_comments {
            fields.comments.clone_from(&old.comments);
            fields.comment_policy.clone_from(&old.comment_policy);
        }
        if !self.has_comment_days {
            fields.comment_days = old.comment_days;
        }
        let is_published_now =
            old.status == ArticleStatus::Draft && self.status == ArticleStatus::Published;
        if is_published_now && !self.has_date {
            fields.published_at = now();
        }
    }
}

/// Returns the step that creates an article.
pub(super) fn creation(node: &Node, request: &Request, path: String, content: Content) -> Action {
    let Parsed::Article(source) = &content.parsed else {
        return Action::of_file(
            ActionKind::Conflict,
            &SyncedFile::unknown(),
            path,
            Job::Nothing,
        );
    };
    let article = &source.article;
    let published_at = article
        .date
        .map_or_else(now, |date| date.timestamp_millis());
    let visibility = visibility(Given::of(source).status, published_at);
    let is_told = visibility == Visibility::Published
        && form_of(article, &node.config) != FederatedForm::No
        && !request.is_silent;
    let file = SyncedFile {
        path,
        kind: SyncedKind::Article,
        ..SyncedFile::unknown()
    };
    Action {
        title: article.title.clone(),
        visibility,
        published_at: Some(published_at),
        told: if is_told { Told::Create } else { Told::Nothing },
        announcement: announcement(request.is_silent),
        is_old: visibility == Visibility::Published && is_old(published_at),
        ..Action::of_file(
            ActionKind::Create,
            &file,
            slug_of(article, &node.config),
            Job::Create(Box::new(content)),
        )
    }
}

fn slug_of(article: &ArticleSource, config: &Config) -> String {
    let language = article.language.as_ref();
    let language = language.map_or(config.site.language.as_str(), |language| language.as_str());
    let slug = article.slug.clone();
    let slug = slug.or_else(|| crate::content::Slug::from_title(&article.title, language));
    slug.map(|slug| slug.to_string()).unwrap_or_default()
}

fn announcement(is_silent: bool) -> Announcement {
    match is_silent {
        true => Announcement::Silent,
        false => Announcement::Tell,
    }
}

/// Returns the form in which a file's article is federated.
fn form_of(article: &ArticleSource, config: &Config) -> FederatedForm {
    match article.federate.unwrap_or(config.site.federate) {
        FederatedForm::Article
            if article.federate.is_none() && article.content_warning.is_some() =>
        {
            FederatedForm::Note
        }
        form => form,
    }
}

fn visibility(status: ArticleStatus, published_at: i64) -> Visibility {
    match status {
        ArticleStatus::Draft => Visibility::Draft,
        ArticleStatus::Published if published_at > now() => Visibility::Scheduled,
        ArticleStatus::Published => Visibility::Published,
    }
}

/// Returns the step that replaces an article by a file.
///
/// # Errors
/// If a picture can't be taken in, or the database fails.
pub(super) async fn replacement(
    node: &Node,
    request: &Request,
    before: &SyncedFile,
    content: Content,
) -> Result<Proposal, SyncError> {
    let Parsed::Article(source) = &content.parsed else {
        return Err(SyncError::changed_meanwhile(&before.path));
    };
    let given = Given::of(source);
    let mut conn = node.store.read().await?;
    let old = conn.article_by_id(before.ref_id).await?;
    let old = old.ok_or_else(|| SyncError::changed_meanwhile(&before.path))?;
    let publication = conn.publication(&old.uid).await?;
    drop(conn);
    let leniency = Leniency::new(request.is_lenient);
    let prepared = articles::prepare(node, source.clone(), Some(&old), leniency).await?;
    let mut fields = prepared.fields;
    given.complete(&mut fields, &old);
    let hash = hashes::of_fields(&fields, given.status);
    let new = with_fields(&old, &fields, given.status);
    let visibility = visibility(new.status, new.published_at);
    let told = told(node, (&old, &new), publication.as_ref());
    let silences = match told {
        Told::Create => request.is_silent,
        _ => request.is_quiet || (visibility == Visibility::Scheduled && request.is_silent),
    };
    let kind = match (old.status, new.status) {
        (ArticleStatus::Published, ArticleStatus::Draft) => ActionKind::Unpublish,
        _ => ActionKind::Change,
    };
    let action = Action {
        former_slug: (old.slug != fields.slug).then(|| old.slug.clone()),
        title: fields.title.clone(),
        visibility,
        published_at: Some(fields.published_at),
        told: match told {
            Told::Create | Told::Update if silences => Told::Nothing,
            told => told,
        },
        announcement: announcement(silences),
        is_old: told == Told::Create && is_old(fields.published_at),
        parts: parts(&old, &new),
        ..Action::of_file(kind, before, fields.slug.clone(), Job::Nothing)
    };
    Ok(Proposal {
        action: Action {
            job: Job::ReplaceArticle(Box::new((old, content))),
            ..action
        },
        hash,
    })
}

/// Returns the article as it is with new values.
fn with_fields(old: &Article, fields: &ArticleFields, status: ArticleStatus) -> Article {
    let fields = fields.clone();
    Article {
        slug: fields.slug,
        title: fields.title,
        markdown: fields.markdown,
        author_id: fields.author_id,
        byline: fields.byline,
        summary: fields.summary,
        language: fields.language,
        image_url: fields.image_url,
        image_alt: fields.image_alt,
        federate: fields.federate,
        federate_summary: fields.federate_summary,
        pictures: fields.pictures,
        comments: fields.comments,
        comment_policy: fields.comment_policy,
        comment_days: fields.comment_days,
        pings: fields.pings,
        quotes: fields.quotes,
        sensitive: fields.sensitive,
        content_warning: fields.content_warning,
        published_at: fields.published_at,
        tags: fields.tags,
        status,
        ..old.clone()
    }
}

/// Returns the activity that the outbox makes of a change. An article that it has yet to publish is not new again.
fn told(node: &Node, (old, new): (&Article, &Article), publication: Option<&Publication>) -> Told {
    let config = &node.config;
    let is_pending = old.is_visible() && publication.is_none();
    let sent = publication.filter(|publication| publication.is_live() && publication.form != "no");
    let is_federated = forms::form_of(new, config) != FederatedForm::No && new.is_visible();
    match (sent, is_federated) {
        (Some(_), false) => Told::Delete,
        (None, false) => Told::Nothing,
        (None, true) if is_pending => Told::Update,
        (None, true) => Told::Create,
        (Some(sent), true) => {
            let form = forms::form_to_send(new, Some(sent), config);
            match content_hash::of_article(new, form, config) == sent.hash {
                true => Told::Nothing,
                false => Told::Update,
            }
        }
    }
}

/// Returns the names of the parts that differ.
fn parts(old: &Article, new: &Article) -> Vec<&'static str> {
    let sorted = |tags: &[String]| {
        let mut tags = tags.to_vec();
        tags.sort();
        tags
    };
    let picture = |article: &Article| (article.image_url.clone(), article.image_alt.clone());
    let settings = |article: &Article| {
        (
            [
                article.federate.clone(),
                article.federate_summary.clone(),
                article.pictures.clone(),
                article.comment_policy.clone(),
                article.quotes.clone(),
                article.content_warning.clone(),
            ],
            (article.comments.clone(), article.pings.clone()),
            (article.comment_days, article.sensitive),
        )
    };
    let parts = [
        ("title", old.title != new.title),
        ("text", old.markdown != new.markdown),
        ("slug", old.slug != new.slug),
        ("date", old.published_at != new.published_at),
        ("tags", sorted(&old.tags) != sorted(&new.tags)),
        ("summary", old.summary != new.summary),
        ("author", old.byline != new.byline),
        ("language", old.language != new.language),
        ("picture", picture(old) != picture(new)),
        ("status", old.status != new.status),
        ("settings", settings(old) != settings(new)),
    ];
    let changed = parts.into_iter().filter(|(_, differs)| *differs);
    changed.map(|(part, _)| part).collect()
}

/// Returns the step that deletes an article; `None` if it is gone already.
///
/// # Errors
/// If the database fails.
pub(super) async fn deletion(
    node: &Node,
    before: &SyncedFile,
    slug: String,
) -> Result<Option<Action>, SyncError> {
    let mut conn = node.store.read().await?;
    let Some(article) = conn.article_by_id(before.ref_id).await? else {
        return Ok(None);
    };
    let publication = conn.publication(&article.uid).await?;
    let is_sent = publication.is_some_and(|sent| sent.is_live() && sent.form != "no");
    let comments = conn.count_comments(article.id).await?;
    Ok(Some(Action {
        title: article.title.clone(),
        told: if is_sent { Told::Delete } else { Told::Nothing },
        comments,
        ..Action::of_file(
            ActionKind::Delete,
            before,
            slug,
            Job::DeleteArticle(Box::new(article)),
        )
    }))
}
