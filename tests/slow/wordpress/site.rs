//! The WordPress of the tests, made once for all of them.

use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use tokio::sync::OnceCell;

static SITE: OnceCell<Site> = OnceCell::const_new();

/// A site of WordPress: its export, its files, and what it showed.
pub(super) struct Site {
    export: String,
    uploads: String,
    pub(super) posts: Vec<Shown>,
    pub(super) pages: Vec<Shown>,
}

#[derive(Deserialize)]
struct Expected {
    posts: Vec<Shown>,
    pages: Vec<Shown>,
}

/// A post or a page as WordPress shows it.
#[derive(Deserialize)]
pub(super) struct Shown {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) slug: String,
    pub(super) status: String,
    /// Seconds since 1970.
    pub(super) date: i64,
    pub(super) author: String,
    pub(super) tags: Vec<String>,
    pub(super) text: String,
    pub(super) images: Vec<String>,
    pub(super) thumbnail: Option<String>,
    pub(super) link: String,
    pub(super) open: bool,
    pub(super) comments: Vec<ShownComment>,
}

#[derive(Deserialize)]
pub(super) struct ShownComment {
    pub(super) id: i64,
    pub(super) parent: i64,
    pub(super) state: String,
    pub(super) author: String,
    pub(super) date: i64,
    pub(super) text: String,
}

impl Site {
    /// Returns the site. The first call makes it.
    pub(super) async fn get() -> &'static Site {
        SITE.get_or_init(|| async { tokio::task::spawn_blocking(Site::make).await.unwrap() })
            .await
    }

    fn make() -> Site {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("wordpress");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slow/wordpress/start.sh");
        let made = Command::new(script).arg(&folder).output().unwrap();
        assert!(
            made.status.success(),
            "{}{}",
            String::from_utf8_lossy(&made.stdout),
            String::from_utf8_lossy(&made.stderr)
        );
        let expected = std::fs::read(folder.join("expected.json")).unwrap();
        let Expected { posts, pages } = serde_json::from_slice(&expected).unwrap();
        assert!(posts.len() > 190 && pages.len() == 4);
        let path = |name: &str| folder.join(name).display().to_string();
        Site {
            export: path("export.xml"),
            uploads: path("wp-content/uploads"),
            posts,
            pages,
        }
    }

    pub(super) fn export(&self) -> &str {
        &self.export
    }

    pub(super) fn uploads(&self) -> &str {
        &self.uploads
    }
}
