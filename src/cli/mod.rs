//! The command line: one folder for each group of commands. Commands print; the modules below them decide.
//!
//! Commands import `common` and no other command, except for `demo`, which runs the others.

mod actors;
mod comments;
mod common;
mod deliveries;
mod demo;
mod moderation;
mod notes;
mod operation;
mod posts;
mod social;

pub use operation::{import_site_pictures, run_node};

use crate::store::InteractionKind;
use anyhow::{Result, bail};
use clap::{CommandFactory, Parser, Subcommand};
use common::{Options, VERSION};
use operation::Logged;
use std::process::ExitCode;

/// A self-hosted blog that people follow, like and comment on from the fediverse.
#[derive(Debug, Parser)]
#[command(name = "pamphlet", version = VERSION, about, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up a publication: write its configuration, and create the database and keys.
    Init(operation::Init),
    /// Run the node: pages, federation and deliveries.
    Serve(operation::Serve),
    /// Send deliveries without serving the web.
    Worker(operation::Worker),
    /// Show a demo on this machine: two servers, a follower, an article and a reply.
    Demo(demo::Demo),
    /// Publish, list, change and delete articles.
    #[command(subcommand)]
    Post(posts::Post),
    /// Publish, list, change and delete static pages, such as About and Imprint.
    #[command(subcommand)]
    Page(posts::Page),
    /// List the site's pictures, audio and video files, and remove those that nothing uses.
    #[command(subcommand)]
    Media(operation::Media),
    /// Publish, list, show and delete short posts.
    Note(notes::Note),
    /// Reply to a comment.
    Reply(comments::Reply),
    /// Like a post on another server.
    Like(social::PostTarget),
    /// Boost a post on another server.
    Boost(social::PostTarget),
    /// Undo a note, like, boost or follow.
    Undo(social::Undo),
    /// Follow an actor on another server.
    Follow(social::FollowTarget),
    /// Unfollow an actor.
    Unfollow(social::FollowTarget),
    /// List the actors that the publication follows.
    Following(social::Following),
    /// Report a post or an actor to the moderators of its server.
    Report(social::Report),
    /// Manage the publication's authors.
    #[command(subcommand)]
    Author(actors::Author),
    /// Manage followers and follow requests.
    #[command(subcommand)]
    Followers(social::Followers),
    /// Moderate the comments on the articles.
    #[command(subcommand)]
    Comments(comments::Comments),
    /// Show the log of decisions about comments, people and hosts.
    Log(moderation::Log),
    /// Block hosts and actors.
    #[command(subcommand, visible_alias = "blocks")]
    Block(moderation::Block),
    /// Never hold comments from certain hosts and actors.
    #[command(subcommand)]
    Allow(moderation::Allow),
    /// Hold comments that contain certain words.
    #[command(subcommand)]
    Filter(moderation::Filter),
    /// Show the state of deliveries, and repair failing ones.
    #[command(subcommand)]
    Deliveries(deliveries::Deliveries),
    /// Show the limits for remote actors and hosts, and who has reached them.
    Limits(operation::Limits),
    /// Check for problems with deliveries, keys, emails and files.
    Doctor(operation::Doctor),
    /// Show received reports, mentions and private messages.
    #[command(subcommand)]
    Notices(moderation::Notices),
    /// Show the publication's actor as other servers see it, and move it.
    #[command(subcommand)]
    Actor(actors::Actor),
    /// Export personal data.
    #[command(subcommand)]
    Export(actors::Export),
    /// List quotes of the articles, and revoke approvals.
    #[command(subcommand)]
    Quotes(social::Quotes),
    /// List, approve and remove reactions to articles and comments.
    #[command(subcommand)]
    Reactions(moderation::Reactions),
    /// List and leave the collections (starter packs) that feature the publication.
    #[command(subcommand)]
    Features(social::Features),
    /// Test, list and retry emails and webhook calls.
    #[command(subcommand)]
    Mail(operation::Mail),
    /// List and rotate the signing keys of local actors.
    #[command(subcommand)]
    Keys(operation::Keys),
}

/// Parses the command line, runs the command, and turns an error into a message and an exit code.
///
/// The runtime starts here and not in `main.rs`: an async function is compiled in the crate that runs it, so the program
/// would compile much of the library a second time.
pub fn main() -> ExitCode {
    // Exits with code 2 on a usage error.
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
    if !error.is::<Logged>() {
        eprintln!("pamphlet: {error:#}");
    }
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> Result<()> {
    let options = &cli.options;
    if let Some(text) = cli.command.text_to_publish() {
        refuse_command_name(text.trim())?;
    }
    match cli.command {
        Command::Init(command) => command.run(options).await,
        Command::Serve(command) => command.run(options).await,
        Command::Worker(command) => command.run(options).await,
        Command::Demo(command) => command.run(options).await,
        Command::Post(command) => command.run(options).await,
        Command::Page(command) => command.run(options).await,
        Command::Media(command) => command.run(options).await,
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

impl Command {
    /// Returns the text that the command publishes, if it publishes a note.
    fn text_to_publish(&self) -> Option<&str> {
        match self {
            Command::Note(note) => Some(note.text()),
            Command::Reply(reply) | Command::Comments(comments::Comments::Reply(reply)) => {
                Some(reply.text())
            }
            _ => None,
        }
    }
}

fn refuse_command_name(text: &str) -> Result<()> {
    if is_command_name(text) {
        bail!(
            "{text:?} looks like a command and was not published: publish more than this word, or see \
             `pamphlet note --help`"
        );
    }
    Ok(())
}

/// Names of commands in other programs.
const COMMON_NAMES: [&str; 12] = [
    "create", "edit", "get", "help", "info", "ls", "new", "remove", "rm", "search", "status",
    "version",
];

/// Returns whether a text is the name of a command, which the user hardly meant to publish.
fn is_command_name(text: &str) -> bool {
    fn has(command: &clap::Command, name: &str) -> bool {
        command.get_subcommands().any(|sub| {
            sub.get_name() == name
                || sub.get_all_aliases().any(|alias| alias == name)
                || has(sub, name)
        })
    }
    COMMON_NAMES.contains(&text) || has(&Cli::command(), text)
}
