//! The command line: one file per group of commands. They print; the floors below decide.

mod actor;
mod allows;
mod authors;
mod blocks;
mod comments;
mod deliveries;
mod demo;
mod doctor;
mod features;
mod filters;
mod followers;
mod init;
mod interactions;
mod keys;
mod limits;
mod log;
mod mail;
mod notes;
mod notices;
mod output;
mod people;
mod posts;
mod quotes;
mod reactions;
mod serve;

pub use serve::{run_node, take_in_pictures};

use crate::{
    base::private_files,
    config::{Config, Overrides, permissions},
    node::{Node, local_actors::Local},
    store::{InteractionKind, Store},
};
use anyhow::{Context, Result};
use clap::{Args, CommandFactory, Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode, sync::Arc};

/// A publishing node for the fediverse.
#[derive(Debug, Parser)]
#[command(name = "pamphlet", version = VERSION, about, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("PAMPHLET_COMMIT"));

/// Options of every command; each wins over the environment and the configuration file.
#[derive(Debug, Args)]
struct Options {
    /// The configuration file [default: ./pamphlet.toml if there is one].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where others find this node, as in https://example.org.
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// The domain of the handle, if it is another.
    #[arg(long, global = true)]
    domain: Option<String>,
    /// The address to listen on.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The folder for database and media.
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The database: sqlite://PATH or postgres://...
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Development mode: http, ports and loopback addresses are allowed for peers.
    #[arg(long, global = true)]
    development: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up a publication: write the configuration, make the database and keys.
    Init(init::Init),
    /// Run the node: pages, federation and deliveries.
    Serve(serve::Serve),
    /// Deliver what is published, without serving the web.
    Worker(serve::Worker),
    /// Show it all: two nodes on this machine, a follower, an article, a reply.
    Demo(demo::Demo),
    /// Write, list and withdraw articles.
    #[command(subcommand)]
    Post(posts::Post),
    /// Publish a short post to the followers; list, show and delete such posts.
    Note(notes::Note),
    /// Answer a comment.
    Reply(notes::Reply),
    /// Like a post of another server.
    Like(interactions::OnPost),
    /// Pass a post of another server on to the followers.
    Boost(interactions::OnPost),
    /// Take a note, like, boost or follow back.
    Undo(interactions::Undo),
    /// Follow an actor of another server.
    Follow(interactions::OnActor),
    /// Follow an actor no longer.
    Unfollow(interactions::OnActor),
    /// List whom the publication follows.
    Following(interactions::Following),
    /// Report a post or an actor to the moderators of its server.
    Report(interactions::Report),
    /// Name the people who write.
    #[command(subcommand)]
    Author(authors::Author),
    /// See who follows.
    #[command(subcommand)]
    Followers(followers::Followers),
    /// Moderate the replies under the articles.
    #[command(subcommand)]
    Comments(comments::Comments),
    /// See what was decided about comments, people and hosts.
    Log(log::Log),
    /// Shut out hosts and actors.
    #[command(subcommand, visible_alias = "blocks")]
    Block(blocks::Block),
    /// Never hold back comments of hosts and actors.
    #[command(subcommand)]
    Allow(allows::Allow),
    /// Hold back comments by their words.
    #[command(subcommand)]
    Filter(filters::Filter),
    /// See how deliveries go.
    #[command(subcommand)]
    Deliveries(deliveries::Deliveries),
    /// See what others may cost, and who has reached which limit.
    Limits(limits::Limits),
    /// Look for problems with deliveries, keys, mails and files, on one page.
    Doctor(doctor::Doctor),
    /// Reports, mentions and private answers that came in.
    #[command(subcommand)]
    Notices(notices::Notices),
    /// See the publication's actor as other servers do.
    #[command(subcommand)]
    Actor(actor::Actor),
    /// Print what is kept about somebody.
    #[command(subcommand)]
    Export(people::Export),
    /// See who quotes the articles, and take admissions back.
    #[command(subcommand)]
    Quotes(quotes::Quotes),
    /// See the reactions to articles and comments, and remove them.
    #[command(subcommand)]
    Reactions(reactions::Reactions),
    /// See the collections (starter packs) that feature the publication, and leave them.
    #[command(subcommand)]
    Features(features::Features),
    /// See whether mails go out, and what became of them.
    #[command(subcommand)]
    Mail(mail::Mail),
    /// See and replace the keys that actors sign with.
    #[command(subcommand)]
    Keys(keys::Keys),
}

