//! The node: configuration, database, local actors, caches, addresses, and the errors of all that works with them.

pub(crate) mod api_tokens;
pub mod caches;
pub(crate) mod drafts;
pub mod drop_reason;
pub mod error;
pub mod events;
pub mod http;
pub mod local_actors;
pub mod media;
pub mod notices;
pub mod object_fetches;
pub mod permalinks;
pub mod publication;
pub mod remote_actor;
pub mod self_test;
pub mod target;
pub mod tokens;
mod upgrade;
pub mod urls;

pub use error::NodeError;

use crate::{
    config::{Config, limits::Limit},
    content::{Handle, Host},
    quota::Quota,
    spam::rules::RulesCache,
    store::{ActorKind, Conn, LocalActorRow, Store, StoreError},
};
use activitypub_federation::config::Data;
use caches::asked_hosts::Hosts;
use caches::handle_lookups::HandleLookups;
use caches::key_cache::KeyCache;
use caches::recently_synchronized::RecentlySynchronized;
use caches::refetches::Refetches;
use caches::strangers::Strangers;
use events::Events;
use local_actors::{LocalActor, LocalActors};
use media::Library;
use object_fetches::ObjectFetches;
use publication::{closing::KnownClosing, identity};
use std::{
    ops::Deref,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokens::Tokens;
use urls::Urls;

/// A running node. Cloning is cheap.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

/// The shared state of a [`Node`].
pub struct Inner {
    pub config: Config,
    pub store: Store,
    /// The files at `/media/`.
    pub media: Library,
    pub local_actors: LocalActors,
    /// Keys of other servers' actors.
    pub key_cache: KeyCache,
    /// Fetched actors that are not stored, with their keys.
    pub strangers: Strangers,
    /// Limits refetches of known actors.
    pub refetches: Refetches,
    /// Budgets of actors, domains, hosts and addresses.
    pub quota: Quota,
    /// Hosts that backfill sends requests to.
    pub asked_hosts: Hosts,
    pub recently_synchronized: RecentlySynchronized,
    /// What came in and went out, until it is written.
    pub events: Events,
    /// Fetches of posts that were never announced, until they are verified.
    pub object_fetches: ObjectFetches,
    pub handle_lookups: HandleLookups,
    /// Signs links in emails, forms and cookies.
    pub tokens: Tokens,
    /// The spam rules that the admin set and the filter learned.
    pub spam_rules: RulesCache,
    /// The client for unsigned requests.
    unsigned_client: OnceLock<reqwest::Client>,
    known_closing: KnownClosing,
    urls: Urls,
    site_id: i64,
    instance_id: i64,
    is_offline: AtomicBool,
}

impl Deref for Node {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Node {
    /// Opens the node on its database: checks that they belong together, and creates missing actors
    /// and keys.
    pub async fn open(config: Config, store: Store) -> Result<Node, NodeError> {
        if !config.development && std::env::var_os("DANGER_FEDERATION_ALLOW_LOCAL_IP").is_some() {
            return Err(NodeError::DangerousVariable);
        }
        let mut tx = store.begin().await?;
        let urls = Urls::new(&config).with_former_hosts(tx.former_hosts().await?);
        identity::check(&config, &mut tx).await?;
        identity::check_guests_name(&config, &mut tx).await?;
        let site_id = local_actors::ensure(
            &mut tx,
            config.site.username.as_str(),
            ActorKind::Site,
            None,
        )
        .await?;
        // Usernames of authors have no dots, so none can take the instance actor's name.
        let instance_id =
            local_actors::ensure(&mut tx, "instance.actor", ActorKind::Instance, None).await?;
        let tokens = Tokens::new(&tx.secret().await?);
        upgrade::refresh_hashtags(&mut tx).await?;
        tx.fill_domains().await?;
        let closing = tx.closing().await?;
        tx.commit().await?;
        let media = Library::open(&config, &store)?;
        Ok(Node(Arc::new(Inner {
            media,
            local_actors: LocalActors::new(urls.clone()),
            key_cache: KeyCache::default(),
            strangers: Strangers::new(config.limits.value(Limit::StrangerKilobytes)),
            refetches: Refetches::default(),
            quota: Quota::new(&config),
            asked_hosts: Hosts::default(),
            recently_synchronized: RecentlySynchronized::default(),
            events: Events::default(),
            object_fetches: ObjectFetches::default(),
            handle_lookups: HandleLookups::default(),
            tokens,
            spam_rules: RulesCache::default(),
            unsigned_client: OnceLock::new(),
            known_closing: KnownClosing::new(closing),
            config,
            store,
            urls,
            site_id,
            instance_id,
            is_offline: AtomicBool::new(false),
        })))
    }

    /// Returns the guarded client for unsigned requests, which is created on first use.
    ///
    /// # Errors
    /// As [`http::guarded_client`].
    pub fn unsigned_client(&self) -> Result<&reqwest::Client, NodeError> {
        if let Some(client) = self.unsigned_client.get() {
            return Ok(client);
        }
        let timeout = Duration::from_secs(self.config.federation.fetch_timeout.max(1));
        let client = http::guarded_client(&self.config, timeout, http::IDLE)?;
        Ok(self.unsigned_client.get_or_init(|| client))
    }

    /// Returns the publication's actor.
    pub async fn site(&self) -> Result<Arc<LocalActor>, NodeError> {
        self.local_actors.by_id(&self.store, self.site_id).await
    }

    /// Returns the instance actor, which signs fetches.
    pub async fn instance(&self) -> Result<Arc<LocalActor>, NodeError> {
        self.local_actors.by_id(&self.store, self.instance_id).await
    }

    /// Returns the handle of a local actor, `@user@domain`.
    pub fn handle(&self, local: &LocalActorRow) -> String {
        match &local.former_handle {
            Some(former) => format!("@{former}"),
            None => format!("@{}@{}", self.handle_name(local), self.config.domain),
        }
    }

    /// Returns the name in the handle of a local actor (`preferredUsername`): the one by which others know it, or else its
    /// username. The instance actor is named after its domain.
    pub fn handle_name<'a>(&'a self, local: &'a LocalActorRow) -> &'a str {
        if let Some((name, _)) = local
            .former_handle
            .as_ref()
            .and_then(|it| it.split_once('@'))
        {
            return local.addresses.handle.as_deref().unwrap_or(name);
        }
        match (&local.addresses.handle, local.kind) {
            (Some(name), _) => name,
            (None, ActorKind::Instance) => &self.config.domain,
            (None, _) => &local.username,
        }
    }
}

impl Inner {
    /// Forgets all keys of other servers' actors, after an actor with its keys was removed.
    pub fn forget_keys(&self) {
        self.key_cache.forget_all();
        self.strangers.forget_all();
    }

    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// Returns whether the configuration allows federation with a host (in the spelling of `urls::host_of`).
    pub fn allows(&self, host: &str) -> bool {
        let allowed = &self.config.federation.allowed_hosts;
        allowed.is_empty()
            || Host::parse(host).is_ok_and(|host| {
                allowed
                    .iter()
                    .any(|known| host.is_same_or_subdomain_of(known))
            })
    }

    /// Returns whether an actor or its host is blocked.
    pub async fn is_blocked(
        &self,
        conn: &mut Conn,
        actor_uri: &str,
        host: &str,
    ) -> Result<bool, StoreError> {
        Ok(!self.allows(host) || conn.is_blocked(actor_uri, host).await?)
    }

    /// Refuses each later request to another server, for a command that only explains what would be done.
    pub fn stay_offline(&self) {
        self.is_offline.store(true, Ordering::SeqCst);
    }

    /// Returns whether requests to other servers are refused.
    pub fn is_offline(&self) -> bool {
        self.is_offline.load(Ordering::SeqCst)
    }

    pub fn site_id(&self) -> i64 {
        self.site_id
    }

    /// Returns the handle of a remote actor, for people.
    pub fn remote_handle(username: &str, host: &str) -> String {
        Host::parse(host)
            .ok()
            .and_then(|host| Handle::new(username, host).ok())
            .map_or_else(
                || format!("@{username}@{host}"),
                |handle| handle.to_string(),
            )
    }
}

/// The node with the request count of one activity, as `activitypub_federation` passes it.
pub type Context = Data<Node>;
