//! `pamphlet init`: asks for the settings of a publication, writes its configuration, and creates database and keys.

use crate::{
    base::private_files,
    cli::common::{Options, options::open_or_create, output},
    config::{Config, DEFAULT_FILE, Overrides, REFERENCE, parse_domain},
    content::Username,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    io::{BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
};

/// Set up a publication.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The user name of the handle @NAME@DOMAIN [default: blog].
    #[arg(long, value_name = "NAME")]
    username: Option<Username>,
    /// The publication's name.
    #[arg(long)]
    name: Option<String>,
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
        let answers = self.ask(options)?;
        let text = answers.to_file(options);
        check(&text, &path, options)?;
        write_new(&path, &text)?;
        let loaded = Config::load(&Overrides {
            file: Some(path.clone()),
            ..options.overrides()
        });
        let opened = match loaded {
            Ok(config) => open_or_create(config).await,
            Err(error) => Err(error.into()),
        };
        let node = match opened {
            Ok(node) => node,
            Err(error) => {
                // Removes the file, so that the next attempt starts from scratch.
                let _ = std::fs::remove_file(&path);
                return Err(error);
            }
        };
        let site = node.site().await?;
        output::line(&format!(
            "Your publication is set up.\n\n  Configuration  {}\n  Database       {}\n  Handle         {}\n  Address        {}\n\n\
             The handle and the address can't be changed later: every follower and every article refers to them.\n\
             To start the node, run `pamphlet serve`.",
            path.display(),
            without_password(&node.config.database_url),
            node.handle(&site.row),
            node.config.public_url,
        ))?;
        node.store.close().await;
        Ok(())
    }

    fn ask(self, options: &Options) -> Result<Answers> {
        let mut asker = Asker::new();
        let domain = match &options.domain {
            Some(domain) => domain.clone(),
            None => asker.ask(
                "The domain of your handle, such as example.org. It can't be changed later, because every follower refers to it.",
                "Domain",
                None,
                "--domain",
            )?,
        };
        let domain = parse_domain(domain)?;
        let public_url = match &options.public_url {
            Some(url) => url.clone(),
            None => asker.ask_with_default(
                "The address at which readers will find the site.",
                "Address",
                format!("https://{domain}"),
            )?,
        };
        let username = match self.username {
            Some(username) => username,
            None => asker
                .ask_with_default(
                    "The user name in your handle. It can't be changed later either.",
                    "User name",
                    Username::default().to_string(),
                )?
                .parse()?,
        };
        let name = match self.name {
            Some(name) => name,
            None => asker.ask_with_default(
                "The publication's name, as readers see it.",
                "Name",
                domain.clone(),
            )?,
        };
        Ok(Answers {
            domain,
            public_url,
            username,
            name,
        })
    }
}

struct Answers {
    domain: String,
    public_url: String,
    username: Username,
    name: String,
}

impl Answers {
    /// Returns the reference configuration, with these answers in place of commented-out settings.
    fn to_file(&self, options: &Options) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut settings = vec![
            ("public_url", quoted(&self.public_url)),
            ("domain", quoted(&self.domain)),
            ("username", quoted(self.username.as_str())),
            ("name", quoted(&self.name)),
        ];
        let given = [
            ("listen", options.listen.clone()),
            (
                "data",
                options.data.as_ref().map(|path| path.display().to_string()),
            ),
            ("database_url", options.database_url.clone()),
        ];
        settings.extend(
            given
                .into_iter()
                .filter_map(|(key, value)| Some((key, quoted(&value?)))),
        );
        if options.development {
            settings.push(("development", "true".into()));
        }
        let mut text = String::new();
        for line in REFERENCE.lines() {
            let key = line
                .strip_prefix('#')
                .and_then(|rest| rest.split_once(" = "))
                .map(|(key, _)| key);
            // Each setting is written once: tables further below have keys of the same names.
            match settings.iter().position(|(name, _)| Some(*name) == key) {
                Some(index) => {
                    let (name, value) = settings.remove(index);
                    text.push_str(&format!("{name} = {value}\n"));
                }
                None => text.push_str(&format!("{line}\n")),
            }
        }
        text
    }
}

/// Checks the configuration before it is written, by loading it as the node will.
fn check(text: &str, path: &Path, options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trial = folder.path().join("pamphlet.toml");
    write_new(&trial, text)?;
    let overrides = Overrides {
        file: Some(trial.clone()),
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
    file.write_all(text.as_bytes()).with_context(failure)
}

/// Returns a database URL without its password.
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

/// Asks questions on a terminal. Elsewhere, uses the defaults of settings that no flag gives.
struct Asker {
    is_terminal: bool,
}

impl Asker {
    fn new() -> Self {
        Asker {
            is_terminal: std::io::stdin().is_terminal(),
        }
    }

    fn ask(
        &mut self,
        explanation: &str,
        prompt: &str,
        default: Option<&str>,
        flag: &str,
    ) -> Result<String> {
        if !self.is_terminal {
            return match default {
                Some(default) => Ok(default.to_owned()),
                None => bail!("{prompt} is missing: set it with {flag}"),
            };
        }
        loop {
            let hint = default
                .map(|default| format!(" [{default}]"))
                .unwrap_or_default();
            print!("{explanation}\n{prompt}{hint}: ");
            std::io::stdout().flush()?;
            let mut answer = String::new();
            if std::io::stdin().lock().read_line(&mut answer)? == 0 {
                bail!("{prompt} is missing: set it with {flag}");
            }
            match (answer.trim(), default) {
                ("", Some(default)) => return Ok(default.to_owned()),
                ("", None) => {}
                (answer, _) => return Ok(answer.to_owned()),
            }
        }
    }

    fn ask_with_default(
        &mut self,
        explanation: &str,
        prompt: &str,
        default: String,
    ) -> Result<String> {
        self.ask(explanation, prompt, Some(&default), "")
    }
}
