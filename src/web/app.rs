//! What every handler works with.

use super::{finished::Answers, pages::views, picture_copies::Copies};
use crate::{
    federation::remote::{remote_interaction::Questions, signed_client::federation_config},
    node::{Context, Node, NodeError},
};
use activitypub_federation::config::FederationConfig;
use std::sync::Arc;

/// A node with what serving it takes. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub node: Node,
    pub site: views::Site,
    /// Documents as they were answered just now.
    pub answers: Answers,
    /// What it takes to make copies of pictures from other servers.
    pub copies: Copies,
    /// What readers' own servers were asked.
    pub questions: Questions,
    federation: FederationConfig<Node>,
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    pub async fn new(node: Node) -> Result<App, NodeError> {
        Ok(App(Arc::new(Inner {
            federation: federation_config(&node).await?,
            site: site_of(&node).await?,
            answers: Answers::new(node.config.cache.pages * 1024 * 1024),
            copies: Copies::default(),
            questions: Questions::default(),
            node,
        })))
    }

    /// What `activitypub_federation` needs for one request, with a budget of fetches of its own.
    pub fn context(&self) -> Context {
        self.federation.to_request_data()
    }
}

/// What the pages say about the publication.
async fn site_of(node: &Node) -> Result<views::Site, NodeError> {
    let site = &node.config.site;
    let rendered = crate::content::markdown::render(&site.summary, node.urls().base());
    let links = site.links.iter().filter_map(|named| {
        Some(views::NamedLink {
            label: named.label.clone(),
            url: views::Link::parse(named.url.as_str())?,
        })
    });
    Ok(views::Site {
        name: site.name.clone(),
        description: rendered.page.to_text(),
        language: site.language.clone(),
        handle: node.handle(&node.site().await?.row),
        follow: super::interaction::way_out(&node.site().await?.uri),
        home: own_link(&node.urls().home()),
        feed: own_link(&node.urls().at("/feed.atom")),
        source_code: own_link(super::assets::SOURCE_PATH),
        me: site
            .fields
            .iter()
            .filter_map(|field| views::Link::parse(field.link()?.as_str()))
            .collect(),
        indexable: site.indexable,
        links: links.collect(),
    })
}

/// A link to an address that we made ourselves.
pub fn own_link(address: &str) -> views::Link {
    let root = || views::Link::parse("/").expect("the root is a link");
    views::Link::parse(address).unwrap_or_else(root)
}
