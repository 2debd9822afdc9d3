//! The node: everything that the rest works with.

pub mod caches;
pub mod drop_reason;
pub mod error;
pub mod http;
mod identity;
pub mod local_actors;
pub mod notices;
pub mod permalinks;
pub mod remote_actor;
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
use local_actors::{LocalActor, LocalActors};
use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokens::Tokens;
use urls::Urls;

/// A running node. Cheap to clone.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

/// What a [`Node`] shares.
pub struct Inner {
    pub config: Config,
    pub store: Store,
    pub local_actors: LocalActors,
    /// Keys of other servers' actors.
    pub key_cache: KeyCache,
    /// Actors that are not stored, with their keys.
    pub strangers: Strangers,
    /// Whose turn it is to have a known actor fetched again.
    pub refetches: Refetches,
    /// Budgets of strangers.
    pub quota: Quota,
    /// Hosts that are asked to complete conversations.
    pub asked_hosts: Hosts,
    pub recently_synchronized: RecentlySynchronized,
    pub handle_lookups: HandleLookups,
    /// Signs what comes back to us: links in mails, forms, cookies.
    pub tokens: Tokens,
    /// What the admin set and taught about spam.
    pub spam_rules: RulesCache,
    /// For what is asked without a signature.
    unsigned_client: OnceLock<reqwest::Client>,
    urls: Urls,
    site_id: i64,
    instance_id: i64,
}

impl Deref for Node {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Node {
    /// Opens the node on its database: checks that they belong together, and makes actors and keys
    /// where they are missing.
    pub async fn open(config: Config, store: Store) -> Result<Node, NodeError> {
        if !config.development && std::env::var_os("DANGER_FEDERATION_ALLOW_LOCAL_IP").is_some() {
            return Err(NodeError::DangerousVariable);
        }
        let urls = Urls::new(&config);
        let mut tx = store.begin().await?;
        identity::check(&config, &mut tx).await?;
        identity::check_guests_name(&config, &mut tx).await?;
        let site_id = local_actors::ensure(
            &mut tx,
            config.site.username.as_str(),
            ActorKind::Site,
            None,
        )
        .await?;
        // No username of ours can have a dot, so no author takes the instance actor's name.
        let instance_id =
            local_actors::ensure(&mut tx, "instance.actor", ActorKind::Instance, None).await?;
        let tokens = Tokens::new(&tx.secret().await?);
        upgrade::refresh_hashtags(&mut tx).await?;
        tx.fill_domains().await?;
        tx.commit().await?;
        Ok(Node(Arc::new(Inner {
            local_actors: LocalActors::new(urls.clone()),
            key_cache: KeyCache::default(),
            strangers: Strangers::new(config.limits.value(Limit::StrangerKilobytes)),
            refetches: Refetches::default(),
            quota: Quota::new(&config),
            asked_hosts: Hosts::default(),
            recently_synchronized: RecentlySynchronized::default(),
            handle_lookups: HandleLookups::default(),
            tokens,
            spam_rules: RulesCache::default(),
            unsigned_client: OnceLock::new(),
            config,
            store,
            urls,
            site_id,
            instance_id,
        })))
    }

    /// The guarded client for questions that need no signature, made when it is first needed.
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

    /// The publication's actor.
    pub async fn site(&self) -> Result<Arc<LocalActor>, NodeError> {
        self.local_actors.by_id(&self.store, self.site_id).await
    }

    /// The actor that signs fetches.
    pub async fn instance(&self) -> Result<Arc<LocalActor>, NodeError> {
        self.local_actors.by_id(&self.store, self.instance_id).await
    }

    /// `@user@domain` of one of our actors.
    pub fn handle(&self, local: &LocalActorRow) -> String {
        match local.kind {
            ActorKind::Instance => format!("@{0}@{0}", self.config.domain),
            _ => format!("@{}@{}", local.username, self.config.domain),
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

    /// Whether a host (as `urls::host_of` writes it) is one that we talk with at all.
    pub fn allows(&self, host: &str) -> bool {
        let allowed = &self.config.federation.allowed_hosts;
        allowed.is_empty()
            || Host::parse(host).is_ok_and(|host| {
                allowed
                    .iter()
                    .any(|known| host.is_same_or_subdomain_of(known))
            })
    }

    /// Whether the admin wants nothing to do with an actor, or with its host.
    pub async fn is_blocked(
        &self,
        conn: &mut Conn,
        actor_uri: &str,
        host: &str,
    ) -> Result<bool, StoreError> {
        Ok(!self.allows(host) || conn.is_blocked(actor_uri, host).await?)
    }

    pub fn site_id(&self) -> i64 {
        self.site_id
    }

    /// The handle of a remote actor, for people.
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

/// What the library hands to every handler.
pub type Context = Data<Node>;
