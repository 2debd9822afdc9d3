//! Sample pages, rendered.

use super::samples::*;
use crate::{
    i18n::Locale,
    web::{
        templates::{Page, Templates},
        views::*,
    },
};

/// A page that renders itself.
pub(super) trait Rendered: Page + Sized {
    fn rendered(&self) -> String {
        Templates::new("en", chrono_tz::Tz::UTC)
            .render(self)
            .unwrap()
    }
}

impl<P: Page> Rendered for P {}

pub(super) fn article_page(change: impl FnOnce(&mut Article, &mut Discussion)) -> String {
    let (mut article, mut discussion) = (article(), discussion());
    change(&mut article, &mut discussion);
    ArticlePage::new(&site(), article, discussion).rendered()
}

pub(super) fn home(articles: Vec<Summary>, paging: Paging) -> String {
    HomePage::new(
        &site(),
        link("https://example.org/users/blog"),
        articles,
        paging,
    )
    .rendered()
}

pub(super) fn profile_page() -> String {
    ProfilePage::new(&site(), profile(), summaries(), Paging::default()).rendered()
}

pub(super) fn note_page(change: impl FnOnce(&mut Note)) -> String {
    let mut note = note();
    change(&mut note);
    NotePage::new(&site(), note).rendered()
}

pub(super) fn problem_page(status: u16, problem: Problem) -> String {
    ProblemPage::new(&site(), status, problem).rendered()
}

pub(super) fn interaction_page(problem: Option<String>) -> String {
    InteractionPage::new(
        &site(),
        false,
        article().title,
        article().permalink,
        "https://example.org/articles/0198c0de".into(),
        "@you@social.example".into(),
        problem,
    )
    .rendered()
}

pub(super) fn write_page(problems: Vec<FormProblem>) -> String {
    let parent = Quoted {
        author: "A <b>reader</b>".into(),
        text: Some(QuotedText {
            content: html("<p>Why?</p>"),
            content_warning: None,
        }),
        permalink: link("#comment-7"),
    };
    let form = CommentForm {
        parent: 7,
        text: "</textarea><script>alert(1)</script>".into(),
        problems,
        ..comment_form()
    };
    let preview = Some(("Guest".to_owned(), html("<p>Because.</p>")));
    let page = article().permalink;
    WritePage::new(
        &site(),
        Locale::En,
        article().title,
        page,
        Some(parent),
        preview,
        Some(form),
    )
    .rendered()
}
