//! The terms on which an article accepts comments.

use super::CommentPolicy;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The terms on which comments are accepted, and for how long after an article's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommentTerms {
    pub policy: CommentPolicy,
    /// In milliseconds; `None` means for ever.
    pub open_for: Option<i64>,
}

impl CommentTerms {
    /// Overrides the site's terms by those of an article; 0 days mean for ever.
    pub fn overridden_by(self, policy: Option<CommentPolicy>, days: Option<i64>) -> Self {
        CommentTerms {
            policy: policy.unwrap_or(self.policy),
            open_for: match days {
                Some(0) => None,
                Some(days) => Some(days.saturating_mul(DAY)),
                None => self.open_for,
            },
        }
    }

    /// Returns the policy at the time `now` for an article published at `published`, both in milliseconds since 1970.
    pub fn policy_at(self, now: i64, published: i64) -> CommentPolicy {
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
    fn an_article_overrides_the_site() {
        assert_eq!(SITE.overridden_by(None, None), SITE);
        assert_eq!(SITE.overridden_by(None, Some(0)).open_for, None);
        let own = SITE.overridden_by(Some(CommentPolicy::Open), Some(2));
        assert_eq!(
            (own.policy, own.open_for),
            (CommentPolicy::Open, Some(2 * DAY))
        );
    }

    #[test]
    fn comments_are_closed_after_their_time() {
        assert_eq!(SITE.policy_at(30 * DAY, 0), CommentPolicy::Moderated);
        assert_eq!(SITE.policy_at(30 * DAY + 1, 0), CommentPolicy::Closed);
        // The article is scheduled, or the clock was wrong.
        assert_eq!(SITE.policy_at(0, i64::MAX), CommentPolicy::Moderated);
        let ever = CommentTerms {
            open_for: None,
            ..SITE
        };
        assert_eq!(ever.policy_at(i64::MAX, 0), CommentPolicy::Moderated);
        assert_eq!(
            SITE.overridden_by(None, Some(i64::MAX))
                .policy_at(i64::MAX, 0),
            CommentPolicy::Moderated
        );
    }
}
