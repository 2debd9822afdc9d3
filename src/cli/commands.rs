//! The list of commands, and which code runs each.

use super::{
    actors, backup, comments,
    common::{Options, VERSION},
    deliveries, demo, doctor, exporting, importing, inspect, manual, moderation, notes, operation,
    posts, publication, remote, social, status, tags, tokens,
};
use crate::store::InteractionKind;
use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

/// A self-hosted blog that people follow, like and comment on from the fediverse.
#[derive(Debug, Parser)]
#[command(name = "pamphlet", version = VERSION, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) options: Options,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Returns the description of the whole command line.
pub(super) fn program() -> clap::Command {
    manual::arrange(Cli::command())
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set up a publication: write its configuration, and create the database and keys.
    #[command(after_help = "Examples:
  pamphlet init
  pamphlet init --domain example.org --name \"On Paper\" --language en --time-zone Europe/Berlin --author \"Ada Lovelace\"
  pamphlet init --config /etc/pamphlet/pamphlet.toml --data /var/lib/pamphlet --domain example.org")]
    Init(operation::Init),
    /// Run the node: pages, federation and deliveries.
    #[command(after_help = "Examples:
  pamphlet serve
  pamphlet serve --no-worker
  pamphlet serve --config /etc/pamphlet/pamphlet.toml")]
    Serve(operation::Serve),
    /// Send deliveries without serving the web.
    #[command(after_help = "Examples:
  pamphlet worker")]
    Worker(operation::Worker),
    /// Show a demo on this machine: two servers, a follower, an article and a reply.
    #[command(after_help = "Examples:
  pamphlet demo")]
    Demo(demo::Demo),
    /// Show the state of the publication on one screen.
    Status(status::Status),
    /// Show followers over time, the reach of articles, and the servers of readers.
    Stats(status::Stats),
    /// Show what comes in and goes out, as it happens.
    Tail(status::Tail),
    /// Publish, list, change and delete articles.
    #[command(subcommand)]
    Post(posts::Post),
    /// Publish, list, change and delete static pages, such as About and Imprint.
    #[command(subcommand)]
    Page(posts::Page),
    /// Make a folder of Markdown files the truth: create, change and delete articles and pages as its files say.
    Sync(super::sync::Sync),
    /// Bring over a publication of other software, with its comments, pictures and addresses.
    #[command(subcommand)]
    Import(importing::Import),
    /// List the tags of the articles, rename and merge them.
    #[command(subcommand)]
    Tag(tags::Tag),
    /// List the site's pictures, audio and video files, and remove those that nothing uses.
    #[command(subcommand)]
    Media(operation::Media),
    /// Publish, list, show and delete short posts.
    Note(notes::Note),
    /// Reply to a comment.
    #[command(after_help = "Examples:
  pamphlet reply 12 \"Thank you, corrected.\"")]
    Reply(comments::Reply),
    /// Like a post on another server.
    #[command(after_help = "Examples:
  pamphlet like https://example.org/@friend/1234")]
    Like(social::PostTarget),
    /// Boost a post on another server.
    #[command(after_help = "Examples:
  pamphlet boost https://example.org/@friend/1234")]
    Boost(social::PostTarget),
    /// Undo a note, like, boost or follow.
    #[command(after_help = "Examples:
  pamphlet undo note-3
  pamphlet undo https://example.org/@friend/1234")]
    Undo(social::Undo),
    /// Follow an actor on another server.
    #[command(after_help = "Examples:
  pamphlet follow @friend@example.org")]
    Follow(social::FollowTarget),
    /// Unfollow an actor.
    #[command(after_help = "Examples:
  pamphlet unfollow @friend@example.org")]
    Unfollow(social::FollowTarget),
    /// List the actors that the publication follows.
    #[command(after_help = "Examples:
  pamphlet following
  pamphlet following --json")]
    Following(social::Following),
    /// Report a post or an actor to the moderators of its server.
    #[command(after_help = "Examples:
  pamphlet report https://example.org/@pest/99 \"Insults in the comments\"")]
    Report(social::Report),
    /// Make, check and restore encrypted backups of everything.
    #[command(subcommand)]
    Backup(backup::Backup),
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
    #[command(after_help = "Examples:
  pamphlet log
  pamphlet log --about 12
  pamphlet log --about example.net --json")]
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
    #[command(after_help = "Examples:
  pamphlet limits
  pamphlet limits --all
  pamphlet limits --days 7 --json")]
    Limits(operation::Limits),
    Doctor(doctor::Doctor),
    Fetch(inspect::Fetch),
    /// Store the tokens of publications on other machines, for --remote.
    #[command(subcommand)]
    Remote(remote::Remote),
    /// Check the configuration, and show where its values come from.
    #[command(subcommand)]
    Config(operation::Config),
    ExplainActivity(inspect::ExplainActivity),
    /// Show received reports, mentions and private messages.
    #[command(subcommand)]
    Notices(moderation::Notices),
    /// Show the publication's actor as other servers see it, and move it.
    #[command(subcommand)]
    Actor(actors::Actor),
    /// End the publication, or change its domain.
    #[command(subcommand)]
    Publication(publication::Publication),
    /// Take the publication along: export it for another node, for WordPress, or as plain HTML.
    #[command(subcommand)]
    Export(exporting::Export),
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
    /// Make, list and revoke tokens, by which programs use the API and Micropub.
    #[command(subcommand)]
    Token(tokens::Token),
    /// List and rotate the signing keys of local actors.
    #[command(subcommand)]
    Keys(operation::Keys),
    /// Print the script that completes commands and values in a shell.
    #[command(after_help = "Examples:
  pamphlet completions bash > ~/.local/share/bash-completion/completions/pamphlet
  pamphlet completions zsh > ~/.zfunc/_pamphlet
  pamphlet completions fish > ~/.config/fish/completions/pamphlet.fish")]
    Completions(manual::Completions),
    /// Print or install manual pages.
    #[command(after_help = "Examples:
  pamphlet man post publish | man -l -
  pamphlet man --dir /usr/local/share/man/man1")]
    Man(manual::Man),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// The command's error.
    pub(super) async fn run(self, options: &Options) -> Result<()> {
        match self {
            Self::Init(command) => command.run(options).await,
            Self::Serve(command) => command.run(options).await,
            Self::Worker(command) => command.run(options).await,
            Self::Demo(command) => command.run(options).await,
            Self::Status(command) => command.run(options).await,
            Self::Stats(command) => command.run(options).await,
            Self::Tail(command) => command.run(options).await,
            Self::Post(command) => command.run(options).await,
            Self::Page(command) => command.run(options).await,
            Self::Sync(command) => command.run(options).await,
            Self::Import(command) => command.run(options).await,
            Self::Tag(command) => command.run(options).await,
            Self::Media(command) => command.run(options).await,
            Self::Note(command) => command.run(options).await,
            Self::Reply(command) => command.run(options).await,
            Self::Like(command) => command.run(options, InteractionKind::Like).await,
            Self::Boost(command) => command.run(options, InteractionKind::Boost).await,
            Self::Undo(command) => command.run(options).await,
            Self::Follow(command) => command.follow(options).await,
            Self::Unfollow(command) => command.unfollow(options).await,
            Self::Following(command) => command.run(options).await,
            Self::Report(command) => command.run(options).await,
            Self::Backup(command) => command.run(options).await,
            Self::Author(command) => command.run(options).await,
            Self::Followers(command) => command.run(options).await,
            Self::Comments(command) => command.run(options).await,
            Self::Log(command) => command.run(options).await,
            Self::Block(command) => command.run(options).await,
            Self::Allow(command) => command.run(options).await,
            Self::Filter(command) => command.run(options).await,
            Self::Deliveries(command) => command.run(options).await,
            Self::Limits(command) => command.run(options).await,
            Self::Doctor(command) => command.run(options).await,
            Self::Fetch(command) => command.run(options).await,
            Self::Config(command) => command.run(options),
            Self::Remote(command) => command.run().await,
            Self::ExplainActivity(command) => command.run(options).await,
            Self::Notices(command) => command.run(options).await,
            Self::Actor(command) => command.run(options).await,
            Self::Publication(command) => command.run(options).await,
            Self::Export(command) => command.run(options).await,
            Self::Quotes(command) => command.run(options).await,
            Self::Reactions(command) => command.run(options).await,
            Self::Features(command) => command.run(options).await,
            Self::Mail(command) => command.run(options).await,
            Self::Token(command) => command.run(options).await,
            Self::Keys(command) => command.run(options).await,
            Self::Completions(command) => command.run(),
            Self::Man(command) => command.run(program()),
        }
    }

    /// Returns the text that the command publishes, if it publishes a note.
    pub(super) fn text_to_publish(&self) -> Option<&str> {
        match self {
            Self::Note(note) => Some(note.text()),
            Self::Reply(reply) | Self::Comments(comments::Comments::Reply(reply)) => {
                Some(reply.text())
            }
            _ => None,
        }
    }
}
