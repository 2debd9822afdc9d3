//! The few classes of highlighted code, chosen by the scopes of the grammars.

use syntect::parsing::Scope;

/// The prefixes of scopes with their classes, the most specific first: `c` comment, `k` keyword, `s` string, `n` number or
/// constant, `f` function, `t` type or tag, `a` attribute or key, `i` inserted and `d` deleted line.
const PREFIXES: &[(&str, Option<&str>)] = &[
    ("comment", Some("c")),
    ("punctuation.definition.comment", Some("c")),
    ("string", Some("s")),
    ("punctuation.definition.string", Some("s")),
    ("constant.character.escape", Some("n")),
    ("constant.other.placeholder", Some("n")),
    ("constant", Some("n")),
    ("keyword.operator.assignment", None),
    ("keyword.operator.word", Some("k")),
    ("keyword.operator.logical.python", Some("k")),
    ("keyword.operator", None),
    ("keyword", Some("k")),
    ("storage", Some("k")),
    ("variable.language", Some("k")),
    ("entity.name.tag", Some("t")),
    ("entity.name.function", Some("f")),
    ("entity.name.macro", Some("f")),
    ("entity.name.section", Some("f")),
    ("entity.name", Some("t")),
    ("entity.other.inherited-class", Some("t")),
    ("entity.other.attribute-name", Some("a")),
    ("support.function", Some("f")),
    ("support.macro", Some("f")),
    ("support.type.property-name", Some("a")),
    ("support", Some("t")),
    ("variable.function", Some("f")),
    ("variable.parameter", None),
    ("markup.inserted", Some("i")),
    ("markup.deleted", Some("d")),
    ("markup.heading", Some("f")),
    ("meta.diff", Some("c")),
    ("source", None),
    ("text", None),
];

/// The classes by compiled scopes.
pub(super) struct Classes(Vec<(Scope, Option<&'static str>)>);

impl Classes {
    pub(super) fn new() -> Self {
        let compiled = PREFIXES
            .iter()
            .filter_map(|(prefix, class)| Some((Scope::new(prefix).ok()?, *class)));
        Self(compiled.collect())
    }

    /// Returns the class of code in these scopes: that of the innermost scope that has one.
    pub(super) fn of(&self, scopes: &[Scope]) -> Option<&'static str> {
        scopes.iter().rev().find_map(|scope| {
            let known = self
                .0
                .iter()
                .find(|(prefix, _)| prefix.is_prefix_of(*scope));
            known.map(|(_, class)| *class)
        })?
    }
}
