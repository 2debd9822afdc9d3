//! Texts by key.

use super::Locale;
use fluent_bundle::{
    FluentArgs, FluentError, FluentMessage, FluentResource, FluentValue, concurrent::FluentBundle,
    memoizer::MemoizerKind,
};
use rust_embed::RustEmbed;
use std::{borrow::Cow, sync::LazyLock};
use unic_langid::LanguageIdentifier;

/// An argument of a text: a string, or a number, which is written as the language does.
pub type Value<'a> = FluentValue<'a>;

/// The files with the texts.
#[derive(RustEmbed)]
#[folder = "locales"]
#[include = "*.ftl"]
pub(super) struct Files;

type Bundle = FluentBundle<FluentResource>;

/// The texts of each language, in the order of [`Locale::ALL`].
static BUNDLES: LazyLock<[Bundle; 5]> = LazyLock::new(|| Locale::ALL.map(read_bundle));

impl Locale {
    /// Returns a text without arguments. A text that this language lacks is the English one; a key that does not exist is
    /// its own text.
    pub fn text(self, key: &str) -> Cow<'static, str> {
        self.write(key, None)
    }

    /// Returns a text with arguments. A string that runs against the direction of the language is isolated. An argument
    /// with the name `number` identifies something, such as a comment, and is written without separators.
    pub fn text_with(self, key: &str, args: &[(&str, Value)]) -> String {
        let args = args.iter().map(|(name, value)| match value {
            FluentValue::String(text) => {
                let text = self.direction().isolate(Cow::Borrowed(text.as_ref()));
                (*name, FluentValue::String(text))
            }
            FluentValue::Number(number) if *name == "number" => (
                *name,
                FluentValue::String(number.as_string().into_owned().into()),
            ),
            value => (*name, value.clone()),
        });
        self.write(key, Some(&args.collect())).into_owned()
    }

    fn write(self, key: &str, args: Option<&FluentArgs>) -> Cow<'static, str> {
        let Some((bundle, message)) = self.message(key).or_else(|| Locale::En.message(key)) else {
            return missing(key);
        };
        let Some(pattern) = message.value() else {
            return missing(key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, args, &mut errors);
        report(key, &errors);
        text
    }

    fn message(self, key: &str) -> Option<(&'static Bundle, FluentMessage<'static>)> {
        let bundle = &BUNDLES[self as usize];
        Some((bundle, bundle.get_message(key)?))
    }
}

/// Returns the text of a key that does not exist. Tests fail, a reader sees the key.
fn missing(key: &str) -> Cow<'static, str> {
    debug_assert!(false, "the text {key} does not exist");
    tracing::error!(key, "a text does not exist");
    Cow::Owned(key.to_owned())
}

fn report(key: &str, errors: &[FluentError]) {
    debug_assert!(
        errors.is_empty(),
        "the text {key} can't be written: {errors:?}"
    );
    for error in errors {
        tracing::error!(key, %error, "a text lacks an argument");
    }
}

/// Reads all texts of a language. Files with errors keep the texts that are right; tests fail on them.
fn read_bundle(locale: Locale) -> Bundle {
    let language: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match locale {
        Locale::En => write_number::<0, _>,
        Locale::De => write_number::<1, _>,
        Locale::Fr => write_number::<2, _>,
        Locale::Es => write_number::<3, _>,
        Locale::Ar => write_number::<4, _>,
    }));
    for path in Files::iter().filter(|path| path.split('/').next() == Some(locale.tag())) {
        let Some(file) = Files::get(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&file.data).into_owned();
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, errors)| {
            debug_assert!(false, "{path} has errors: {errors:?}");
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            debug_assert!(false, "{path} repeats texts: {errors:?}");
        }
    }
    bundle
}

/// Writes a number as the language with this index in [`Locale::ALL`] does.
fn write_number<const LOCALE: usize, M: MemoizerKind>(
    value: &FluentValue,
    _: &M,
) -> Option<String> {
    match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 => {
            Some(Locale::ALL[LOCALE].number(number.value as i64))
        }
        _ => None,
    }
}
