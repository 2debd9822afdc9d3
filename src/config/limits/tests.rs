//! The table of limits, and what the documents say of it.

use super::*;

#[test]
fn values_and_factors_are_read() {
    let limits: Limits = toml::from_str(
        "comments_of_actor = 7\n[domains]\n\"Masto.example\" = 20\n\"x.masto.example\" = 0.5",
    )
    .unwrap();
    assert_eq!(limits.value(Limit::CommentsOfActor), 7);
    assert_eq!(limits.value(Limit::CommentsOfDomain), 600);
    for (host, factor) in [
        ("masto.example", 20.0),
        ("a.masto.example", 20.0),
        ("a.masto.example:8443", 20.0),
        ("x.masto.example", 0.5),
        ("example", 1.0),
        ("notmasto.example", 1.0),
    ] {
        assert!(
            (limits.factor(host) - factor).abs() < f64::EPSILON,
            "{host}"
        );
    }
}

#[test]
fn invalid_limits_are_refused() {
    for (text, part) in [
        ("coments_of_actor = 7", "unknown limit \"coments_of_actor\""),
        ("comments_of_actor = 0", "at least 1"),
        ("comments_of_actor = -1", "-1"),
        ("[domains]\n\"a.example\" = 0", "above 0"),
        ("[domains]\n\"a b\" = 2", "domain"),
    ] {
        let error = toml::from_str::<Limits>(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn keys_are_unique() {
    for limit in Limit::ALL {
        assert_eq!(Limit::from_key(limit.key()), Some(*limit));
    }
}

#[test]
fn the_documents_list_every_limit() {
    let docs = include_str!("../../../docs/limits.md");
    for limit in Limit::ALL {
        let rule = limit.rule();
        let row = format!(
            "| `{}` | {} | {} | {} | {} |",
            rule.key,
            rule.resource,
            rule.scope,
            rule.value_with_period(),
            rule.consequence
        );
        assert!(docs.contains(&row), "docs/limits.md lacks this row:\n{row}");
        let option = format!("\n#{} = {}\n", rule.key, rule.default);
        assert!(
            crate::config::REFERENCE.contains(&option),
            "config/pamphlet.toml lacks: {option}"
        );
    }
}
