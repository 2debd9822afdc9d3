//! On which terms an article takes comments.

use super::CommentPolicy;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// On which terms comments are taken, and for how long after an article's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommentTerms {
    pub policy: CommentPolicy,
    /// In milliseconds; `None` is for ever.
    pub open_for: Option<i64>,
}

impl CommentTerms {
    /// These terms of a site, with what an article says otherwise; 0 days are for ever.
    pub fn but(self, policy: Option<CommentPolicy>, days: Option<i64>) -> Self {
        CommentTerms {
            policy: policy.unwrap_or(self.policy),
            open_for: match days {
                Some(0) => None,
                Some(days) => Some(days.saturating_mul(DAY)),
                None => self.open_for,
            },
        }
    }

    /// What holds at the time `now` for an article of the time `published` (both in milliseconds since 1970).
    pub fn at(self, now: i64, published: i64) -> CommentPolicy {
        match self.open_for {
            Some(span) if now.saturating_sub(published) > span => CommentPolicy::Closed,
            _ => self.policy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: CommentTerms = CommentTerms {
        policy: CommentPolicy::Moderated,
        open_for: Some(30 * DAY),
    };

    #[test]
    fn an_article_may_differ_from_the_site() {
        assert_eq!(SITE.but(None, None), SITE);
        assert_eq!(SITE.but(None, Some(0)).open_for, None);
        let own = SITE.but(Some(CommentPolicy::Open), Some(2));
        assert_eq!(
            (own.policy, own.open_for),
            (CommentPolicy::Open, Some(2 * DAY))
        );
    }

    #[test]
    fn after_so_many_days_comments_are_closed() {
        assert_eq!(SITE.at(30 * DAY, 0), CommentPolicy::Moderated);
        assert_eq!(SITE.at(30 * DAY + 1, 0), CommentPolicy::Closed);
        // An article of tomorrow, or a clock that was wrong.
        assert_eq!(SITE.at(0, i64::MAX), CommentPolicy::Moderated);
        let ever = CommentTerms {
            open_for: None,
            ..SITE
        };
        assert_eq!(ever.at(i64::MAX, 0), CommentPolicy::Moderated);
        assert_eq!(
            SITE.but(None, Some(i64::MAX)).at(i64::MAX, 0),
            CommentPolicy::Moderated
        );
    }
}
