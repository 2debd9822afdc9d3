//! Posts that an actor hides from readers who are not logged in, such as the readers of our pages.

use super::ActorDocument;
use serde_json::Value;

/// The posts that an actor hides from readers who are not logged in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HiddenFromLoggedOut {
    /// Posts published up to this time are hidden, in milliseconds since 1970.
    pub before: Option<i64>,
    /// Posts of at least this age are hidden, in milliseconds.
    pub after: Option<i64>,
}

/// The greatest age, in seconds: a thousand years.
const MAX_AGE: i64 = 1000 * 365 * 24 * 3600;

impl ActorDocument {
    /// Returns the posts that the actor hides from readers who are not logged in.
    pub fn hidden_from_logged_out(&self) -> HiddenFromLoggedOut {
        if self.requires_signin || self.hides_to_public_from_unauthed_web {
            return HiddenFromLoggedOut {
                before: Some(i64::MAX),
                after: None,
            };
        }
        let limits = [&self.followers_only_before, &self.notes_hidden_before];
        let seconds: Vec<i64> = limits.into_iter().filter_map(Value::as_i64).collect();
        let times = seconds.iter().filter(|seconds| **seconds > 0);
        let ages = seconds.iter().filter(|seconds| **seconds <= 0);
        HiddenFromLoggedOut {
            before: times.max().map(|time| time.saturating_mul(1000)),
            after: ages.max().map(|age| age.max(&-MAX_AGE).abs() * 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hidden_posts_are_read_in_each_servers_form() {
        let (time, age) = (
            "_misskey_makeNotesHiddenBefore",
            "_misskey_makeNotesFollowersOnlyBefore",
        );
        for (document, before, after) in [
            (json!({}), None, None),
            (
                json!({"indexable": false, "discoverable": false}),
                None,
                None,
            ),
            (
                json!({"_misskey_requireSigninToViewContents": true}),
                Some(i64::MAX),
                None,
            ),
            (
                json!({"hidesToPublicFromUnauthedWeb": true, "hidesCcPublicFromUnauthedWeb": true}),
                Some(i64::MAX),
                None,
            ),
            // GoToSocial's default, which expresses no choice.
            (
                json!({"hidesToPublicFromUnauthedWeb": false, "hidesCcPublicFromUnauthedWeb": true}),
                None,
                None,
            ),
            (json!({time: 100, age: -60}), Some(100_000), Some(60_000)),
            (json!({time: -3600, age: -60}), None, Some(60_000)),
            (json!({time: 0, age: null}), None, Some(0)),
            (
                json!({time: i64::MIN, age: "x"}),
                None,
                Some(MAX_AGE * 1000),
            ),
        ] {
            let actor: ActorDocument = serde_json::from_value(document.clone()).unwrap();
            let expected = HiddenFromLoggedOut { before, after };
            assert_eq!(actor.hidden_from_logged_out(), expected, "{document}");
        }
    }
}
