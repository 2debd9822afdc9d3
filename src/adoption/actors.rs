//! Takes over actors: ids, handles, addresses and keys.

use super::{
    Options,
    error::AdoptionError,
    export::{Export, ExportedActor, ExportedKind},
    handles::{self, Planned},
    keys::NewKey,
    report::{AdoptedActor, Adoption},
    usernames,
};
use crate::{
    node::{
        Node, local_actors,
        urls::{host_of, same_origin},
    },
    store::{ActorAddresses, ActorKind, AuthorFields, Tx},
};
use std::collections::{HashMap, HashSet};
use url::Url;

/// An actor here that took over an exported one.
#[derive(Debug, Clone)]
pub(super) struct Adopted {
    pub(super) local_id: i64,
    /// The author whose actor it is; `None` for the publication's.
    pub(super) author_id: Option<i64>,
}

/// The adopted actors, by their keys in the export.
pub(super) type AdoptedActors = HashMap<String, Adopted>;

/// The exported actors, each with its key from now on.
pub(super) struct CheckedActors<'a> {
    actors: Vec<(&'a ExportedActor, NewKey)>,
    /// The one that becomes the publication's.
    site: Option<&'a ExportedActor>,
}

/// Checks that an export belongs to this publication and that its keys can be used.
pub(super) async fn check<'a>(
    node: &Node,
    export: &'a Export,
    options: &Options,
    adoption: &mut Adoption,
) -> Result<CheckedActors<'a>, AdoptionError> {
    check_site(node, export)?;
    let site = site_actor(export, options)?;
    handles::check_export(node, &export.actors)?;
    if export.is_readable_by_others {
        adoption.warn(
            "the export has private keys, and other users of this machine can read it: delete it after the import, and \
             run umask 077 before you make another"
                .to_owned(),
        );
    }
    let mut actors = Vec::new();
    for actor in &export.actors {
        actors.push((actor, NewKey::of(actor).await?));
    }
    Ok(CheckedActors { actors, site })
}

/// Takes over the actors of an export.
pub(super) async fn adopt(
    node: &Node,
    tx: &mut Tx,
    checked: CheckedActors<'_>,
    adoption: &mut Adoption,
) -> Result<AdoptedActors, AdoptionError> {
    let mut adopted = AdoptedActors::new();
    let locals = find_locals(node, tx, &checked).await?;
    for ((actor, key), local) in checked.actors.iter().zip(locals) {
        let report = take_over(node, tx, actor, &local, key, adoption).await?;
        adoption.actors.push(report);
        adopted.insert(
            actor.key.clone(),
            Adopted {
                local_id: local.id,
                author_id: local.author_id,
            },
        );
    }
    Ok(adopted)
}

/// Returns the actors here that the exported ones become, in their order. Creates those that are new.
async fn find_locals(
    node: &Node,
    tx: &mut Tx,
    checked: &CheckedActors<'_>,
) -> Result<Vec<Local>, AdoptionError> {
    let rows = tx.local_actors().await?;
    let not_authors = rows.iter().filter(|row| row.kind != ActorKind::Author);
    let mut used: HashSet<i64> = not_authors.map(|row| row.id).collect();
    let mut locals = Vec::new();
    for (actor, _) in &checked.actors {
        let is_site = checked.site.is_some_and(|site| std::ptr::eq(site, *actor));
        let local = if is_site {
            Local::site(node)
        } else {
            author(node, tx, actor, &used).await?
        };
        used.insert(local.id);
        locals.push(local);
    }
    let planned: Vec<Planned<'_>> = checked
        .actors
        .iter()
        .zip(&locals)
        .map(|((actor, _), local)| Planned {
            id: &actor.id,
            local_id: local.id,
            name: handles::fitting(node, actor).unwrap_or(&local.username),
        })
        .collect();
    handles::check(node, tx, &planned).await?;
    Ok(locals)
}

/// Checks that the export is of a site at our address.
fn check_site(node: &Node, export: &Export) -> Result<(), AdoptionError> {
    let (ours, theirs) = (&node.config.public_url, &export.site);
    let host = host_of(theirs).unwrap_or_default();
    let bare = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    if !same_origin(ours, theirs) {
        return Err(AdoptionError::OtherHost {
            ours: ours.origin().ascii_serialization(),
            theirs: theirs.origin().ascii_serialization(),
            domain: host,
        });
    }
    let domain = &node.config.domain;
    if *domain != host && *domain != bare {
        return Err(AdoptionError::OtherDomain {
            ours: domain.clone(),
            theirs: host,
        });
    }
    Ok(())
}

/// Returns the exported actor that becomes the publication's.
fn site_actor<'a>(
    export: &'a Export,
    options: &Options,
) -> Result<Option<&'a ExportedActor>, AdoptionError> {
    let actors = &export.actors;
    let handles = |actors: &mut dyn Iterator<Item = &ExportedActor>| {
        let handles: Vec<&str> = actors.map(|actor| actor.handle.as_str()).collect();
        handles.join(", ")
    };
    if let Some(wanted) = &options.site_actor {
        let name = wanted.trim_start_matches('@');
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        let found = actors.iter().find(|actor| {
            actor.handle.eq_ignore_ascii_case(name) || actor.key == *wanted || actor.id == *wanted
        });
        return found.map(Some).ok_or_else(|| {
            AdoptionError::NoSuchActor(wanted.clone(), handles(&mut actors.iter()))
        });
    }
    let is_blog = |actor: &&ExportedActor| actor.kind == ExportedKind::Blog;
    let mut blogs = actors.iter().filter(is_blog);
    match (blogs.next(), blogs.next()) {
        (Some(_), Some(_)) => Err(AdoptionError::SeveralBlogs(handles(
            &mut actors.iter().filter(is_blog),
        ))),
        (first, _) => Ok(first),
    }
}

