//! The archive: the years, and the articles of a year by month.

use super::locale_of;
use crate::{
    base::time,
    i18n::Locale,
    store::{Cursor, MonthCount},
    web::{
        app::{App, article_links, own_link},
        pages::lists::{ListQuery, link_before},
        response::{self, WebError, shared},
        views::{ArchivePage, ArticleLink, Month, Paging, Year, YearPage},
    },
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};

/// The maximum number of articles on a page.
const PAGE: i64 = 100;

/// `GET /archive`.
pub(crate) async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, WebError> {
    let counts = app.node.store.read().await?.articles_by_month().await?;
    let page = ArchivePage::new(
        &app.site,
        locale_of(&app).text("archive-title").into_owned(),
        own_link(&app.node.urls().at("/archive")),
        years_of(&counts, locale_of(&app)),
    );
    response::page(&headers, app.render(&page), None).map(shared)
}

/// `GET /archive/{year}`.
pub(crate) async fn year(
    State(app): State<App>,
    Path(text): Path<String>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let year = parse_year(&text).ok_or(WebError::NotFound)?;
    let path = format!("/archive/{text}");
    let (since, until) = (millis(year, 1), millis(year + 1, 1));
    let first = Cursor { at: until, id: 0 };
    let after = match &query.before {
        Some(_) => query.cursor()?,
        None => first,
    };
    let after = if after.at >= until { first } else { after };
    let mut conn = app.node.store.read().await?;
    let rows = conn.article_links(since, after, PAGE).await?;
    let newer = match query.before {
        None => None,
        Some(_) => Some(
            match conn.article_links_page_before(until, after, PAGE).await? {
                Some(cursor) => link_before(&path, cursor),
                None => own_link(&path),
            },
        ),
    };
    let last = rows.last().filter(|_| rows.len() as i64 == PAGE);
    let older = last.map(|last| {
        let cursor = Cursor {
            at: last.published_at,
            id: last.id,
        };
        link_before(&path, cursor)
    });
    let counts = conn.articles_by_month().await?;
    if !counts.iter().any(|count| count.year == year) {
        return Err(WebError::NotFound);
    }
    let times: Vec<i64> = rows.iter().map(|row| row.published_at).collect();
    let links = article_links(&app.node, &mut conn, rows).await?;
    let (newer_years, older_years): (Vec<MonthCount>, Vec<MonthCount>) = counts
        .iter()
        .filter(|count| count.year != year)
        .partition(|count| count.year > year);
    let locale = locale_of(&app);
    let title = locale.text_with("archive-of-year", &[("year", text.clone().into())]);
    let page = YearPage::new(
        &app.site,
        title,
        own_link(&app.node.urls().at(&path)),
        months_of(&times, links, &counts, locale),
        Paging { newer, older },
    )
    .between(
        years_of(&newer_years, locale).pop(),
        years_of(&older_years, locale).into_iter().next(),
    );
    response::page(&headers, app.render(&page), None).map(shared)
}

fn parse_year(text: &str) -> Option<i32> {
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = text.parse().ok().filter(|_| is_year)?;
    (1..=9998).contains(&year).then_some(year)
}

/// Returns the first millisecond of a month (UTC).
fn millis(year: i32, month: u32) -> i64 {
    let day = NaiveDate::from_ymd_opt(year, month, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    day.map_or(0, |day| day.and_utc().timestamp_millis())
}

/// Groups months, newest first, into years.
fn years_of(counts: &[MonthCount], locale: Locale) -> Vec<Year> {
    let mut years: Vec<Year> = Vec::new();
    for count in counts {
        let month = month_of(count, Vec::new(), locale);
        match years.last_mut().filter(|year| year.year == count.year) {
            Some(year) => {
                year.articles += count.articles;
                year.months.push(month);
            }
            None => years.push(Year {
                year: count.year,
                url: own_link(&format!("/archive/{:04}", count.year)),
                articles: count.articles,
                months: vec![month],
            }),
        }
    }
    years
}

fn month_of(count: &MonthCount, articles: Vec<ArticleLink>, locale: Locale) -> Month {
    let (year, month) = (count.year, count.month);
    let (next_year, next_month) = match month {
        12 => (year + 1, 1),
        _ => (year, month + 1),
    };
    let from_here = Cursor {
        at: millis(next_year, next_month),
        id: 0,
    };
    Month {
        name: name_of(month, locale),
        id: format!("{year:04}-{month:02}"),
        count: count.articles,
        url: link_before(&format!("/archive/{year:04}"), from_here),
        articles,
    }
}

/// The texts with the names of the months.
const MONTHS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8",
    "month-9", "month-10", "month-11", "month-12",
];

fn name_of(month: u32, locale: Locale) -> String {
    let key = MONTHS.get(month.saturating_sub(1) as usize);
    key.map_or_else(String::new, |key| locale.text(key).into_owned())
}

/// Groups links to articles, published at `times`, into months.
fn months_of(
    times: &[i64],
    links: Vec<ArticleLink>,
    counts: &[MonthCount],
    locale: Locale,
) -> Vec<Month> {
    let mut months: Vec<(i32, u32, Vec<ArticleLink>)> = Vec::new();
    for (at, link) in times.iter().zip(links) {
        let date: DateTime<Utc> = time::from_millis(*at);
        let (year, month) = (date.year(), date.month());
        match months.last_mut() {
            Some((y, m, articles)) if (*y, *m) == (year, month) => articles.push(link),
            _ => months.push((year, month, vec![link])),
        }
    }
    let months = months.into_iter().map(|(year, month, articles)| {
        let known = counts
            .iter()
            .find(|count| (count.year, count.month) == (year, month));
        let count = known.map_or(articles.len() as i64, |known| known.articles);
        let count = MonthCount {
            year,
            month,
            articles: count,
        };
        month_of(&count, articles, locale)
    });
    months.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_four_digits() {
        assert_eq!(parse_year("2026"), Some(2026));
        assert_eq!(parse_year("0800"), Some(800));
        for text in [
            "", "26", "02026", "-026", "+026", "2026 ", "٢٠٢٦", "0000", "9999",
        ] {
            assert_eq!(parse_year(text), None, "{text}");
        }
    }

    #[test]
    fn months_are_grouped_into_years() {
        let count = |year, month, articles| MonthCount {
            year,
            month,
            articles,
        };
        let years = years_of(
            &[count(2026, 2, 3), count(2026, 1, 1), count(2024, 12, 5)],
            Locale::En,
        );
        let summary: Vec<_> = years
            .iter()
            .map(|year| (year.year, year.articles, year.months.len()))
            .collect();
        assert_eq!(summary, [(2026, 4, 2), (2024, 5, 1)]);
        let december = years[1].months[0].url.to_string();
        assert_eq!(
            december,
            format!("/archive/2024?before={}-0", millis(2025, 1))
        );
    }
}
