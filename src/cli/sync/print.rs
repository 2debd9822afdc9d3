//! Prints plans and outcomes of `pamphlet sync`.

use crate::{
    cli::common::output::{self, counted},
    publishing::sync::{Action, ActionKind, Outcome, Plan, Request, Told, Visibility},
    store::SyncedKind,
};
use anyhow::Result;
use serde_json::{Value, json};

/// The number of steps of each kind that are shown to people.
const SHOWN: usize = 30;

/// The words for each kind of step: for a plan, and for an outcome.
const KINDS: [(ActionKind, &str, &str); 8] = [
    (ActionKind::Create, "to create", "created"),
    (ActionKind::Change, "to change", "changed"),
    (ActionKind::Unpublish, "to unpublish", "unpublished"),
    (ActionKind::Move, "moved", "moved"),
    (ActionKind::Adopt, "to adopt", "adopted"),
    (ActionKind::Delete, "to delete", "deleted"),
    (ActionKind::Forget, "to forget", "forgotten"),
    (ActionKind::Conflict, "in conflict", "in conflict"),
];

/// Prints what is to be done.
pub(super) fn plan(plan: &Plan, is_dry_run: bool) -> Result<()> {
    let mut rows = Vec::new();
    let mut left_out = 0;
    for (kind, ..) in KINDS {
        let of_kind: Vec<&Action> = plan.actions.iter().filter(|a| a.kind == kind).collect();
        let shown = of_kind.iter().take(SHOWN);
        rows.extend(shown.map(|action| row(action, plan.followers)));
        left_out += of_kind.len().saturating_sub(SHOWN);
    }
    if !rows.is_empty() {
        output::table(&["ACTION", "FILE", "TITLE", "EFFECT"], &rows, "")?;
    }
    if left_out > 0 {
        output::line(&format!(
            "... and {left_out} more; --dry-run --json lists all"
        ))?;
    }
    if is_dry_run && !rows.is_empty() {
        output::line("")?;
    }
    Ok(())
}

fn row(action: &Action, followers: i64) -> Vec<String> {
    vec![
        action.kind.as_str().to_owned(),
        output::one_line(&action.path, 60),
        output::one_line(&action.title, 40),
        effect(action, followers),
    ]
}

/// Describes what a step does.
fn effect(action: &Action, followers: i64) -> String {
    let has_no_followers = followers == 0;
    let followers = || counted(usize::try_from(followers).unwrap_or_default(), "follower");
    let told = match action.told {
        _ if has_no_followers => None,
        Told::Nothing => None,
        Told::Create => Some(format!("sent to {}", followers())),
        Told::Update => Some(format!("update sent to {}", followers())),
        Told::Delete => Some(format!("deletion sent to {}", followers())),
    };
    let mut parts = Vec::new();
    match action.kind {
        ActionKind::Create | ActionKind::Adopt => parts.push(visibility(action)),
        ActionKind::Change => {
            parts.push(action.parts.join(", "));
            if action.parts.contains(&"status") {
                parts.push(visibility(action));
            }
        }
        ActionKind::Unpublish => parts.push("becomes a draft".to_owned()),
        ActionKind::Delete => {
            if action.comments > 0 {
                let comments = usize::try_from(action.comments).unwrap_or_default();
                parts.push(format!("with {}", counted(comments, "comment")));
            }
        }
        ActionKind::Forget if action.slug.is_empty() => {
            parts.push("it was deleted here".to_owned())
        }
        ActionKind::Forget => parts.push(format!("{} stays", action.slug)),
        ActionKind::Move => {}
        ActionKind::Conflict => {
            let conflict = action.conflict.as_ref();
            parts.extend(conflict.map(|conflict| conflict.describe(&action.slug)));
        }
    }
    if let Some(former) = &action.former_slug {
        parts.push(format!("{former} -> {}", action.slug));
    }
    if let Some(from) = &action.from {
        parts.push(format!("was {from}"));
    }
    parts.extend(told);
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

fn visibility(action: &Action) -> String {
    match (action.what, action.visibility) {
        (SyncedKind::Page, _) => "page".to_owned(),
        (_, Visibility::Published)
            if action.told == Told::Nothing && action.kind == ActionKind::Create =>
        {
            "published, nobody is told".to_owned()
        }
        (_, Visibility::Published) => "published".to_owned(),
        (_, Visibility::Draft) => "draft".to_owned(),
        (_, Visibility::Deleted) => "deleted".to_owned(),
        (_, Visibility::Scheduled) => {
            let at = action.published_at.map(output::time).unwrap_or_default();
            format!("scheduled for {at}")
        }
    }
}

/// Prints what was done.
pub(super) fn outcome(plan: &Plan, outcome: &Outcome, is_dry_run: bool) -> Result<()> {
    let counts = KINDS.iter().filter_map(|(kind, planned, done)| {
        let count = plan.count(*kind);
        let words = if is_dry_run { planned } else { done };
        (count > 0).then(|| format!("{count} {words}"))
    });
    let mut counts: Vec<String> = counts.collect();
    let files = counted(plan.unchanged, "file");
    if counts.is_empty() {
        counts.push(match is_dry_run {
            true => format!("Nothing would change: {files} in sync"),
            false => format!("Nothing changed: {files} in sync"),
        });
    } else {
        counts.push(format!("{} unchanged", plan.unchanged));
        if !outcome.failed.is_empty() {
            counts.push(format!("{} failed", outcome.failed.len()));
        }
    }
    let skipped: Vec<String> = plan
        .skipped_by_reason()
        .into_iter()
        .map(|(reason, count)| format!("{count} {}", reason.describe()))
        .collect();
    let mut line = counts.join(", ");
    if !skipped.is_empty() {
        line.push_str(&format!(
            "; {} skipped ({})",
            plan.skipped.len(),
            skipped.join(", ")
        ));
    }
    output::line(&format!("{line}."))
}

/// Prints plan and outcome for scripts.
pub(super) fn json(
    request: &Request,
    plan: &Plan,
    outcome: &Outcome,
    is_dry_run: bool,
) -> Result<()> {
    output::json(&json!({
        "source": plan.source,
        "folder": request.root.display().to_string(),
        "dry_run": is_dry_run,
        "followers": plan.followers,
        "actions": plan.actions.iter().map(action_json).collect::<Vec<_>>(),
        "unchanged": plan.unchanged,
        "skipped": plan.skipped,
        "broken": plan.broken,
        "failed": outcome.failed,
        "warnings": outcome.warnings,
        "done": outcome.done,
    }))
}

fn action_json(action: &Action) -> Value {
    json!({
        "action": action.kind,
        "kind": action.what,
        "path": action.path,
        "from": action.from,
        "slug": action.slug,
        "former_slug": action.former_slug,
        "title": action.title,
        "visibility": action.visibility,
        "published": action.published_at.map(output::timestamp),
        "told": action.told,
        "old": action.is_old,
        "parts": action.parts,
        "comments": action.comments,
        "conflict": action.conflict.as_ref().map(|conflict| conflict.describe(&action.slug)),
    })
}
