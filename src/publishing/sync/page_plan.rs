//! The steps for static pages. They are not federated, so that nobody is told.

use super::{
    Request, SyncError,
    article_plan::Proposal,
    hashes,
    library::page_by_id,
    plan::{Action, ActionKind, Content, Job, Visibility},
    read::Parsed,
};
use crate::{
    content::{PageSource, Slug},
    node::Node,
    publishing::{Leniency, pages},
    store::{PageFields, StaticPage, SyncedFile, SyncedKind},
};

/// Returns the step that creates a page, or a mistake of its author.
pub(super) fn creation(node: &Node, path: String, content: Content) -> Result<Action, String> {
    let page = &content.parsed.source().article;
    let language = page.language.as_ref();
    let site = node.config.site.language.as_str();
    let language = language.map_or(site, |language| language.as_str());
    let slug = page.slug.clone();
    let slug = slug.or_else(|| Slug::from_title(&page.title, language));
    let slug = slug.map(|slug| slug.to_string()).unwrap_or_default();
    if PageSource::is_reserved(&slug) {
        return Err(format!(
            "{path}: the address /{slug} is reserved: choose another slug"
        ));
    }
    let file = SyncedFile {
        path,
        kind: SyncedKind::Page,
        ..SyncedFile::unknown()
    };
    Ok(Action {
        title: page.title.clone(),
        visibility: Visibility::Published,
        ..Action::of_file(
            ActionKind::Create,
            &file,
            slug,
            Job::Create(Box::new(content)),
        )
    })
}

/// Returns the step that replaces a page by a file.
///
/// # Errors
/// If a picture can't be taken in, or the database fails.
pub(super) async fn replacement(
    node: &Node,
    request: &Request,
    before: &SyncedFile,
    content: Content,
) -> Result<Proposal, SyncError> {
    let Parsed::Page(page) = &content.parsed else {
        return Err(SyncError::changed_meanwhile(&before.path));
    };
    let old = page_by_id(&mut node.store.read().await?, before.ref_id).await?;
    let old = old.ok_or_else(|| SyncError::changed_meanwhile(&before.path))?;
    let leniency = Leniency::new(request.is_lenient);
    let fields = pages::prepare(node, page.clone(), Some(&old), leniency)
        .await?
        .fields;
    let action = Action {
        former_slug: (old.slug != fields.slug).then(|| old.slug.clone()),
        title: fields.title.clone(),
        visibility: Visibility::Published,
        parts: parts(&old, &fields),
        ..Action::of_file(
            ActionKind::Change,
            before,
            fields.slug.clone(),
            Job::Nothing,
        )
    };
    Ok(Proposal {
        hash: hashes::of_page_fields(&fields),
        action: Action {
            job: Job::ReplacePage(Box::new((old, content))),
            ..action
        },
    })
}

/// Returns the names of the parts that differ.
fn parts(old: &StaticPage, new: &PageFields) -> Vec<&'static str> {
    let parts = [
        ("title", old.title != new.title),
        ("text", old.markdown != new.markdown),
        ("slug", old.slug != new.slug),
        ("summary", old.summary != new.summary),
        ("language", old.language != new.language),
        (
            "picture",
            old.image_url != new.image_url || old.image_alt != new.image_alt,
        ),
        ("menu", old.menu != new.menu || old.position != new.position),
    ];
    let changed = parts.into_iter().filter(|(_, differs)| *differs);
    changed.map(|(part, _)| part).collect()
}

/// Returns the step that deletes a page; `None` if it is gone already.
///
/// # Errors
/// If the database fails.
pub(super) async fn deletion(
    node: &Node,
    before: &SyncedFile,
    slug: String,
) -> Result<Option<Action>, SyncError> {
    let page = page_by_id(&mut node.store.read().await?, before.ref_id).await?;
    Ok(page.map(|page| Action {
        title: page.title.clone(),
        ..Action::of_file(
            ActionKind::Delete,
            before,
            slug,
            Job::DeletePage(Box::new(page)),
        )
    }))
}
