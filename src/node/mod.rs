//! The node: what every part of the federation layer works with.

pub mod drop_reason;
pub mod error;
pub mod local_actors;
pub mod notices;
pub mod permalinks;
pub mod refetches;
pub mod strangers;
pub mod target;
pub mod tokens;
pub mod urls;

use crate::{
    config::Config,
    content::{Handle, Host},
    crypto::keys::KeyError,
    federation::{
        followers_sync::Asked,
        objects::notes,
        remote::{fetch, key_cache::Gate, requests::Hosts, webfinger::Lookups},
    },
    moderation,
    quota::Quota,
    spam::rules::RulesCache,
    store::{ActorKind, Conn, Store, StoreError},
};
use activitypub_federation::{
    config::{Data, FederationConfig, UrlVerifier},
    error::Error as LibraryError,
};
use async_trait::async_trait;
use local_actors::{Local, Locals};
use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokens::Tokens;
use url::Url;
use urls::Urls;

/// What can keep a node from working.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a key can't be used: {0}")]
    Key(#[from] KeyError),
    #[error("the certificate authorities in {0} can't be read: {1}")]
    Roots(String, String),
    #[error("the HTTP client can't be made: {0}")]
    Client(String),
    #[error("local actor {0} or one of its keys is missing in the database")]
    NoActor(i64),
    #[error(
        "this database belongs to {0}, but the configuration says {1}: these can't change after the first start. \
         Set public_url, domain and site.username back, or use another database"
    )]
    OtherIdentity(String, String),
    #[error(
        "comments.username is {0:?}, which is the name of the publication or of an author: choose another, \
         or set comments.federate_guests = false"
    )]
    NameTaken(String),
    #[error(
        "DANGER_FEDERATION_ALLOW_LOCAL_IP is set, which would let others reach addresses inside this network: unset it"
    )]
    DangerousVariable,
}

/// A running node. Cheap to clone.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

/// What a [`Node`] shares.
pub struct Inner {
    pub config: Config,
    pub store: Store,
    pub locals: Locals,
    pub gate: Gate,
    /// Budgets of strangers.
    pub quota: Quota,
    /// Hosts that are asked to complete conversations.
    pub hosts: Hosts,
    pub synchronized: Asked,
    pub lookups: Lookups,
    /// Signs what comes back to us: links in mails, forms, cookies.
    pub tokens: Tokens,
    /// What the admin set and taught about spam.
    pub spam_rules: RulesCache,
    /// For what is asked without a signature.
    plain_client: OnceLock<reqwest::Client>,
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
        check_identity(&config, &mut tx).await?;
        moderation::guests::check_name(&config, &mut tx).await?;
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
        notes::refresh_hashtags(&mut tx).await?;
        tx.fill_domains().await?;
        tx.commit().await?;
        Ok(Node(Arc::new(Inner {
            locals: Locals::new(urls.clone()),
            gate: Gate::new(&config),
            quota: Quota::new(&config),
            hosts: Hosts::default(),
            synchronized: Asked::default(),
            lookups: Lookups::default(),
            tokens,
            spam_rules: RulesCache::default(),
            plain_client: OnceLock::new(),
            config,
            store,
            urls,
            site_id,
            instance_id,
        })))
    }

    /// The configuration that `activitypub_federation` works with.
    pub async fn federation(&self) -> Result<FederationConfig<Node>, NodeError> {
        let client = fetch::client(self)?;
        FederationConfig::builder()
            .domain(self.config.authority())
            .app_data(self.clone())
            .client(client)
            .http_fetch_limit(self.config.federation.fetch_limit)
            .request_timeout(Duration::from_secs(
                self.config.federation.fetch_timeout.max(1),
            ))
            .debug(self.config.development)
            .allow_http_urls(self.config.development)
            .url_verifier(Box::new(Spelling {
                development: self.config.development,
            }))
            .build()
            .await
            .map_err(|error| NodeError::Client(error.to_string()))
    }

    /// The guarded client for questions that need no signature, made when it is first needed.
    ///
    /// # Errors
    /// As [`fetch::guarded_client`].
    pub fn plain_client(&self) -> Result<&reqwest::Client, NodeError> {
        if let Some(client) = self.plain_client.get() {
            return Ok(client);
        }
        let timeout = Duration::from_secs(self.config.federation.fetch_timeout.max(1));
        let client = fetch::guarded_client(&self.config, timeout, fetch::IDLE)?;
        Ok(self.plain_client.get_or_init(|| client))
    }

    /// The publication's actor.
    pub async fn site(&self) -> Result<Arc<Local>, NodeError> {
        self.locals.by_id(&self.store, self.site_id).await
    }

    /// The actor that signs fetches.
    pub async fn instance(&self) -> Result<Arc<Local>, NodeError> {
        self.locals.by_id(&self.store, self.instance_id).await
    }

    /// `@user@domain` of one of our actors.
    pub fn handle(&self, local: &crate::store::LocalActor) -> String {
        match local.kind {
            ActorKind::Instance => format!("@{0}@{0}", self.config.domain),
            _ => format!("@{}@{}", local.username, self.config.domain),
        }
    }
}

impl Inner {
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
    pub async fn shuts_out(
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

/// The database remembers whose it is, so that a changed configuration doesn't make strangers of its followers.
async fn check_identity(config: &Config, tx: &mut crate::store::Tx) -> Result<(), NodeError> {
    let ours = format!(
        "@{}@{} at {}",
        config.site.username, config.domain, config.public_url
    );
    match tx.setting("identity").await? {
        None => tx.set_setting("identity", &ours).await?,
        Some(theirs) if theirs == ours => {}
        Some(theirs) => return Err(NodeError::OtherIdentity(theirs, ours)),
    }
    Ok(())
}

/// Keeps the library from URLs that are refused for their spelling. The client, which decides on all others, never sees
/// a user name in a URL: it becomes a header before.
#[derive(Clone)]
struct Spelling {
    development: bool,
}

#[async_trait]
impl UrlVerifier for Spelling {
    async fn verify(&self, url: &Url) -> Result<(), LibraryError> {
        fetch::check_spelling(url, self.development)
            .map_err(|error| LibraryError::ReqwestMiddleware(fetch::middleware_error(error)))
    }
}

/// What the library hands to every handler.
pub type Context = Data<Node>;
