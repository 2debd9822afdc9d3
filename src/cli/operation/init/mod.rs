//! `pamphlet init`: asks for the settings of a publication, writes its configuration, and creates database and keys.

mod answers;
mod checks;
mod questions;
mod undo;

use crate::{
    base::private_files,
    cli::common::{Options, Yes, confirm, options::open_or_create, output},
    config::{Config, DEFAULT_FILE, Overrides},
    content::{Language, Username},
    node::Node,
    store::AuthorFields,
};
use answers::{Answers, Author};
use anyhow::{Context, Result, bail};
use chrono_tz::Tz;
use clap::Args;
use questions::Asker;
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use tokio::signal::unix::{SignalKind, signal};
use undo::Undo;

/// Set up a publication.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The user name of the handle @NAME@DOMAIN [default: blog].
    #[arg(long, value_name = "NAME")]
    username: Option<Username>,
    /// The publication's name.
    #[arg(long)]
    name: Option<String>,
    /// A description of one or two sentences, in Markdown.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The language of the site, such as `en` or `es-MX` [default: the system's].
    #[arg(long)]
    language: Option<Language>,
    /// The time zone of dates, such as `Europe/Berlin` [default: the system's].
    #[arg(long, value_name = "ZONE", value_parser = checks::zone_named)]
    time_zone: Option<Tz>,
    /// The name of the first author, as readers see it.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// The user name of the first author [default: derived from the name].
    #[arg(long, value_name = "NAME", requires = "author")]
    author_username: Option<Username>,
    /// The address to which notices are mailed.
    #[arg(long, value_name = "ADDRESS", requires = "mail_server")]
    mail_admin: Option<String>,
    /// The mail server, such as smtps://user:password@mail.example.org.
    #[arg(long, value_name = "URL", requires = "mail_admin")]
    mail_server: Option<String>,
    /// The sender of mails [default: blog at the domain, with the publication's name].
    #[arg(long, value_name = "ADDRESS", requires = "mail_server")]
    mail_from: Option<String>,
    #[command(flatten)]
    yes: Yes,
}

impl Init {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let path = options
            .config
            .clone()
            .unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
        if path.exists() {
            bail!(
                "{} already exists, so this publication is set up. Edit that file to change settings, or choose another \
                 file with --config",
                path.display()
            );
        }
        let answers = self.ask(&path, options)?;
        let text = answers.to_file(options);
        check(&text, &path, options)?;
        output::set_zone(answers.time_zone);
        // From here on, Ctrl-C waits until everything is there: that takes less than a second.
        let _interrupt = signal(SignalKind::interrupt())?;
        let _terminate = signal(SignalKind::terminate())?;
        let node = set_up(&path, &text, &answers, options).await?;
        print_end(&node, &path, options).await?;
        node.store.close().await;
        Ok(())
    }

    /// Asks until the admin agrees to the whole. Without a terminal, flags and defaults are the answers.
    fn ask(&self, path: &Path, options: &Options) -> Result<Answers> {
        if self.yes.is_given() || !confirm::can_ask() {
            return self.answers(&Asker::silent(), None, options);
        }
        output::line(
            "This sets up a publication. Press Enter to accept an answer in [brackets].\nCtrl-C ends without a trace.",
        )?;
        let asker = Asker::at_terminal();
        let mut answers = self.answers(&asker, None, options)?;
        loop {
            output::line(&format!("\n{}", answers.summary(path, options)))?;
            let prompt = "Set it up? Enter y for yes, n to stop, or e to edit the answers [y] ";
            let answer = confirm::ask_line(prompt)?.unwrap_or_else(|| "n".to_owned());
            match answer.to_lowercase().as_str() {
                "" | "y" | "yes" => return Ok(answers),
                "e" | "edit" => answers = self.answers(&asker, Some(&answers), options)?,
                "n" | "no" => bail!("nothing was written"),
                _ => {}
            }
        }
    }
}

/// Writes the configuration, and creates database, keys and author: all of them, or nothing.
async fn set_up(path: &Path, text: &str, answers: &Answers, options: &Options) -> Result<Node> {
    write_new(path, text)?;
    let mut undo = Undo::of_file(path);
    let config = Config::load(&Overrides {
        file: Some(path.to_owned()),
        ..options.overrides()
    })?;
    undo.remember_data(&config);
    let node = open_or_create(config).await?;
    if let Some(author) = &answers.author {
        add_author(&node, author).await?;
    }
    undo.forget();
    Ok(node)
}

async fn add_author(node: &Node, author: &Author) -> Result<()> {
    let fields = AuthorFields {
        name: author.name.clone(),
        ..AuthorFields::default()
    };
    let mut tx = node.store.begin().await?;
    tx.add_author(author.username.as_str(), &fields).await?;
    Ok(tx.commit().await?)
}

/// Checks the configuration before it is written, by loading it as the node will.
fn check(text: &str, path: &Path, options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trial = folder.path().join("pamphlet.toml");
    write_new(&trial, text)?;
    let overrides = Overrides {
        file: Some(trial.clone()),
        // Relative paths begin at the real file, whose folder the trial does not share.
        data: Some(folder.path().join("data")),
        ..options.overrides()
    };
    Config::load(&overrides).map(drop).map_err(|error| {
        let message = error.to_string();
        anyhow::anyhow!(message.replace(&trial.display().to_string(), &path.display().to_string()))
    })
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let failure = || format!("cannot write {}", path.display());
    // The file may contain a database password.
    let opened = private_files::open_options().create_new(true).open(path);
    let mut file = opened.with_context(failure)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written.with_context(failure)
}

async fn print_end(node: &Node, path: &Path, options: &Options) -> Result<()> {
    let site = node.site().await?;
    let file = path.display();
    let program = match options.config {
        Some(_) => format!("pamphlet --config {file}"),
        None => "pamphlet".to_owned(),
    };
    output::line(&format!(
        "Your publication is set up.\n\n  Configuration  {file}\n  Database       {}\n  Handle         {}\n  Address        {}\n\n\
         The handle and the address can't be changed later: every follower and every article refers to them.\n\n\
         Next steps:\n\n\
         \x20 1. Let a web server with TLS pass requests to {}, or set `acme = true` in the table [tls].\n\
         \x20    docs/installing.md has a configuration for nginx and Caddy.\n\
         \x20 2. Start the node:      {program} serve\n\
         \x20 3. Check everything:    {program} doctor\n\
         \x20 4. Write an article:    {program} post new \"My first article\"",
        without_password(&node.config.database_url),
        node.handle(&site.row),
        node.config.public_url,
        node.config.listen,
    ))
}

/// Returns a URL without its password.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // Fails only for URLs that can't have a password.
            let _ = parsed.set_password(Some("***"));
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}
