//! The tokens of remote publications, in files that only the user can read.

use super::client::{Client, parse_address};
use crate::{
    base::private_files,
    cli::common::{
        Format, Yes, confirm,
        output::{self, Listing},
    },
};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    os::unix::fs::MetadataExt,
    path::PathBuf,
};
use url::Url;

/// The variable with a token, which comes before the stored one.
const VARIABLE: &str = "PAMPHLET_TOKEN";
/// The end of the names of token files.
const ENDING: &str = ".token";
/// The largest input that can be a token, in bytes.
const MAX_TOKEN: u64 = 4096;

/// Store the tokens of publications on other machines, for --remote.
#[derive(Debug, Subcommand)]
pub(crate) enum Remote {
    /// Check a token of a publication, and store it for `--remote`. It is read from the terminal or from stdin.
    #[command(after_help = "Examples:
  pamphlet remote login https://example.org
  pamphlet remote login https://example.org < token.txt")]
    Login {
        /// The address of the publication.
        #[arg(value_name = "URL")]
        address: String,
        #[command(flatten)]
        format: Format,
    },
    /// List the publications whose tokens are stored.
    #[command(after_help = "Examples:
  pamphlet remote list
  pamphlet remote list --json")]
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Forget the token of a publication. It stays valid until `pamphlet token revoke` there.
    #[command(after_help = "Examples:
  pamphlet remote logout https://example.org")]
    Logout(Logout),
}

#[derive(Debug, Args)]
pub(crate) struct Logout {
    /// The address of the publication.
    #[arg(value_name = "URL")]
    address: String,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

impl Remote {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Remote::Login { address, format } => login(&address, &format).await,
            Remote::List { format } => list(&format),
            Remote::Logout(logout) => logout.run(),
        }
    }
}

/// Returns the token for a publication, from the environment or from its file.
///
/// # Errors
/// If there is none, or others can read the file.
pub(super) fn token_for(address: &Url) -> Result<String> {
    if let Ok(token) = std::env::var(VARIABLE)
        && !token.trim().is_empty()
    {
        return Ok(token.trim().to_owned());
    }
    let path = file_of(address)?;
    let shown = path.display();
    let about = match fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let origin = origin(address);
            return Err(anyhow!(
                "there is no token for {origin}: make one there with `pamphlet token create --name laptop --scope all`, \
                 and store it with `pamphlet remote login {origin}`, or set {VARIABLE}"
            ));
        }
        about => about.with_context(|| format!("cannot read {shown}"))?,
    };
    if about.mode() & 0o077 != 0 {
        bail!(
            "others can read the token in {shown}: run `chmod go= {shown}`, and replace the token if they did"
        );
    }
    let token = fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
    Ok(token.trim().to_owned())
}

async fn login(address: &str, format: &Format) -> Result<()> {
    let address = parse_address(address)?;
    let origin = origin(&address);
    let token = read_token(&origin)?;
    let client = Client::connect(&address, token.clone()).await?;
    let path = file_of(&address)?;
    store(&path, &token).with_context(|| format!("cannot write {}", path.display()))?;
    let site = client.site();
    if format.json {
        return output::json(&json!({"url": origin, "name": site["name"], "token": site["token"]}));
    }
    let name = site["name"].as_str().unwrap_or_default();
    let scopes = site["token"]["scopes"].as_array();
    let scopes: Vec<&str> = scopes
        .into_iter()
        .flatten()
        .filter_map(|scope| scope.as_str())
        .collect();
    output::line(&format!(
        "Stored the token for {} ({origin}), with the scopes {}.\nCommands use it with --remote {origin}.",
        output::one_line(name, 80),
        scopes.join(", ")
    ))
}

fn read_token(origin: &str) -> Result<String> {
    let text = if confirm::can_ask() {
        confirm::ask_line(&format!("The token for {origin}: "))?.unwrap_or_default()
    } else {
        let mut text = String::new();
        std::io::stdin().take(MAX_TOKEN).read_to_string(&mut text)?;
        text.trim().to_owned()
    };
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!(
            "no token was given: pass the one that `pamphlet token create` printed on the server"
        );
    }
    Ok(text)
}

/// Replaces a token file, so that no moment leaves half a token.
fn store(path: &std::path::Path, token: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    private_files::create_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{token}")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn list(format: &Format) -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder()?).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(host) = name.strip_suffix(ENDING) {
            let host = host.replace('_', ":");
            let scheme = if is_loopback(host.split(':').next().unwrap_or_default()) {
                "http"
            } else {
                "https"
            };
            names.push(format!("{scheme}://{host}"));
        }
    }
    names.sort();
    let list = Listing {
        items: &names,
        headings: &["PUBLICATION"],
        empty: "No token is stored: run `pamphlet remote login URL` to store one.",
    };
    list.print(
        format,
        |name| json!({"url": name}),
        |name| vec![name.clone()],
    )
}

impl Logout {
    fn run(self) -> Result<()> {
        let address = parse_address(&self.address)?;
        let path = file_of(&address)?;
        let origin = origin(&address);
        if !path.exists() {
            bail!(
                "no token is stored for {origin}: run `pamphlet remote list` to list the publications"
            );
        }
        self.yes
            .confirm(&format!("Forget the token for {origin}?"))?;
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        if self.format.json {
            return output::json(&json!({"url": origin, "forgotten": true}));
        }
        output::line(&format!(
            "Forgot the token for {origin}. `pamphlet token revoke` on the server ends it."
        ))
    }
}

/// Returns whether a host is this machine, so that plain HTTP reveals the token to nobody.
pub(super) fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn origin(address: &Url) -> String {
    address.as_str().trim_end_matches('/').to_owned()
}

fn file_of(address: &Url) -> Result<PathBuf> {
    let host = address.host_str().unwrap_or_default();
    let name = match address.port() {
        // Colons are no good in names of files.
        Some(port) => format!("{host}_{port}{ENDING}"),
        None => format!("{host}{ENDING}"),
    };
    Ok(folder()?.join(name))
}

fn folder() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = set("XDG_CONFIG_HOME").map(PathBuf::from);
    let base = base.or_else(|| Some(PathBuf::from(set("HOME")?).join(".config")));
    let base =
        base.context("there is no place for tokens, since HOME is not set: set PAMPHLET_TOKEN")?;
    Ok(base.join("pamphlet/tokens"))
}
