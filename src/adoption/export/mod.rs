//! Exports of actors, as the programs in `config/export/` write them: one JSON object a line.

mod lines;

pub(crate) use lines::{ExportedActor, ExportedFollower, ExportedKind, ExportedObject};

use super::error::AdoptionError;
use crate::node::urls::same_origin;
use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use lines::{Header, Line};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};
use url::Url;

/// The name of the format, in the first line of each export.
const FORMAT: &str = "pamphlet-actors";
/// The version of the format that is read.
const VERSION: u64 = 1;
/// The maximum length of a line, in bytes.
const MAX_LINE: u64 = 1024 * 1024;
/// The maximum number of actors: each has two keys in memory.
const MAX_ACTORS: usize = 10_000;

/// The other software.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Software {
    WordPress,
    Ghost,
    WriteFreely,
}

impl Software {
    /// Returns the name in exports and commands.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Software::WordPress => "wordpress",
            Software::Ghost => "ghost",
            Software::WriteFreely => "writefreely",
        }
    }
}

/// An export whose form was checked. Followers and posts stay in the file, and are read again when they are needed.
#[derive(Debug)]
pub(crate) struct Export {
    path: PathBuf,
    pub(crate) software: Software,
    /// The address of the site's front page.
    pub(crate) site: Url,
    /// The other program with its version.
    pub(crate) program: String,
    /// The hash of its lines: the same export has it in each run.
    pub(crate) hash: String,
    pub(crate) actors: Vec<ExportedActor>,
    /// Whether users of this machine other than its owner can read the file.
    pub(crate) is_readable_by_others: bool,
}

impl Export {
    /// Reads an export once, from the first line to the last, and keeps its actors.
    pub(crate) fn read(path: &Path, software: Software) -> Result<Self, AdoptionError> {
        let mut lines = lines_of(path)?;
        let first = match lines.next() {
            Some(Ok((_, text))) => text,
            Some(Err(AdoptionError::Unreadable(path, error))) => {
                return Err(AdoptionError::Unreadable(path, error));
            }
            _ => return Err(AdoptionError::NotAnExport(path.to_owned())),
        };
        let header: Header = serde_json::from_str(&first)
            .map_err(|_| AdoptionError::NotAnExport(path.to_owned()))?;
        if header.format != FORMAT {
            return Err(AdoptionError::NotAnExport(path.to_owned()));
        }
        if header.version != VERSION {
            return Err(AdoptionError::Newer(header.version));
        }
        if header.software != software.name() {
            return Err(AdoptionError::OtherSoftware(
                header.software,
                software.name(),
            ));
        }
        let site = Url::parse(&header.site)
            .map_err(|error| AdoptionError::Line(1, format!("its site is no address: {error}")))?;
        let mut export = Export {
            path: path.to_owned(),
            software,
            site,
            program: header.program,
            hash: String::new(),
            actors: Vec::new(),
            is_readable_by_others: is_readable_by_others(path),
        };
        let mut is_complete = false;
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(first.as_bytes());
        for line in lines {
            let line = line?;
            hash.update(b"\n");
            hash.update(line.1.as_bytes());
            let (number, line) = parse(line)?;
            is_complete = matches!(line, Line::End {});
            if let Line::Actor(actor) = line {
                export.add(*actor, number)?;
            }
        }
        if !is_complete {
            return Err(AdoptionError::CutOff);
        }
        if export.actors.is_empty() {
            return Err(AdoptionError::NoActor);
        }
        export.hash = HEXLOWER.encode(hash.finish().as_ref());
        Ok(export)
    }

    fn add(&mut self, actor: ExportedActor, line: u64) -> Result<(), AdoptionError> {
        let id = Url::parse(&actor.id);
        if !id.is_ok_and(|id| same_origin(&id, &self.site)) {
            return Err(AdoptionError::Foreign(actor.id, line));
        }
        let is_double = self
            .actors
            .iter()
            .any(|known| known.key == actor.key || known.id == actor.id);
        if is_double {
            let text = format!("it has the actor {} again", actor.id);
            return Err(AdoptionError::Line(line, text));
        }
        if self.actors.len() >= MAX_ACTORS {
            let text = format!("it has more than {MAX_ACTORS} actors");
            return Err(AdoptionError::Line(line, text));
        }
        self.actors.push(actor);
        Ok(())
    }

    /// Reads the followers one by one.
    pub(crate) fn followers(
        &self,
    ) -> Result<
        impl Iterator<Item = Result<ExportedFollower, AdoptionError>> + Send + use<>,
        AdoptionError,
    > {
        Ok(lines_of(&self.path)?
            .skip(1)
            .filter_map(|line| match line.and_then(parse) {
                Ok((_, Line::Follower(follower))) => Some(Ok(follower)),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            }))
    }

    /// Reads the posts one by one.
    pub(crate) fn objects(
        &self,
    ) -> Result<
        impl Iterator<Item = Result<ExportedObject, AdoptionError>> + Send + use<>,
        AdoptionError,
    > {
        Ok(lines_of(&self.path)?
            .skip(1)
            .filter_map(|line| match line.and_then(parse) {
                Ok((_, Line::Object(object))) => Some(Ok(object)),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            }))
    }
}

fn parse((number, text): (u64, String)) -> Result<(u64, Line), AdoptionError> {
    // The message of serde_json has no content of the line, which may be a private key.
    let line = serde_json::from_str(&text).map_err(|error| {
        let problem = match error.classify() {
            serde_json::error::Category::Data => "a property is missing or of another type",
            _ => "it is not JSON",
        };
        AdoptionError::Line(number, problem.to_owned())
    })?;
    Ok((number, line))
}

/// Returns the lines that are not empty, with their numbers.
fn lines_of(
    path: &Path,
) -> Result<impl Iterator<Item = Result<(u64, String), AdoptionError>> + Send + use<>, AdoptionError>
{
    let unreadable = |error| AdoptionError::Unreadable(path.to_owned(), error);
    let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
    let (path, mut number) = (path.to_owned(), 0);
    Ok(std::iter::from_fn(move || {
        loop {
            let mut line = Vec::new();
            let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
            number += 1;
            match read {
                Err(error) => return Some(Err(AdoptionError::Unreadable(path.clone(), error))),
                Ok(0) => return None,
                Ok(_) if line.len() as u64 == MAX_LINE => {
                    return Some(Err(AdoptionError::Line(
                        number,
                        "it is too long".to_owned(),
                    )));
                }
                Ok(_) => {}
            }
            // Windows' tools put a byte order mark before the first line.
            let bytes = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
            match std::str::from_utf8(bytes) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Some(Ok((number, text.trim().to_owned()))),
                Err(_) => {
                    return Some(Err(AdoptionError::Line(
                        number,
                        "it is not UTF-8".to_owned(),
                    )));
                }
            }
        }
    }))
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
