//! The handles of adopted actors: each keeps the one that others know, and no two here are the same.

use super::{error::AdoptionError, export::ExportedActor};
use crate::{
    content::{Handle, Host},
    node::Node,
    store::{ActorKind, Conn, LocalActorRow},
};

/// An exported actor with the one that it becomes here.
pub(super) struct Planned<'a> {
    /// Its id.
    pub(super) id: &'a str,
    pub(super) local_id: i64,
    /// The name in its handle from now on.
    pub(super) name: &'a str,
}

/// Returns the handle that an actor keeps; `None` if it can't be written here.
pub(super) fn fitting<'a>(node: &Node, actor: &'a ExportedActor) -> Option<&'a str> {
    let host = Host::parse(&node.config.domain).ok()?;
    Handle::new(&actor.handle, host).ok()?;
    Some(&actor.handle)
}

/// Checks that no two actors of an export have the same handle, which does not depend on its case.
pub(super) fn check_export(node: &Node, actors: &[ExportedActor]) -> Result<(), AdoptionError> {
    for (index, one) in actors.iter().enumerate() {
        let mut others = actors[..index].iter();
        if let Some(other) = others.find(|other| other.handle.eq_ignore_ascii_case(&one.handle)) {
            return Err(same_handle(node, &one.handle, &one.id, &other.id));
        }
    }
    Ok(())
}

/// Checks that no actor here has a handle or an id that an exported actor gets.
pub(super) async fn check(
    node: &Node,
    conn: &mut Conn,
    planned: &[Planned<'_>],
) -> Result<(), AdoptionError> {
    let rows = conn.all_local_actors().await?;
    for (index, one) in planned.iter().enumerate() {
        let mut others = planned[..index].iter();
        if let Some(other) = others.find(|other| other.name.eq_ignore_ascii_case(one.name)) {
            return Err(same_handle(node, one.name, one.id, other.id));
        }
        for row in rows.iter().filter(|row| row.id != one.local_id) {
            if row.addresses.uri.as_deref() == Some(one.id) {
                let here = node.handle(row);
                return Err(AdoptionError::AdoptedBefore(one.id.to_owned(), here));
            }
            let changes = planned.iter().any(|other| other.local_id == row.id);
            if !changes && has_name(row, one.name) {
                let here = node.urls().actor_id(row);
                return Err(same_handle(node, one.name, one.id, &here));
            }
        }
    }
    Ok(())
}

/// Returns whether an actor here, which may be a deleted one, has a name in its handle.
fn has_name(row: &LocalActorRow, name: &str) -> bool {
    match &row.addresses.handle {
        Some(handle) => handle.eq_ignore_ascii_case(name),
        None => {
            row.kind != ActorKind::Instance
                && !row.is_gone()
                && row.former_handle.is_none()
                && row.username.eq_ignore_ascii_case(name)
        }
    }
}

fn same_handle(node: &Node, name: &str, first: &str, second: &str) -> AdoptionError {
    AdoptionError::SameHandle {
        handle: format!("@{name}@{}", node.config.domain),
        first: first.to_owned(),
        second: second.to_owned(),
    }
}
