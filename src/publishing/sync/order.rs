//! The order of the steps of a plan.

use super::plan::{Action, ActionKind, order_of_renames};
use crate::store::SyncedKind;

/// Sorts steps so that each slug is free when it is taken: ends first, then changes, then new files by their dates.
///
/// # Errors
/// A sentence about files that exchange their slugs, which no order allows.
pub(super) fn sort(actions: &mut Vec<Action>) -> Result<(), String> {
    let mut all = std::mem::take(actions);
    all.sort_by(|one, other| {
        let key = |action: &Action| (rank(action.kind), action.published_at.unwrap_or_default());
        key(one).cmp(&key(other)).then(one.path.cmp(&other.path))
    });
    let (changes, others): (Vec<Action>, Vec<Action>) =
        all.into_iter().partition(|action| rank(action.kind) == 1);
    let names: Vec<(String, String)> = changes
        .iter()
        .map(|action| {
            let former = action.former_slug.as_ref().unwrap_or(&action.slug);
            (name(action.what, former), name(action.what, &action.slug))
        })
        .collect();
    let pairs: Vec<(&str, &str)> = names
        .iter()
        .map(|(former, new)| (former.as_str(), new.as_str()))
        .collect();
    let order = order_of_renames(&pairs).map_err(|blocked| {
        let paths: Vec<&str> = blocked.iter().map(|number| changes[*number].path.as_str()).collect();
        format!(
            "{} exchange their slugs: give one of them another slug, sync, and then give it the slug that it should have",
            paths.join(" and ")
        )
    })?;
    let mut changes: Vec<Option<Action>> = changes.into_iter().map(Some).collect();
    let mut ordered: Vec<Action> = order
        .into_iter()
        .filter_map(|number| changes[number].take())
        .collect();
    let (first, last): (Vec<Action>, Vec<Action>) = others
        .into_iter()
        .partition(|action| rank(action.kind) == 0);
    actions.extend(first);
    actions.append(&mut ordered);
    actions.extend(last);
    Ok(())
}

fn name(kind: SyncedKind, slug: &str) -> String {
    format!("{kind}/{slug}")
}

fn rank(kind: ActionKind) -> u8 {
    match kind {
        ActionKind::Delete | ActionKind::Forget => 0,
        ActionKind::Change | ActionKind::Unpublish => 1,
        ActionKind::Move | ActionKind::Adopt => 2,
        ActionKind::Create => 3,
        ActionKind::Conflict => 4,
    }
}
