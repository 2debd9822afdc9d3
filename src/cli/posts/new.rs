//! `pamphlet post new` and `page new`: write a Markdown file with front matter.

use crate::{
    cli::common::{Format, Options, UsageError, editor, output},
    content::{Slug, article::ArticleFile},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use std::{
    fs,
    io::{ErrorKind, IsTerminal, Write},
    path::{Path, PathBuf},
};

/// The file to write.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The title.
    title: String,
    /// The file to write [default: the slug, with .md].
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
    /// The slug, which is a part of the address [default: derived from the title].
    #[arg(long)]
    slug: Option<Slug>,
    /// Only write the file, without opening $EDITOR.
    #[arg(long)]
    no_edit: bool,
    #[command(flatten)]
    format: Format,
}

/// The kind of file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Article,
    Page,
}

impl Kind {
    fn command(self) -> &'static str {
        match self {
            Kind::Article => "post",
            Kind::Page => "page",
        }
    }

    /// The name of the admin's own template, beside the configuration file.
    fn template(self) -> &'static str {
        match self {
            Kind::Article => "new-post.md",
            Kind::Page => "new-page.md",
        }
    }

    fn default_template(self) -> &'static str {
        match self {
            Kind::Article => include_str!("templates/new-post.md"),
            Kind::Page => include_str!("templates/new-page.md"),
        }
    }
}

impl New {
    /// Writes the file, opens it in $EDITOR if there is a terminal, and returns its path.
    ///
    /// # Errors
    /// If the file exists, can't be written, or the editor fails.
    pub(super) fn run(&self, options: &Options, kind: Kind) -> Result<PathBuf> {
        let title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        if title.is_empty() {
            return Err(UsageError::new("the title is empty: write one in quotes").into());
        }
        let config = options.load()?;
        let language = config.site.language.clone();
        let slug = match &self.slug {
            Some(slug) => slug.clone(),
            None => match Slug::from_title(&title, &language) {
                Some(slug) => slug,
                None => {
                    let message =
                        "cannot derive a slug from the title: add one, such as --slug my-article";
                    return Err(UsageError::new(message).into());
                }
            },
        };
        let path = match &self.output {
            Some(path) => path.clone(),
            None => PathBuf::from(format!("{slug}.md")),
        };
        let folder = config.file.as_deref().and_then(Path::parent);
        let folder = folder.unwrap_or(Path::new(""));
        let text = filled(&template(folder, kind)?, &title, slug.as_str(), &language);
        write_new(&path, &text)?;
        self.edit(&path)?;
        Ok(path)
    }

    /// Returns whether JSON is printed.
    pub(super) fn format(&self) -> bool {
        self.format.json
    }

    fn edit(&self, path: &Path) -> Result<()> {
        let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        if self.no_edit || self.format.json || !is_terminal {
            return Ok(());
        }
        editor::open_file(path).with_context(|| format!("{} is written", path.display()))
    }

    pub(super) fn print(&self, path: &Path, kind: Kind) -> Result<()> {
        let (shown, command) = (path.display(), kind.command());
        if self.format.json {
            return output::json(&json!({"file": path}));
        }
        output::line(&format!("Written: {shown}"))?;
        if matches!(kind, Kind::Article) {
            output::line(&format!("  To see it:     pamphlet post preview {shown}"))?;
        }
        output::line(&format!(
            "  To publish it: pamphlet {command} publish {shown}"
        ))
    }
}

/// Reads the admin's own template, or else the program's.
fn template(folder: &Path, kind: Kind) -> Result<String> {
    let own = folder.join(kind.template());
    match fs::read_to_string(&own) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(kind.default_template().to_owned()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", own.display())),
    }
}

/// Fills a template: `{{ title }}`, `{{ slug }}`, `{{ language }}` and `{{ date }}`. In front matter, the title is quoted.
fn filled(template: &str, title: &str, slug: &str, language: &str) -> String {
    let body = ArticleFile::body_of(template);
    let front_matter = &template[..template.len() - body.len()];
    let date = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let quoted = serde_json::to_string(title).unwrap_or_default();
    let fill = |text: &str, title: &str| {
        let values = [
            ("title", title),
            ("slug", slug),
            ("language", language),
            ("date", &date),
        ];
        values.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{ {name} }}}}"), value)
        })
    };
    format!("{}{}", fill(front_matter, &quoted), fill(body, title))
}

/// Writes a file that does not exist yet.
fn write_new(path: &Path, text: &str) -> Result<()> {
    let shown = path.display();
    let mut file = match fs::File::create_new(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
            "{shown} exists already, and is left as it is: choose another title, or a file with --output"
        ),
        Err(error) => return Err(error).with_context(|| format!("cannot write {shown}")),
    };
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a file would be in the way of the next attempt.
        let _ = fs::remove_file(path);
        return Err(error).with_context(|| format!("cannot write {shown}"));
    }
    Ok(())
}
