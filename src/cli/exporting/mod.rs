//! `pamphlet export`: takes the publication along, and prints personal data.

mod followers;
mod person;
mod site;
mod static_site;
mod wordpress;

use crate::{
    cli::common::{Options, person::PersonArg},
    exporting::Overwrite,
};
use anyhow::Result;
use clap::{Args, Subcommand};

/// Take the publication along: export it for another node, for WordPress, or as plain HTML.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// Write everything for another machine: rows as JSON lines, Markdown, and media files.
    #[command(after_help = "Examples:
  pamphlet export site site.tar.gz
  pamphlet export site site.tar.gz --with-keys --with-private   # before a move
  pamphlet export site folder --json")]
    Site(site::Site),
    /// Write articles, pages, notes and comments in the format of WordPress's exports (WXR).
    #[command(after_help = "Examples:
  pamphlet export wordpress site.xml
  pamphlet export wordpress site.xml --with-private --force")]
    Wordpress(wordpress::Wordpress),
    /// Write all public pages as plain HTML that any web server can serve.
    #[command(after_help = "Examples:
  pamphlet export static public
  pamphlet export static /var/www/example.org --fetch-pictures --json")]
    Static(static_site::Static),
    /// Write the followers as CSV, with the addresses that another server needs.
    #[command(after_help = "Examples:
  pamphlet export followers followers.csv
  pamphlet export followers followers.csv --force --json")]
    Followers(followers::Followers),
    /// Print all data about one person as JSON, including the email address of a guest.
    #[command(after_help = "Examples:
  pamphlet export person @person@example.org > person.json
  pamphlet export person guest@example.org")]
    Person(PersonArg),
}

impl Export {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        match self {
            Export::Site(command) => command.run(options).await,
            Export::Wordpress(command) => command.run(options).await,
            Export::Static(command) => command.run(options).await,
            Export::Followers(command) => command.run(options).await,
            Export::Person(person) => person::run(&person, options).await,
        }
    }
}

/// Whether an existing file is replaced.
#[derive(Debug, Args)]
struct Force {
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

impl Force {
    fn overwrite(&self) -> Overwrite {
        match self.force {
            true => Overwrite::Yes,
            false => Overwrite::No,
        }
    }
}
