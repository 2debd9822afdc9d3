//! The questions of `pamphlet sync`, before anything is changed.

use super::Sync;
use crate::{
    cli::common::output::counted,
    publishing::sync::{ActionKind, Plan, Told},
    store::SyncedKind,
};
use anyhow::Result;

/// Asks all that only the admin can decide. Leaves out of the plan what they do not want.
///
/// # Errors
/// If they decline, or if nobody can be asked.
pub(super) fn ask(sync: &Sync, plan: &mut Plan) -> Result<()> {
    let decision = sync.telling.decide(&plan.announced_dates())?;
    plan.decide(|date| decision.of(date));
    let mut deeds = Vec::new();
    if plan.endings() > sync.max_delete || plan.deletes_most() {
        deeds.extend(endings(plan));
    }
    let told = plan.told(Told::Create) + plan.told(Told::Update);
    if told > sync.max_tell && plan.followers > 0 {
        deeds.push(format!(
            "tell {} about {}",
            counted(usize::try_from(plan.followers)?, "follower"),
            counted(told, "article")
        ));
    }
    if deeds.is_empty() {
        return Ok(());
    }
    let question = deeds.join(", and ");
    let mut letters = question.chars();
    let first = letters.next().unwrap_or_default().to_uppercase();
    sync.yes.confirm(&format!("{first}{}?", letters.as_str()))
}

/// Describes what would end.
fn endings(plan: &Plan) -> Vec<String> {
    let deleted = |kind: SyncedKind| {
        let of_kind = plan
            .actions
            .iter()
            .filter(|action| action.kind == ActionKind::Delete && action.what == kind);
        of_kind.count()
    };
    let (articles, pages) = (deleted(SyncedKind::Article), deleted(SyncedKind::Page));
    let comments: i64 = plan.actions.iter().map(|action| action.comments).sum();
    let mut deeds = Vec::new();
    if articles > 0 {
        let mut deed = format!("delete {}", counted(articles, "article"));
        if comments > 0 {
            let comments = counted(usize::try_from(comments).unwrap_or_default(), "comment");
            deed.push_str(&format!(" with {comments}"));
        }
        deeds.push(deed);
    }
    if pages > 0 {
        deeds.push(format!("delete {}", counted(pages, "page")));
    }
    if plan.deletes_most()
        && let Some(last) = deeds.last_mut()
    {
        last.push_str(&format!(
            " (more than half of the {} of the last sync)",
            counted(plan.known, "file")
        ));
    }
    let unpublished = plan.count(ActionKind::Unpublish);
    if unpublished > 0 {
        deeds.push(format!("unpublish {}", counted(unpublished, "article")));
    }
    deeds
}
