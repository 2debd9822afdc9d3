//! Takes over actors: ids, handles, addresses and keys.

use super::{
    Options,
    error::AdoptionError,
    export::{Export, ExportedActor, ExportedKind},
    keys,
    report::{AdoptedActor, Adoption},
    usernames,
};
use crate::{
    content::{Handle, Host},
    crypto::keys::{PrivateKey, PublicKey},
    node::{
        Node,
        error::NodeError,
        local_actors::{self, KeyPair},
        urls::{host_of, same_origin},
    },
    store::{self, ActorAddresses, ActorKind, AuthorFields, Tx},
};
use std::collections::HashMap;
use url::Url;

/// The usual fragment of a key's id.
const KEY_NAME: &str = "main-key";

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
    for (actor, key) in checked.actors {
        let is_site = checked.site.is_some_and(|site| std::ptr::eq(site, actor));
        let local = if is_site {
            Local::site(node)
        } else {
            author(node, tx, actor).await?
        };
        let report = take_over(node, tx, actor, &local, &key, adoption).await?;
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
async fn author(node: &Node, tx: &mut Tx, actor: &ExportedActor) -> Result<Local, AdoptionError> {
    let username = usernames::of_author(node, tx, actor).await?;
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

/// The RSA key of an actor from now on.
enum NewKey {
    /// The old one, with the fragment of its id.
    Old { key: PrivateKey, name: String },
    /// A new one under a new id, because other servers cache the old one under the old id.
    New(KeyPair),
}

impl NewKey {
    async fn of(actor: &ExportedActor) -> Result<Self, AdoptionError> {
        let Some(text) = &actor.private_key else {
            return Ok(NewKey::New(KeyPair::generate().await?));
        };
        let key = keys::read(text, actor.public_key.as_deref())
            .map_err(|problem| AdoptionError::Key(actor.id.clone(), problem))?;
        let name = actor
            .key_id
            .as_deref()
            .and_then(|id| id.strip_prefix(&format!("{}#", actor.id)));
        let name = name.filter(|name| !name.is_empty()).unwrap_or(KEY_NAME);
        Ok(NewKey::Old {
            key,
            name: name.to_owned(),
        })
    }
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
    let handle = fitting_handle(node, actor, local, adoption);
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
    store_key(tx, actor, local, key).await?;
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

/// Stores the key, unless the actor has it already from an earlier run.
async fn store_key(
    tx: &mut Tx,
    actor: &ExportedActor,
    local: &Local,
    key: &NewKey,
) -> Result<(), AdoptionError> {
    let stored = tx.local_keys_of(local.id).await?;
    let mut current = stored
        .iter()
        .filter(|key| key.replaced_at.is_none() && key.algorithm == "rsa");
    let current = current.next();
    match key {
        NewKey::Old { key, name } => {
            let der = key.to_pkcs8_der().map_err(NodeError::from)?;
            if !current.is_some_and(|current| current.pkcs8 == *der && current.name == *name) {
                tx.replace_local_key(local.id, "rsa", name, &der).await?;
            }
        }
        NewKey::New(pair) => {
            // A second run would make a third key. The first one has a name of this form.
            let old = current.map(|current| PrivateKey::from_pkcs8_der(&current.pkcs8));
            let old = old.transpose().map_err(NodeError::from)?;
            let is_renamed = current.is_some_and(|current| current.name.starts_with("rsa-"));
            let is_theirs = old.is_some_and(|old| is_public_key_of(&old, actor));
            if !is_renamed && !is_theirs {
                let mark = &store::new_uid()[..8];
                tx.retire_local_keys(local.id).await?;
                pair.store(
                    tx,
                    local.id,
                    &format!("rsa-{mark}"),
                    &format!("ed25519-{mark}"),
                )
                .await?;
                tx.delete_retired_keys(local.id).await?;
            }
        }
    }
    Ok(())
}

fn is_public_key_of(key: &PrivateKey, actor: &ExportedActor) -> bool {
    let public = actor.public_key.as_deref();
    public
        .and_then(|public| PublicKey::from_pem(public).ok())
        .is_some_and(|public| public.to_pem() == key.public_key_pem())
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

/// Returns the handle that the actor keeps; `None` if it can't be written here.
fn fitting_handle(
    node: &Node,
    actor: &ExportedActor,
    local: &Local,
    adoption: &mut Adoption,
) -> Option<String> {
    let host = Host::parse(&node.config.domain).ok()?;
    if Handle::new(&actor.handle, host).is_ok() {
        return Some(actor.handle.clone());
    }
    adoption.warn(format!(
        "the handle @{}@{} has characters that handles can't have, so {} is @{}@{} from now on",
        actor.handle, node.config.domain, actor.id, local.username, node.config.domain
    ));
    None
}

/// Returns whether an address can be served here: the front page and other hosts can't.
fn is_ours(node: &Node, address: &str) -> bool {
    let url = Url::parse(address);
    url.is_ok_and(|url| {
        same_origin(&url, &node.config.public_url) && (url.path() != "/" || url.query().is_some())
    })
}
