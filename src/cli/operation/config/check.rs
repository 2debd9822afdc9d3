//! `pamphlet config check`.

use crate::{
    cli::common::{Format, Options, output},
    config::{Config, Picture, permissions},
    web,
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use std::{fs::File, path::Path};

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    format: Format,
}

impl Check {
    pub(super) fn run(self, options: &Options) -> Result<()> {
        let loaded = Config::load_reporting_all(&options.overrides());
        let (file, mistakes) = match &loaded {
            Ok(config) => (config.file.clone(), mistakes_of(config)),
            Err(errors) => (
                options.config.clone(),
                errors.iter().map(ToString::to_string).collect(),
            ),
        };
        let file = file.map(|path| path.display().to_string());
        if self.format.json {
            output::json(&json!({"ok": mistakes.is_empty(), "file": file, "mistakes": mistakes}))?;
        } else {
            mistakes
                .iter()
                .try_for_each(|mistake| output::line(mistake))?;
        }
        match mistakes.len() {
            0 if self.format.json => Ok(()),
            0 => output::line(&match file {
                Some(file) => format!("{file} has no mistakes."),
                None => "There is no configuration file; variables and flags have no mistakes."
                    .to_owned(),
            }),
            1 => bail!("the configuration has 1 mistake"),
            count => bail!("the configuration has {count} mistakes"),
        }
    }
}

/// Returns the mistakes of a configuration that can be loaded: files that can't be used, and files that others can read.
fn mistakes_of(config: &Config) -> Vec<String> {
    let mut mistakes = Vec::new();
    let site = &config.site;
    let pictures = [
        ("site.icon", &site.icon),
        ("site.image", &site.image),
        ("site.logo", &site.logo),
        ("site.cover", &site.cover),
    ];
    for (name, picture) in pictures {
        if let Some(Picture::File(path)) = picture {
            mistakes.extend(unreadable(name, path));
        }
    }
    let files = [
        ("site.stylesheet", site.stylesheet.as_deref()),
        ("tls.certificate", config.tls.certificate.as_deref()),
        ("tls.key", config.tls.key.as_deref()),
        ("extra_roots", config.extra_roots.as_deref()),
    ];
    for (name, path) in files {
        mistakes.extend(path.and_then(|path| unreadable(name, path)));
    }
    mistakes.extend(
        web::check_look(site)
            .err()
            .map(|error| format!("{error:#}")),
    );
    let open = permissions::too_permissive(config).into_iter();
    mistakes.extend(open.map(|open| {
        format!(
            "others can access {} (mode {:o}): run `{}`",
            open.path.display(),
            open.mode,
            open.remedy
        )
    }));
    mistakes
}

fn unreadable(name: &str, path: &Path) -> Option<String> {
    let problem = match File::open(path).and_then(|file| file.metadata()) {
        Ok(about) if about.is_file() => return None,
        Ok(_) => "it is not a file".to_owned(),
        Err(error) => error.to_string(),
    };
    Some(format!(
        "{name} names {}, which can't be read: {problem}",
        path.display()
    ))
}
