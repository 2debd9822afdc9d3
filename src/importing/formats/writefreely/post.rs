//! A post.

use super::blog::Blog;
use crate::{
    base::time::now,
    importing::model::{Body, ImportedArticle, ImportedStatus},
};
use url::Url;

/// A post as an export has it.
#[derive(Debug, Default)]
pub(super) struct Post {
    pub(super) id: String,
    pub(super) slug: Option<String>,
    pub(super) title: Option<String>,
    pub(super) text: String,
    pub(super) language: Option<String>,
    pub(super) is_rtl: bool,
    /// Whether it is shown as code.
    pub(super) is_code: bool,
    /// Whether only subscribers see all of it.
    pub(super) is_paid: bool,
    pub(super) tags: Vec<String>,
    pub(super) created: Option<i64>,
    pub(super) updated: Option<i64>,
    /// Its address, if the export has it.
    pub(super) url: Option<Url>,
}

impl Post {
    /// Converts the post to an article. One without a blog is a draft: WriteFreely shows it to those who know its address.
    ///
    /// # Errors
    /// If it has no id or no text. The error is the reason.
    pub(super) fn article(
        mut self,
        blog: Option<&Blog>,
        site: Option<&Url>,
    ) -> Result<ImportedArticle, String> {
        if self.id.is_empty() {
            return Err("the post has no id".to_owned());
        }
        let former_paths = self.former_paths(blog);
        self.split_title();
        let text = self.body();
        if text.trim().is_empty() {
            return Err("the post is empty".to_owned());
        }
        let is_scheduled = self.created.is_some_and(|created| created > now());
        Ok(ImportedArticle {
            // The importer makes a title of the text, if there is none.
            title: self.title.unwrap_or_default(),
            slug: self.slug.unwrap_or_default(),
            body: Body::Markdown(text),
            author: blog.map(|blog| blog.alias.clone()),
            tags: self.tags,
            language: self.language,
            status: match blog {
                None => ImportedStatus::Draft,
                Some(_) if self.is_paid => ImportedStatus::Draft,
                Some(_) if is_scheduled => ImportedStatus::Scheduled,
                Some(_) => ImportedStatus::Published,
            },
            published_at: self.created,
            // WriteFreely also counts what readers do not see as a change of the first minutes.
            updated_at: self.updated.filter(|updated| {
                self.created
                    .is_none_or(|created| updated - created > 60_000)
            }),
            former_paths,
            // Posts without a blog are not sent to anybody.
            object_uri: site
                .filter(|_| blog.is_some())
                .and_then(|site| site.join(&format!("/api/posts/{}", self.id)).ok())
                .map(String::from),
            key: self.id,
            ..ImportedArticle::default()
        })
    }

    /// Returns the addresses at which WriteFreely shows the post.
    fn former_paths(&self, blog: Option<&Blog>) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        let name = self.slug.as_deref().unwrap_or(&self.id);
        if let Some(url) = &self.url {
            paths.push(url.path().to_owned());
        }
        match blog {
            Some(blog) if blog.is_whole_site() => paths.push(format!("/{name}")),
            Some(blog) => {
                paths.push(format!("/{}/{name}", blog.alias));
                // The address says which of the two it is; without one, the site may have this blog only.
                if blog.url.is_none() && self.url.is_none() {
                    paths.push(format!("/{name}"));
                }
            }
            None => {}
        }
        paths.push(format!("/{}", self.id));
        paths.push(format!("/{}.md", self.id));
        paths.push(format!("/api/posts/{}", self.id));
        let mut seen = std::collections::HashSet::new();
        paths.retain(|path| seen.insert(path.clone()));
        paths
    }

    /// Takes the title from the first heading of the text, where WriteFreely writes it in files of text.
    fn split_title(&mut self) {
        if self.title.is_some() {
            return;
        }
        let text = self.text.trim_start();
        if let Some(line) = text.strip_prefix("# ") {
            let (title, rest) = line.split_once('\n').unwrap_or((line, ""));
            if !title.trim().is_empty() && !rest.trim().is_empty() {
                self.title = Some(title.trim().to_owned());
                self.text = rest.trim_start_matches(['\r', '\n']).to_owned();
            }
        }
    }

    /// Returns the text without the marks that only WriteFreely knows.
    fn body(&self) -> String {
        if self.is_code {
            // No line of the text may end the block.
            let mut fence = "```".to_owned();
            while self.text.contains(&fence) {
                fence.push('`');
            }
            return format!("{fence}\n{}\n{fence}\n", self.text.trim_end());
        }
        let mut text = self.text.replace('\0', "");
        for mark in ["<!--more-->", "<!--paid-->", "<!--emailsub-->"] {
            text = text.replace(mark, "");
        }
        match self.is_rtl && self.language.is_none() {
            true => format!("<div dir=\"rtl\">\n\n{}\n\n</div>\n", text.trim_end()),
            false => text,
        }
    }
}
