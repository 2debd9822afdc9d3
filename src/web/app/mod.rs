//! The state that all handlers share.

mod frame;
mod links;

pub(super) use frame::{FrameCache, article_links, media_name, thumbnail};
pub(super) use links::{SOURCE_PATH, card_of, interact_url, own_link};

use super::{
    artwork::{Cards, SiteIcons, card_of_site},
    look::{self, StyleSheet},
    media_proxy::MediaProxy,
    page_cache::PageCache,
    templates::{Page, TemplateError, Templates, ThemeError},
    views,
};
use crate::{
    config::{self, Picture},
    federation::{
        inbox::Ingest,
        remote::{remote_interaction::Questions, signed_client::federation_config},
    },
    i18n::Locale,
    media,
    node::{Context, Node, NodeError},
    store::{Closing, StoreError},
};
use activitypub_federation::config::FederationConfig;
use std::sync::Arc;

/// A node with the state that serving it takes. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

#[allow(unreachable_pub, reason = "`App` derefs to it")]
pub struct Inner {
    pub(crate) node: Node,
    pub(crate) site: views::Site,
    pub(crate) templates: Templates,
    pub(crate) style: StyleSheet,
    pub(crate) frame: Arc<FrameCache>,
    pub(crate) page_cache: PageCache,
    pub(crate) media_proxy: MediaProxy,
    pub(crate) icons: SiteIcons,
    pub(crate) cards: Cards,
    /// Finds the page of a reader's own server on which they follow or reply.
    pub(crate) questions: Questions,
    /// Verified activities that are carried out together.
    pub(crate) ingest: Ingest,
    federation: FederationConfig<Node>,
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Prepares a node for serving it.
    ///
    /// # Errors
    /// If the database fails, or the theme or style sheet is broken.
    pub async fn new(node: Node) -> anyhow::Result<App> {
        let reloads = node.config.development;
        App::with_look(node, reloads).await
    }

    /// Prepares a node for serving it. With `reloads`, changed files of the theme are read again.
    pub(crate) async fn with_look(node: Node, reloads: bool) -> anyhow::Result<App> {
        let site = site_of(&node).await?;
        App::of_site(node, site, reloads).await
    }

    /// Prepares a node for pages that become files: they have no forms, and show all comments on one page.
    pub(crate) async fn for_files(node: Node) -> anyhow::Result<App> {
        let mut site = site_of(&node).await?;
        site.is_static = true;
        App::of_site(node, site, false).await
    }

    /// Returns the end of the publication, if it is closed for visitors. Pages that become files show it as it was.
    pub(crate) fn closing(&self) -> Option<Closing> {
        self.node.closing().filter(|_| !self.site.is_static)
    }

    /// Brings the parts of every page up to date.
    pub(crate) async fn refresh_frame(&self) {
        self.frame
            .refresh(&self.node, self.closing().is_some())
            .await;
    }

    async fn of_site(node: Node, site: views::Site, reloads: bool) -> anyhow::Result<App> {
        let style = StyleSheet::of(&node.config.site)?;
        let mut templates = look::templates(&node.config.site, &style, reloads)?;
        check_theme(&node, &templates, &site)?;
        let frame = Arc::new(FrameCache::default());
        templates.set_frame({
            let frame = frame.clone();
            move || frame.value()
        });
        Ok(App(Arc::new(Inner {
            frame,
            templates,
            federation: federation_config(&node).await?,
            site,
            style,
            page_cache: PageCache::new(node.config.cache.pages * 1024 * 1024, node.store.clone()),
            media_proxy: MediaProxy::new(node.clone()),
            icons: SiteIcons::default(),
            cards: Cards::default(),
            questions: Questions::default(),
            ingest: Ingest::default(),
            node,
        })))
    }

    /// Returns the context of one request, which has a budget of fetches of its own.
    pub(crate) fn context(&self) -> Context {
        self.federation.to_request_data()
    }

    /// Renders a page by its template.
    pub(crate) fn render<P: Page>(&self, page: &P) -> Result<String, TemplateError> {
        self.templates.render(page)
    }
}

/// Renders two pages, so that most mistakes in a theme are found at the start.
fn check_theme(node: &Node, templates: &Templates, site: &views::Site) -> Result<(), ThemeError> {
    let Some(folder) = &node.config.site.theme else {
        return Ok(());
    };
    let (articles, paging) = (Vec::new(), views::Paging::default());
    let problem = views::ProblemPage::new(site, 404, views::Problem::NotFound);
    let home = views::HomePage::new(site, site.home.clone(), articles, paging);
    templates
        .render(&problem)
        .and_then(|_| templates.render(&home))
        .map_err(|error| error.in_theme(folder))?;
    Ok(())
}

/// Returns the picture of a setting, which is stored since the start.
async fn site_picture(
    node: &Node,
    picture: Option<&Picture>,
) -> Result<Option<views::Image>, StoreError> {
    let Some(Picture::Url(url)) = picture else {
        return Ok(None);
    };
    let folder = node.urls().at("/media/");
    let Some(name) = url.as_str().strip_prefix(&folder) else {
        return Ok(None);
    };
    let size = match node.media.row(name).await? {
        Some(row) => row.size(),
        // An older version stored it without a row.
        None => media::dimensions(name, &node.config.data),
    };
    Ok(views::Link::parse(url.as_str()).map(|url| views::Image {
        url,
        alt: String::new(),
        size,
    }))
}

/// Collects what every page shows about the publication.
async fn site_of(node: &Node) -> Result<views::Site, NodeError> {
    let site = &node.config.site;
    let actor = node.site().await?;
    let rendered = crate::content::markdown::render(&site.summary, node.urls().base());
    Ok(views::Site {
        name: site.name.clone(),
        description: rendered.page.to_text(),
        language: site.language.clone(),
        locale: Locale::from_tag(&site.language),
        handle: node.handle(&actor.row),
        follow: interact_url(&actor.uri),
        home: own_link(&node.urls().home()),
        feed: own_link(&node.urls().at("/feed.atom")),
        source_code: own_link(SOURCE_PATH),
        me: me_links(site),
        logo: site_picture(node, site.logo.as_ref().or(site.icon.as_ref())).await?,
        cover: site_picture(node, site.cover.as_ref()).await?,
        indexable: site.indexable,
        article_type: site.article_type.as_str(),
        card: card_of(node.urls(), "site", &card_of_site(node)),
        links: named_links(&site.links),
        accounts: named_links(&site.accounts),
        donate: named_links(&site.donate),
        is_static: false,
    })
}

/// Returns the publication's profiles on other sites: those among the fields of its own profile, then its accounts.
fn me_links(site: &config::Site) -> Vec<views::Link> {
    let fields = site.fields.iter().filter_map(config::ProfileField::link);
    let accounts = site.accounts.iter().map(|account| account.url.clone());
    let mut links: Vec<views::Link> = Vec::new();
    for url in fields.chain(accounts) {
        if let Some(link) = views::Link::parse(url.as_str())
            && !links.contains(&link)
        {
            links.push(link);
        }
    }
    links
}

fn named_links(links: &[config::Link]) -> Vec<views::NamedLink> {
    let links = links.iter().filter_map(|named| {
        Some(views::NamedLink {
            label: named.label.clone(),
            url: views::Link::parse(named.url.as_str())?,
        })
    });
    links.collect()
}