/// Parses the command line, runs the command, and turns an error into a message and an exit code.
///
/// The runtime starts here and not in `main.rs`: an async function is compiled in the crate that runs it, so the program
/// would compile much of the library a second time.
pub fn main() -> ExitCode {
    // A mistake on the command line ends here, with exit code 2.
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    if !error.is::<serve::Logged>() {
        eprintln!("pamphlet: {error:#}");
    }
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> Result<()> {
    let options = &cli.options;
    match cli.command {
        Command::Init(command) => command.run(options).await,
        Command::Serve(command) => command.run(options).await,
        Command::Worker(command) => command.run(options).await,
        Command::Demo(command) => command.run(options).await,
        Command::Post(command) => command.run(options).await,
        Command::Note(command) => command.run(options).await,
        Command::Reply(command) => command.run(options).await,
        Command::Like(command) => command.run(options, InteractionKind::Like).await,
        Command::Boost(command) => command.run(options, InteractionKind::Boost).await,
        Command::Undo(command) => command.run(options).await,
        Command::Follow(command) => command.follow(options).await,
        Command::Unfollow(command) => command.unfollow(options).await,
        Command::Following(command) => command.run(options).await,
        Command::Report(command) => command.run(options).await,
        Command::Author(command) => command.run(options).await,
        Command::Followers(command) => command.run(options).await,
        Command::Comments(command) => command.run(options).await,
        Command::Log(command) => command.run(options).await,
        Command::Block(command) => command.run(options).await,
        Command::Allow(command) => command.run(options).await,
        Command::Filter(command) => command.run(options).await,
        Command::Deliveries(command) => command.run(options).await,
        Command::Limits(command) => command.run(options).await,
        Command::Doctor(command) => command.run(options).await,
        Command::Notices(command) => command.run(options).await,
        Command::Actor(command) => command.run(options).await,
        Command::Export(command) => command.run(options).await,
        Command::Quotes(command) => command.run(options).await,
        Command::Reactions(command) => command.run(options).await,
        Command::Features(command) => command.run(options).await,
        Command::Mail(command) => command.run(options).await,
        Command::Keys(command) => command.run(options).await,
    }
}

impl Options {
    fn overrides(&self) -> Overrides {
        Overrides {
            file: self.config.clone(),
            public_url: self.public_url.clone(),
            domain: self.domain.clone(),
            listen: self.listen.clone(),
            data: self.data.clone(),
            database_url: self.database_url.clone(),
            development: self.development,
            without_file: false,
        }
    }

    fn load(&self) -> Result<Config> {
        Ok(Config::load(&self.overrides())?)
    }

    /// Opens the node for a command that works on an existing database. If the command created one, a run in the
    /// wrong folder would seem to succeed.
    async fn node(&self) -> Result<Node> {
        let config = self.load()?;
        permissions::restrict(&config, false);
        Self::node_of(config).await
    }

    async fn node_of(config: Config) -> Result<Node> {
        let store = Store::open_for_command(&config.database_url).await?;
        Ok(Node::open(config, store).await?)
    }
}

/// Names that other programs give to commands.
const USUAL_NAMES: [&str; 12] = [
    "create", "edit", "get", "help", "info", "ls", "new", "remove", "rm", "search", "status",
    "version",
];

/// Returns whether a text is a single word that is the name of a command; the user hardly meant to publish it.
fn is_command_name(text: &str) -> bool {
    fn has(command: &clap::Command, name: &str) -> bool {
        command.get_subcommands().any(|sub| {
            sub.get_name() == name
                || sub.get_all_aliases().any(|alias| alias == name)
                || has(sub, name)
        })
    }
    USUAL_NAMES.contains(&text) || has(&Cli::command(), text)
}

/// An actor of this node by its user name; the publication's without one.
async fn local_actor(node: &Node, username: Option<&str>) -> Result<Arc<Local>> {
    match username {
        Some(name) => node
            .locals
            .by_name(&node.store, name)
            .await?
            .with_context(|| format!("there is no actor {name} on this node")),
        None => Ok(node.site().await?),
    }
}

/// Opens the database that the configuration names, and the node on it.
async fn open(config: Config) -> Result<Node> {
    make_data_folder(&config)?;
    let store = Store::open(&config.database_url).await?;
    Ok(Node::open(config, store).await?)
}

fn make_data_folder(config: &Config) -> Result<()> {
    private_files::create_folder(&config.data)
        .with_context(|| format!("the data folder {} can't be made", config.data.display()))?;
    permissions::restrict(config, false);
    Ok(())
}