/// An actor here that takes over another.
struct Local {
    id: i64,
    username: String,
    author_id: Option<i64>,
}

impl Local {
    fn site(node: &Node) -> Self {
        Local {
            id: node.site_id(),
            username: node.config.site.username.as_str().to_owned(),
            author_id: None,
        }
    }
}

/// Returns the actor of the author that an exported actor becomes. Creates both if they are new.
async fn author(
    node: &Node,
    tx: &mut Tx,
    actor: &ExportedActor,
    used: &HashSet<i64>,
) -> Result<Local, AdoptionError> {
    let username = usernames::of_author(node, tx, actor, used).await?;
    let author_id = match tx.author_by_username(&username).await? {
        Some(author) => {
            if !author.federated {
                let fields = AuthorFields {
                    federated: true,
                    links: author.links(),
                    name: author.name,
                    bio: author.bio,
                    picture_url: author.picture_url,
                    picture_alt: author.picture_alt,
                };
                tx.update_author(author.id, &fields).await?;
            }
            author.id
        }
        None => {
            let name = actor.name.clone().filter(|name| !name.trim().is_empty());
            let fields = AuthorFields {
                name: name.unwrap_or_else(|| username.clone()),
                federated: true,
                ..AuthorFields::default()
            };
            tx.add_author(&username, &fields).await?
        }
    };
    let id = local_actors::ensure(tx, &username, ActorKind::Author, Some(author_id)).await?;
    Ok(Local {
        id,
        username,
        author_id: Some(author_id),
    })
}

/// Gives an actor here the id, handle, addresses and key of an exported one.
async fn take_over(
    node: &Node,
    tx: &mut Tx,
    actor: &ExportedActor,
    local: &Local,
    key: &NewKey,
    adoption: &mut Adoption,
) -> Result<AdoptedActor, AdoptionError> {
    let ours = |address: &Option<String>| address.clone().filter(|it| is_ours(node, it));
    let handle = handles::fitting(node, actor).map(str::to_owned);
    if handle.is_none() {
        warn_of_handle(node, actor, local, adoption);
    }
    let addresses = ActorAddresses {
        uri: Some(actor.id.clone()),
        handle: handle.clone(),
        inbox: ours(&Some(actor.inbox.clone())),
        outbox: ours(&actor.outbox),
        followers: ours(&actor.followers),
        following: ours(&actor.following),
        featured: ours(&actor.featured),
        shared_inbox: ours(&actor.shared_inbox),
    };
    tx.adopt_actor_addresses(local.id, &addresses).await?;
    let own = format!("/users/{}", local.username);
    let inbox = format!("{own}/inbox");
    for (list, path) in [(&actor.addresses, &own), (&actor.inboxes, &inbox)] {
        for address in list.iter().filter(|it| is_ours(node, it)) {
            tx.add_address(address, path).await?;
        }
    }
    let keeps_key = matches!(key, NewKey::Old { .. });
    key.store(tx, actor, local.id).await?;
    add_aliases(tx, actor, local).await?;
    if !keeps_key {
        adoption.warn(format!(
            "{} gets a new key, because the export has none: Mastodon, GoToSocial and servers like them fetch it and \
             go on; Misskey and its relatives do not, and refuse what is signed with it",
            actor.id
        ));
    }
    let handle = handle.unwrap_or_else(|| local.username.clone());
    Ok(AdoptedActor {
        handle: format!("@{handle}@{}", node.config.domain),
        id: actor.id.clone(),
        username: local.username.clone(),
        keeps_key,
    })
}

/// Adds the accounts that the exported actor named as its own.
async fn add_aliases(
    tx: &mut Tx,
    actor: &ExportedActor,
    local: &Local,
) -> Result<(), AdoptionError> {
    let row = tx.local_actor_by_id(local.id).await?;
    let known = row.map(|row| row.aliases).unwrap_or_default();
    let known: Vec<String> = serde_json::from_str(&known).unwrap_or_default();
    let mut aliases = known.clone();
    for alias in &actor.also_known_as {
        if alias.starts_with("https://") && !aliases.contains(alias) && *alias != actor.id {
            aliases.push(alias.clone());
        }
    }
    if aliases != known {
        let json = serde_json::Value::from(aliases).to_string();
        tx.set_aliases(local.id, &json).await?;
    }
    Ok(())
}

/// Says that an actor can't keep its handle.
fn warn_of_handle(node: &Node, actor: &ExportedActor, local: &Local, adoption: &mut Adoption) {
    adoption.warn(format!(
        "the handle @{}@{} has characters that handles can't have, so {} is @{}@{} from now on",
        actor.handle, node.config.domain, actor.id, local.username, node.config.domain
    ));
}

/// Returns whether an address can be served here: the front page and other hosts can't.
fn is_ours(node: &Node, address: &str) -> bool {
    let url = Url::parse(address);
    url.is_ok_and(|url| {
        same_origin(&url, &node.config.public_url) && (url.path() != "/" || url.query().is_some())
    })
}
