//! `pamphlet config show`.

use crate::{
    cli::common::{Format, Options, output},
    config::Config,
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

/// Keys whose values are shown to nobody.
const SECRETS: [&str; 4] = [
    "notices.webhook_secret",
    "spam.akismet_key",
    "media.access_key_id",
    "media.secret_access_key",
];
const HIDDEN: &str = "***";

#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    format: Format,
}

/// A setting with its origin.
struct Setting {
    key: String,
    value: Value,
    origin: &'static str,
}

impl Show {
    pub(super) fn run(self, options: &Options) -> Result<()> {
        let config = options.load()?;
        let settings = settings(&config, options)?;
        if self.format.json {
            let file = config.file.as_ref().map(|path| path.display().to_string());
            let list = settings.iter().map(|setting| {
                json!({"key": setting.key, "value": setting.value, "origin": setting.origin})
            });
            return output::json(&json!({"file": file, "settings": list.collect::<Vec<_>>()}));
        }
        match &config.file {
            Some(file) => output::line(&format!("Configuration file: {}\n", file.display()))?,
            None => output::line("There is no configuration file.\n")?,
        }
        let rows: Vec<Vec<String>> = settings.iter().map(Setting::row).collect();
        output::table(&["SETTING", "VALUE", "ORIGIN"], &rows, "")?;
        output::line("\nAll other settings have their defaults, which config/pamphlet.toml lists.")
    }
}

impl Setting {
    fn row(&self) -> Vec<String> {
        let value = match &self.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        vec![
            self.key.clone(),
            output::one_line(&value, 200),
            self.origin.to_owned(),
        ]
    }
}

/// Returns the settings that every publication has, and those of the file.
fn settings(config: &Config, options: &Options) -> Result<Vec<Setting>> {
    let file: toml::Table = match &config.file {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .parse()?,
        None => toml::Table::new(),
    };
    let origin = |key: &str, is_flag: bool| {
        let variable = format!("PAMPHLET_{}", key.to_uppercase());
        if is_flag {
            "flag"
        } else if std::env::var(variable).is_ok_and(|value| !value.is_empty()) {
            "environment"
        } else if file.contains_key(key) {
            "file"
        } else {
            "default"
        }
    };
    let url = config.public_url.as_str().trim_end_matches('/');
    let main = [
        ("public_url", json!(url), options.public_url.is_some()),
        ("domain", json!(config.domain), options.domain.is_some()),
        ("listen", json!(config.listen), options.listen.is_some()),
        ("data", json!(config.data), options.data.is_some()),
        (
            "database_url",
            json!(without_password(&config.database_url)),
            options.database_url.is_some(),
        ),
        (
            "database_direct_url",
            json!(config.database_direct_url.as_deref().map(without_password)),
            options.database_direct_url.is_some(),
        ),
        (
            "development",
            json!(config.development),
            options.development,
        ),
        ("extra_roots", json!(config.extra_roots), false),
    ];
    let mut settings: Vec<Setting> = main
        .into_iter()
        .filter(|(_, value, _)| !value.is_null())
        .map(|(key, value, is_flag)| Setting {
            key: key.to_owned(),
            value,
            origin: origin(key, is_flag),
        })
        .collect();
    let tables = file
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_table()?)));
    for (table, entries) in tables {
        for (name, value) in entries {
            let key = format!("{table}.{name}");
            let is_overridden = table == "media"
                && std::env::var(format!("PAMPHLET_MEDIA_{}", name.to_uppercase())).is_ok();
            settings.push(Setting {
                value: shown(&key, value)?,
                key,
                origin: if is_overridden {
                    "file, overridden by the environment"
                } else {
                    "file"
                },
            });
        }
    }
    Ok(settings)
}

/// Returns a value as it is shown: secrets are hidden.
fn shown(key: &str, value: &toml::Value) -> Result<Value> {
    if SECRETS.contains(&key) {
        return Ok(json!(HIDDEN));
    }
    match value.as_str() {
        Some(text) => Ok(json!(without_password(text))),
        None => Ok(serde_json::to_value(value)?),
    }
}

/// Returns a URL without its password; any other text as it is.
fn without_password(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // Fails only for URLs that can't have a password.
            let _ = parsed.set_password(Some(HIDDEN));
            parsed.to_string()
        }
        _ => text.to_owned(),
    }
}
