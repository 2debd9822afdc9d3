//! The templates of a theme: files in a folder, which replace those of the program with the same names.

use super::{DEFAULT, Files, built_in};
use minijinja::{Environment, Error, ErrorKind, TemplateSource};
use std::{
    path::{Component, Path, PathBuf},
    time::SystemTime,
};

/// The maximum number of folders in each other.
const MAX_DEPTH: usize = 4;

/// A theme that can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ThemeError {
    #[error("the theme {0} can't be read: {1}")]
    Unreadable(String, std::io::Error),
    #[error("the theme's template {file} is broken in line {line}: {message}")]
    Broken {
        file: String,
        line: usize,
        message: String,
    },
}

/// Adds the templates in a folder, and reads all, so that mistakes are found at once.
pub(super) fn add(
    environment: &mut Environment<'static>,
    folder: &Path,
    reloads: bool,
) -> Result<(), ThemeError> {
    let names = names_in(folder, Path::new(""), 0)
        .map_err(|error| ThemeError::Unreadable(folder.display().to_string(), error))?;
    let theme = folder.to_owned();
    environment.set_loader(move |name| {
        if let Some(own) = name.strip_prefix(DEFAULT) {
            return Ok(built_in(own).map(TemplateSource::from));
        }
        match from_theme(&theme, name)? {
            Some(source) => Ok(Some(source)),
            None => Ok(built_in(name).map(TemplateSource::from)),
        }
    });
    environment.set_auto_reload(reloads);
    let built_in = Files::iter().map(|name| name.into_owned());
    for name in names.into_iter().chain(built_in) {
        if let Err(error) = environment.get_template(&name) {
            return Err(describe(folder, &error));
        }
    }
    Ok(())
}

/// Returns an error with the file and the line in which it happened: those of its innermost cause.
pub(super) fn describe(folder: &Path, error: &Error) -> ThemeError {
    let mut innermost = error;
    while let Some(cause) = std::error::Error::source(innermost)
        .and_then(|cause| cause.downcast_ref::<Error>())
        .filter(|cause| cause.name().is_some())
    {
        innermost = cause;
    }
    let name = innermost.name().unwrap_or("?");
    let file = folder.join(name);
    ThemeError::Broken {
        file: if file.exists() {
            file.display().to_string()
        } else {
            name.to_owned()
        },
        line: innermost.line().unwrap_or(0),
        message: match innermost.detail() {
            Some(detail) => format!("{}: {detail}", innermost.kind()),
            None => innermost.kind().to_string(),
        },
    }
}

fn from_theme(folder: &Path, name: &str) -> Result<Option<TemplateSource>, Error> {
    let is_inside = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let path = folder.join(name);
    if !is_inside || !path.is_file() {
        return Ok(None);
    }
    let changed = modified(&path);
    let source = std::fs::read_to_string(&path).map_err(|error| {
        let problem = format!("{} can't be read: {error}", path.display());
        Error::new(ErrorKind::TemplateNotFound, problem)
    })?;
    let is_current = move || modified(&path) == changed;
    Ok(Some(
        TemplateSource::new(source).with_uptodate_check(is_current),
    ))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|file| file.modified()).ok()
}

/// Returns the names of all templates in a folder, relative to the theme.
fn names_in(theme: &Path, folder: &Path, depth: usize) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(theme.join(folder))? {
        let relative: PathBuf = folder.join(entry?.file_name());
        let path = theme.join(&relative);
        if path.is_dir() && depth < MAX_DEPTH {
            names.extend(names_in(theme, &relative, depth + 1)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            names.extend(relative.to_str().map(str::to_owned));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use crate::web::templates::Templates;
    use chrono_tz::Tz;
    use serde_json::json;

    fn theme(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    #[test]
    fn a_template_of_the_theme_can_extend_the_one_that_it_replaces() {
        let folder = theme(&[
            (
                "parts/follow.html",
                "{% include \"default/parts/follow.html\" %}<p>{{ handle }} & more</p>",
            ),
            ("parts/secret.html", "{% include \"../../etc/passwd\" %}"),
        ]);
        let templates = Templates::new("en", Tz::UTC)
            .with_theme(folder.path(), false)
            .unwrap();
        let variables = json!({"handle": "@a<b>", "follow": "/interact"});
        let rendered = templates.render_template("parts/follow.html", &variables);
        let rendered = rendered.unwrap();
        assert!(rendered.contains("href=\"/interact\""), "{rendered}");
        assert!(rendered.ends_with("<p>@a&#60;b&#62; & more</p>"));
        let outside = templates.render_template("parts/secret.html", &variables);
        assert!(outside.is_err());
    }

    #[test]
    fn a_broken_template_is_named_with_its_line() {
        let folder = theme(&[(
            "article.html",
            "{% extends \"default/article.html\" %}\n\n{% if %}",
        )]);
        let error = Templates::new("en", Tz::UTC)
            .with_theme(folder.path(), false)
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains("article.html is broken in line 3: syntax error"),
            "{error}"
        );
    }

    #[test]
    fn a_changed_file_is_read_again_only_on_demand() {
        for (reloads, expected) in [(true, "new"), (false, "old")] {
            let folder = theme(&[("problem.html", "old")]);
            let templates = Templates::new("en", Tz::UTC)
                .with_theme(folder.path(), reloads)
                .unwrap();
            let path = folder.path().join("problem.html");
            std::fs::write(&path, "new").unwrap();
            let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
            std::fs::File::open(&path)
                .unwrap()
                .set_modified(later)
                .unwrap();
            let rendered = templates.render_template("problem.html", &json!({}));
            assert_eq!(rendered.unwrap(), expected);
        }
    }
}
