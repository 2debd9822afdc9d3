//! Takes over followers from a list (CSV), where the other software gives out nothing else: Mastodon's form with handles,
//! or with ids and inboxes, as `pamphlet export followers` writes it.

use super::{add_follower, store_follower};
use crate::{
    adoption::{
        Step,
        actors::AdoptedActors,
        error::AdoptionError,
        export::{Export, ExportedFollower},
        report::Adoption,
    },
    federation::remote::{signed_client::federation_config, webfinger},
    node::{Context, Node, remote_actor::RemoteActor},
    store::{self, Tx},
};
use std::path::Path;

/// A follower of a list.
pub(in crate::adoption) struct Listed {
    /// The id or handle in the list.
    name: String,
    found: Found,
}

enum Found {
    /// The list has its id and inbox.
    Known(ExportedFollower),
    /// Its server was asked.
    Fetched(Box<RemoteActor>),
    /// The reason why there is none.
    Missing(String),
}

/// The columns of a list.
#[derive(Debug, Default)]
struct Columns {
    handle: Option<usize>,
    id: Option<usize>,
    inbox: Option<usize>,
    shared_inbox: Option<usize>,
}

/// Reads a list. Followers of whom it has only the handle are looked up on their servers.
pub(in crate::adoption) async fn look_up(
    node: &Node,
    path: &Path,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<Vec<Listed>, AdoptionError> {
    let unreadable =
        |error: csv::Error| AdoptionError::FollowerList(path.to_owned(), error.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_path(path)
        .map_err(unreadable)?;
    let ctx = federation_config(node).await?.to_request_data();
    let mut columns = None;
    let mut listed = Vec::new();
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        let columns = match &columns {
            Some(columns) => columns,
            None => {
                let (found, has_head) = Columns::of(&row);
                let found = columns.insert(found);
                if has_head {
                    continue;
                }
                found
            }
        };
        listed.extend(columns.follower(&row, &ctx).await);
        progress(Step::Followers(listed.len() as u64));
    }
    Ok(listed)
}

/// Stores the followers of a list as the publication's, or as those of the only adopted actor.
pub(in crate::adoption) async fn adopt_listed(
    node: &Node,
    tx: &mut Tx,
    listed: Vec<Listed>,
    export: &Export,
    adopted: &AdoptedActors,
    adoption: &mut Adoption,
) -> Result<(), AdoptionError> {
    let site = adopted.values().find(|actor| actor.author_id.is_none());
    let first = export
        .actors
        .first()
        .and_then(|actor| adopted.get(&actor.key));
    let Some(actor) = site.or(first) else {
        return Err(AdoptionError::NoActor);
    };
    for Listed { name, found } in listed {
        let stored = match found {
            Found::Known(follower) => store_follower(node, tx, actor, &follower).await?,
            Found::Fetched(found) => {
                found.store_in(tx).await?;
                add_follower(node, tx, actor, &found.row, store::now()).await?
            }
            Found::Missing(reason) => Err(reason),
        };
        match stored {
            Ok(true) => adoption.followers += 1,
            Ok(false) => adoption.known_followers += 1,
            Err(reason) => adoption.skip(&reason, &name),
        }
    }
    Ok(())
}

impl Columns {
    /// Reads the columns from the first row. Without names, the first column has the handles.
    fn of(row: &csv::StringRecord) -> (Self, bool) {
        let mut columns = Columns::default();
        for (index, name) in row.iter().enumerate() {
            let name: String = name
                .chars()
                .filter(|c| c.is_ascii_alphanumeric())
                .map(|c| c.to_ascii_lowercase())
                .collect();
            match name.as_str() {
                "accountaddress" | "account" | "handle" | "address" => columns.handle = Some(index),
                "id" | "actorid" | "actor" | "uri" => columns.id = Some(index),
                "inbox" => columns.inbox = Some(index),
                "sharedinbox" => columns.shared_inbox = Some(index),
                _ => {}
            }
        }
        let has_head = columns.handle.is_some() || columns.id.is_some();
        if !has_head {
            columns.handle = Some(0);
        }
        (columns, has_head)
    }

    /// Reads a row; `None` if it names nobody.
    async fn follower(&self, row: &csv::StringRecord, ctx: &Context) -> Option<Listed> {
        let cell = |column: Option<usize>| {
            let cell = column.and_then(|column| row.get(column)).map(str::trim);
            cell.filter(|cell| !cell.is_empty()).map(str::to_owned)
        };
        let (handle, id) = (cell(self.handle), cell(self.id));
        if let (Some(id), Some(inbox)) = (&id, cell(self.inbox)) {
            let user = handle.as_deref().unwrap_or_default();
            let user = user.trim_start_matches('@').split('@').next();
            let follower = ExportedFollower {
                id: id.clone(),
                inbox: Some(inbox),
                shared_inbox: cell(self.shared_inbox),
                username: user.filter(|user| !user.is_empty()).map(str::to_owned),
                ..ExportedFollower::default()
            };
            return Some(Listed {
                name: id.clone(),
                found: Found::Known(follower),
            });
        }
        let name = id.or(handle)?;
        let found = match webfinger::actor(&name, ctx).await {
            Ok(actor) => Found::Fetched(Box::new(actor)),
            Err(error) => Found::Missing(format!("followers that were not found: {error}")),
        };
        Some(Listed { name, found })
    }
}
