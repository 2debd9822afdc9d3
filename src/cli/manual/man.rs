//! `pamphlet man`: manual pages for man(1), and the reference of docs/cli.md.

use super::{document, examples};
use crate::cli::common::{VERSION, output};
use anyhow::{Context, Result};
use clap::{Args, Command};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The command, such as `post publish` [default: the page about the program].
    #[arg(value_name = "COMMAND", conflicts_with_all = ["dir", "markdown"])]
    command: Vec<String>,
    /// Write the pages of all commands into this folder, such as /usr/local/share/man/man1.
    #[arg(long, value_name = "DIR", conflicts_with = "markdown")]
    dir: Option<PathBuf>,
    /// Print the reference of all commands in Markdown, as in docs/cli.md.
    #[arg(long)]
    markdown: bool,
}

impl Man {
    /// Prints or writes the pages of a program's commands.
    ///
    /// # Errors
    /// If the command is unknown, or a page can't be written.
    pub(crate) fn run(self, program: Command) -> Result<()> {
        let mut program = program.disable_help_subcommand(true);
        program.build();
        if self.markdown {
            return output::line(document::reference(&program).trim_end());
        }
        if let Some(folder) = &self.dir {
            let count = write_all(&program, folder)?;
            let folder = folder.display();
            return output::line(&format!("Written: {count} pages into {folder}"));
        }
        let mut command = &program;
        for name in &self.command {
            let found = command.find_subcommand(name);
            command = found.with_context(|| {
                let wanted = self.command.join(" ");
                format!(
                    "there is no command `pamphlet {wanted}`: run `pamphlet --help` to list all"
                )
            })?;
        }
        output::line(page(command)?.trim_end())
    }
}

/// Writes the page of a command and those below it. Returns how many.
fn write_all(command: &Command, folder: &Path) -> Result<usize> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    let path = folder.join(clap_mangen::Man::new(command.clone()).get_filename());
    std::fs::write(&path, page(command)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let below = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    below
        .map(|sub| write_all(sub, folder))
        .try_fold(1, |sum, count| Ok(sum + count?))
}

/// Returns the page of a command in the language of man(1).
fn page(command: &Command) -> Result<String> {
    // The template of the program's help is not for pages, and the examples have a section of their own.
    let man = clap_mangen::Man::new(command.clone().after_help(""))
        .source(format!("pamphlet {VERSION}"))
        .manual("Pamphlet");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.get_subcommands().any(|sub| !sub.is_hide_set()) {
        man.render_subcommands_section(&mut text)?;
    }
    let (examples, after) = examples::of(command);
    if !examples.is_empty() {
        write!(text, ".SH EXAMPLES\n.nf\n{}.fi\n", lines(&examples))?;
    }
    if !after.is_empty() {
        let after: Vec<String> = after.lines().map(str::to_owned).collect();
        write!(text, ".SH NOTES\n{}", lines(&after))?;
    }
    write!(
        text,
        ".SH \"EXIT STATUS\"\n0 for success, 1 for a failure, 2 for a usage error or a missing decision.\n"
    )?;
    Ok(String::from_utf8(text)?)
}

/// Returns lines in which no character has a meaning for man(1).
fn lines(lines: &[String]) -> String {
    let escaped = lines.iter().map(|line| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        // A full stop or an apostrophe at the beginning would be a request.
        match line.chars().next() {
            Some('.' | '\'') => format!("\\&{line}\n"),
            None => ".PP\n".to_owned(),
            _ => format!("{line}\n"),
        }
    });
    escaped.collect()
}
