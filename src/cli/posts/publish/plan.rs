//! Plans what is done with each file and draft, before anything is stored.

use super::Work;
use crate::{
    cli::{
        common::{Format, output, progress::Progress},
        posts::inputs::report_mistakes,
    },
    node::{Node, urls::permalink_path},
    publishing::{
        Announcement, Leniency, PublishError,
        articles::{self, Prepared},
        batch::{self, Item},
    },
    store::{ArticleStatus, Conn, now},
};
use anyhow::Result;
use serde_json::json;
use std::collections::HashMap;

/// Articles that can be stored.
pub(super) struct Plan(Vec<(Planned, Content)>);

/// The step that is planned for an article.
pub(super) struct Planned {
    /// The file's name; a draft's slug.
    pub(super) name: String,
    slug: String,
    title: String,
    published_at: i64,
    pub(super) status: ArticleStatus,
    /// Whether the file says that it is a draft.
    pub(super) says_draft: bool,
    announcement: Announcement,
    warnings: Vec<String>,
}

enum Content {
    New(Box<Prepared>),
    Draft,
}

impl Plan {
    /// Checks all files and drafts.
    ///
    /// # Errors
    /// All mistakes at once.
    pub(super) async fn make(
        node: &Node,
        works: Vec<Work>,
        as_drafts: bool,
        is_lenient: bool,
    ) -> Result<Plan> {
        let total = works.len();
        let progress = Progress::new(total as u64, "Reading");
        let (mut plan, mut mistakes) = (Vec::new(), Vec::new());
        for work in works {
            let checked = match work {
                Work::Source(source) => {
                    let leniency = Leniency::new(is_lenient);
                    let prepared = articles::prepare(node, *source, None, leniency).await;
                    prepared.map(|prepared| planned(prepared, as_drafts))
                }
                Work::Draft(slug) => draft(&mut node.store.read().await?, slug).await,
            };
            match checked {
                Ok(article) => plan.push(article),
                Err(error) => mistakes.push(error.into()),
            }
            progress.advance();
        }
        drop(progress);
        mistakes.extend(check_slugs(node, &plan).await?);
        report_mistakes(mistakes, total)?;
        Ok(Plan(plan))
    }

    /// Returns the dates of the articles that will be public or scheduled.
    pub(super) fn dates_to_publish(&self) -> Vec<i64> {
        let published = self
            .0
            .iter()
            .filter(|(article, _)| article.status == ArticleStatus::Published);
        published.map(|(article, _)| article.published_at).collect()
    }

    /// Decides by the date of each article whether it is announced.
    pub(super) fn announce(&mut self, decide: impl Fn(i64) -> Announcement) {
        for (article, _) in &mut self.0 {
            article.announcement = decide(article.published_at);
        }
    }

    pub(super) fn warn(&self) {
        for (article, _) in &self.0 {
            article.warn(self.0.len());
        }
    }

    /// Prints what would be stored.
    pub(super) fn print_dry(&self, node: &Node, format: &Format) -> Result<()> {
        if format.json {
            let list: Vec<_> = self
                .0
                .iter()
                .map(|(article, _)| {
                    json!({
                        "source": article.name,
                        "slug": article.slug,
                        "title": article.title,
                        "status": article.future_status(),
                        "published": output::timestamp(article.published_at),
                        "url": article.url(node),
                        "told": article.is_told(),
                        "warnings": article.warnings,
                    })
                })
                .collect();
            return output::json(&list);
        }
        for (article, _) in &self.0 {
            let telling = match (article.status, article.is_told()) {
                (ArticleStatus::Draft, _) | (_, true) => "",
                (_, false) => ", silently",
            };
            let what = match article.future_status() {
                "draft" => "Would be stored as a draft".to_owned(),
                "scheduled" => {
                    let time = output::time(article.published_at);
                    format!("Would be scheduled for {time}{telling}")
                }
                _ => {
                    let time = output::time(article.published_at);
                    format!("Would be published with the date {time}{telling}")
                }
            };
            output::line(&format!(
                "{what}: {}\n  {}",
                article.title,
                article.url(node)
            ))?;
        }
        let count = output::counted(self.0.len(), "article");
        output::line(&format!("{count} checked; nothing was stored."))
    }

    pub(super) fn into_items(self) -> (Vec<Item>, Vec<Planned>) {
        let split = |(planned, content): (Planned, Content)| {
            let item = match content {
                Content::New(article) => Item::New {
                    article,
                    status: planned.status,
                    announcement: planned.announcement,
                },
                Content::Draft => Item::Draft {
                    slug: planned.slug.clone(),
                    announcement: planned.announcement,
                },
            };
            (item, planned)
        };
        self.0.into_iter().map(split).unzip()
    }
}

impl Planned {
    pub(super) fn future_status(&self) -> &'static str {
        match self.status {
            ArticleStatus::Draft => "draft",
            ArticleStatus::Published if self.published_at > now() => "scheduled",
            ArticleStatus::Published => "published",
        }
    }

    fn is_told(&self) -> bool {
        self.status == ArticleStatus::Published && !self.announcement.is_silent()
    }

    fn url(&self, node: &Node) -> String {
        let path = permalink_path(self.published_at, &self.slug);
        node.urls().at(&path)
    }

    /// Prints the warnings, with the name of the file if there are several.
    pub(super) fn warn(&self, total: usize) {
        for warning in &self.warnings {
            if total == 1 {
                output::warn(warning);
            } else {
                output::warn(&format!("{}: {warning}", self.name));
            }
        }
    }
}

fn planned(mut prepared: Prepared, as_drafts: bool) -> (Planned, Content) {
    let planned = Planned {
        name: prepared.name.clone(),
        slug: prepared.fields.slug.clone(),
        title: prepared.fields.title.clone(),
        published_at: prepared.fields.published_at,
        status: if as_drafts || prepared.is_draft {
            ArticleStatus::Draft
        } else {
            ArticleStatus::Published
        },
        says_draft: prepared.is_draft,
        announcement: Announcement::Tell,
        warnings: std::mem::take(&mut prepared.warnings),
    };
    (planned, Content::New(Box::new(prepared)))
}

/// Checks that a draft can be published.
async fn draft(conn: &mut Conn, slug: String) -> Result<(Planned, Content), PublishError> {
    let Some(article) = conn.article_by_slug(&slug).await? else {
        return Err(PublishError::Mistake(format!(
            "{slug} is neither a file nor the slug of an article: run `pamphlet post list` to list articles"
        )));
    };
    articles::check_draft(&article)?;
    let planned = Planned {
        name: slug.clone(),
        slug,
        published_at: articles::date_at_publication(&article),
        title: article.title,
        status: ArticleStatus::Published,
        says_draft: false,
        announcement: Announcement::Tell,
        warnings: Vec::new(),
    };
    Ok((planned, Content::Draft))
}

/// Returns the mistakes of articles whose slug another one has, in the database or among themselves.
async fn check_slugs(node: &Node, plan: &[(Planned, Content)]) -> Result<Vec<anyhow::Error>> {
    let mut conn = node.store.read().await?;
    let mut mistakes = Vec::new();
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (article, content) in plan {
        let slug = article.slug.as_str();
        let other = seen.insert(slug, &article.name);
        if let Content::New(prepared) = content
            && conn.article_header_by_slug(slug).await?.is_some()
        {
            mistakes.push(batch::taken(prepared).into());
        } else if let Some(other) = other {
            mistakes.push(anyhow::anyhow!(
                "{other} and {} have the same slug {slug}: set another slug in the front matter of one",
                article.name
            ));
        }
    }
    Ok(mistakes)
}
