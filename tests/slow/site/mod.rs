//! Every type of page in a real browser: on telephone, tablet and desk, light and dark, in languages from left to right
//! and from right to left; for the accessibility checker and for Lighthouse.

mod lighthouse;

use crate::support::{Database, both_databases, browser::Browser, sample_site::SampleSite};
use rstest_reuse::apply;
use std::path::PathBuf;

/// The widths of screens, in CSS pixels.
const WIDTHS: [u32; 3] = [375, 768, 1440];

/// With JavaScript in English on SQLite, without it in Arabic on PostgreSQL. If `PAMPHLET_SCREENSHOTS` names a folder,
/// pictures of all pages are written there.
#[apply(both_databases)]
async fn every_page_fits_every_screen(#[case] database: Database) {
    let language = language_on(database);
    let sample_site = SampleSite::open(database, language).await;
    let browser = Browser::of(&sample_site.node).await;
    let mut problems = Vec::new();
    for (kind, address) in &sample_site.pages {
        browser.goto(address).await.unwrap();
        for (width, dark) in WIDTHS
            .iter()
            .flat_map(|width| [(*width, false), (*width, true)])
        {
            browser.emulate(width, dark).await;
            let content = browser.content_width().await;
            if content > f64::from(width) {
                problems.push(format!(
                    "{kind}: {content} pixels wide on a screen of {width}"
                ));
            }
            if let Some(folder) = screenshots() {
                let shade = if dark { "dark" } else { "light" };
                let name = format!("{kind}-{language}-{width}-{shade}.png");
                std::fs::write(folder.join(name), browser.picture_of_page().await).unwrap();
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[apply(both_databases)]
async fn the_accessibility_checker_finds_nothing(#[case] database: Database) {
    let sample_site = SampleSite::open(database, language_on(database)).await;
    let browser = Browser::with_scripts().await;
    for (kind, address) in &sample_site.pages {
        for dark in [false, true] {
            browser.goto(address).await.unwrap();
            browser.emulate(1440, dark).await;
            browser.check_accessibility().await;
        }
        let complaints = browser.complaints().await;
        let is_expected = |complaint: &String| *kind == "not-found" && complaint.contains("404");
        assert!(complaints.iter().all(is_expected), "{kind}: {complaints:?}");
    }
}

fn language_on(database: Database) -> &'static str {
    if database == Database::Sqlite {
        "en"
    } else {
        "ar"
    }
}

/// Returns the folder for pictures of pages, if they are asked for.
fn screenshots() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("PAMPHLET_SCREENSHOTS")?);
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder)
}
