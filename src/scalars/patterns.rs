//! The patterns that pick keys and values from a line of output: the default
//! ones, or those of an operation's settings.

use std::sync::{Arc, LazyLock};

use super::cut_off::CutOffs;
use super::pattern::{Kind, Pattern, Trial};
use crate::base::python_text::str_repr;
use crate::base::yaml::Value;
use crate::flags;

const DEFAULT_SCALARS: [&str; 2] = [
    r"^\key:\s+\value\s+\((?:step\s+)?(?P<step>\step)\)$",
    r"^(\key):\s+(\value)(?:\s+\(.*\))?$",
];

const DEFAULT_ATTRS: [&str; 1] = [r"^(\key):\s+(\value)$"];

/// What Keras prints while it trains a model, and what scripts that use it usually
/// print when they test one.
const KERAS_SCALARS: [&str; 4] = [
    "Epoch (?P<step>[0-9]+)",
    r" - ([a-z_]+): (\value)",
    r"Test loss: (?P<test_loss>\value)",
    r"Test accuracy: (?P<test_accuracy>\value)",
];

/// The setting `output-scalars` of scripts that use Keras: the default patterns
/// after those for what Keras prints.
pub fn keras_scalars() -> Value {
    let patterns = KERAS_SCALARS.iter().chain(&DEFAULT_SCALARS);
    Value::List(patterns.copied().map(Value::from).collect())
}

fn compiled_defaults(kind: Kind) -> &'static LazyLock<Vec<Pattern>> {
    static SCALARS: LazyLock<Vec<Pattern>> =
        LazyLock::new(|| compile(&DEFAULT_SCALARS, Kind::Scalars));
    static ATTRS: LazyLock<Vec<Pattern>> = LazyLock::new(|| compile(&DEFAULT_ATTRS, Kind::Attrs));
    match kind {
        Kind::Scalars => &SCALARS,
        Kind::Attrs => &ATTRS,
    }
}

/// The patterns that one kind of value is looked for with, in order.
#[derive(Debug, Clone)]
pub struct Patterns {
    kind: Kind,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    /// Those of operations that have none of their own.
    Default(&'static LazyLock<Vec<Pattern>>),
    /// Those of an operation.
    Own(Arc<Vec<Pattern>>),
}

impl Patterns {
    /// The patterns of operations that have none of their own.
    pub fn defaults(kind: Kind) -> Self {
        let source = Source::Default(compiled_defaults(kind));
        Self { kind, source }
    }

    /// The patterns that an operation's `output-scalars` or `output-attrs`
    /// means: the default ones where it is null, none where it is false or
    /// empty, else a pattern, a mapping of keys to patterns, or a list of both.
    /// What is no pattern is handed to `warn` and left out.
    pub fn of_setting(kind: Kind, setting: &Value, warn: &mut dyn FnMut(String)) -> Self {
        let mut own = Vec::new();
        match setting {
            Value::Null => return Self::defaults(kind),
            Value::Bool(false) => {}
            Value::List(items) => {
                for item in items {
                    add_item(&mut own, kind, item, warn);
                }
            }
            item => add_item(&mut own, kind, item, warn),
        }
        let source = Source::Own(Arc::new(own));
        Self { kind, source }
    }

    /// Whether flag names are no keys. Whoever writes patterns means them.
    pub(super) fn ignore_flags(&self) -> bool {
        matches!(self.source, Source::Default(_))
    }

    /// Whether the raw line needs a look. Most lines of most runs do not, and
    /// the default patterns are not even compiled before one does.
    pub(super) fn may_match(&self, line: &[u8]) -> bool {
        match &self.source {
            // A key begins the line and a colon ends it. Bytes that the line's
            // text does not have may come before.
            Source::Default(_) => {
                let starts_key =
                    |first: &u8| matches!(first, b'_' | b'a'..=b'z' | b'A'..=b'Z' | ..9 | 0x80..);
                line.first().is_some_and(starts_key) && line.contains(&b':')
            }
            Source::Own(patterns) => !patterns.is_empty(),
        }
    }

    /// Hands on each key and value found in `line`, in order. Patterns that take
    /// too long are noted in `cut_offs`, and those that did too often not used;
    /// `warn` hears of each once.
    pub(super) fn find<'a>(
        &'a self,
        line: &'a str,
        cut_offs: &mut CutOffs,
        warn: &mut dyn FnMut(String),
        mut found: impl FnMut(&'a str, &'a str),
    ) {
        for (place, pattern) in self.patterns().iter().enumerate() {
            if cut_offs.is_given_up(place) {
                continue;
            }
            if pattern.find(line, &mut found).is_err() {
                cut_offs.add(place, pattern.text(), line, warn);
            }
        }
    }

    /// What each pattern finds in the text of `line`.
    pub fn trial(&self, line: &str) -> Vec<Trial> {
        let patterns = self.patterns().iter();
        patterns
            .map(|pattern| pattern.trial(line, self.kind))
            .collect()
    }

    fn patterns(&self) -> &[Pattern] {
        match &self.source {
            Source::Default(patterns) => patterns,
            Source::Own(patterns) => patterns,
        }
    }
}

fn add_item(own: &mut Vec<Pattern>, kind: Kind, item: &Value, warn: &mut dyn FnMut(String)) {
    match item {
        Value::Str(text) => add_pattern(own, kind, None, text, warn),
        Value::Map(map) => {
            for (key, value) in map.sorted() {
                match value {
                    Value::Str(text) => {
                        add_pattern(own, kind, Some(&flags::plain_text(key)), text, warn);
                    }
                    other => warn(format!(
                        "invalid output scalar pattern: {}",
                        flags::plain_text(other)
                    )),
                }
            }
        }
        other => warn(format!("invalid item config: {}", flags::plain_text(other))),
    }
}

fn add_pattern(
    own: &mut Vec<Pattern>,
    kind: Kind,
    key: Option<&str>,
    text: &str,
    warn: &mut dyn FnMut(String),
) {
    match Pattern::new(kind, key, text) {
        Ok(pattern) => {
            if let Some(count) = pattern.useless_groups() {
                warn(format!(
                    "bad unnamed group count {count} for {} (expected 1 or 2) skipping",
                    str_repr(pattern.text())
                ));
            }
            own.push(pattern);
        }
        Err((text, reason)) => warn(format!("error compiling pattern {text}: {reason}")),
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "the patterns are constants that tests compile"
)]
fn compile(patterns: &[&str], kind: Kind) -> Vec<Pattern> {
    let compiled = patterns.iter().map(|text| Pattern::new(kind, None, text));
    compiled.collect::<Result<_, _>>().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(patterns: Patterns, line: &str) -> Vec<String> {
        let (mut found, mut told) = (Vec::new(), Vec::new());
        let mut warn = |text| told.push(text);
        patterns.find(line, &mut CutOffs::default(), &mut warn, |key, value| {
            found.push(format!("{key}={value}"));
        });
        found.extend(told);
        if !found.is_empty() {
            assert!(patterns.may_match(line.as_bytes()), "{line}");
        }
        found
    }

    fn scalars(line: &str) -> Vec<String> {
        found(Patterns::defaults(Kind::Scalars), line)
    }

    #[test]
    fn default_scalars_are_a_key_and_a_number() {
        assert_eq!(scalars("a: 1"), ["a=1"]);
        assert_eq!(scalars("_a-b/c:\t -1.5e+3"), ["_a-b/c=-1.5e+3"]);
        assert_eq!(scalars("a: nan"), ["a=nan"]);
        assert_eq!(scalars("a: -INF"), ["a=-INF"]);
        assert_eq!(scalars("a: 3 (foo)"), ["a=3"]);
        assert_eq!(scalars("a:b: 1"), ["a:b=1"]);
        assert_eq!(scalars("a:\x1c1"), ["a=1"]);
        assert_eq!(scalars("\u{e9}: 1"), [""; 0]);
        for line in [
            "a: 3 extra",
            " a: 4",
            "1a: 4",
            "lr:5",
            "acc: 95%",
            "e: hello",
            "foo bar: 1.0 (step 7)",
            "d: 1-2",
            "\ra: 5",
            "a\x1cb: 1",
            "a: +nan",
            "",
        ] {
            assert_eq!(scalars(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn default_scalars_may_tell_the_step() {
        assert_eq!(scalars("b: 2 (step 5)"), ["step=5", "b=2"]);
        assert_eq!(scalars("g: 1 (7)"), ["step=7", "g=1"]);
        assert_eq!(scalars("step: 10 (5)"), ["step=5", "step=10"]);
    }

    #[test]
    fn a_number_may_be_no_more_than_a_hint() {
        assert_eq!(scalars("a: e6"), ["a=e6"]);
        assert_eq!(scalars("a:  (x)"), ["a="]);
    }

    #[test]
    fn default_attrs_are_a_key_and_a_word() {
        let attrs = |line| found(Patterns::defaults(Kind::Attrs), line);
        assert_eq!(attrs("model: cnn"), ["model=cnn"]);
        assert_eq!(attrs("acc: 95%"), ["acc=95%"]);
        assert_eq!(attrs("long: has two words"), [""; 0]);
        assert_eq!(attrs("note:"), [""; 0]);
    }

    /// What a setting finds in a line, after the warnings about it.
    fn with_setting(kind: Kind, setting: &str, line: &str) -> Vec<String> {
        let setting = crate::base::yaml::load(setting).unwrap();
        let mut warnings = Vec::new();
        let patterns = Patterns::of_setting(kind, &setting, &mut |text| warnings.push(text));
        warnings.extend(found(patterns, line));
        warnings
    }

    #[test]
    fn groups_tell_keys_and_values() {
        let line = "loss=1.5 acc=0.5";
        for (setting, expected) in [
            (r"'(\w+)=(\value)'", &["loss=1.5", "acc=0.5"][..]),
            (r"'loss=(?P<loss>\value)'", &["loss=1.5"]),
            (r"'(?P<_val>l\w+)=(?P<_key>\value)'", &["1.5=loss"]),
            (
                r"{b: 'acc=(\value)', a: 'loss=(\value)'}",
                &["a=1.5", "b=0.5"],
            ),
            (r"[{x: 'acc=(.*)'}, 'l(..)s=(\S+)']", &["x=0.5", "os=1.5"]),
            (r"{1: 'acc=(.*)'}", &["1=0.5"]),
            (r"'loss=(\value)'", &[]),
            (r"'(?P<a>x)?(?P<b>l)'", &["b=l"]),
            ("[]", &[]),
            ("no", &[]),
            (r"'(?<!a)(?P<c>cc)=(?=0)'", &[]),
            (r"'(?<=a)(?P<c>cc)=(?=0)'", &["c=cc"]),
        ] {
            assert_eq!(
                with_setting(Kind::Scalars, setting, line),
                expected,
                "{setting}"
            );
        }
        let scalar = |setting, line| with_setting(Kind::Scalars, setting, line);
        assert_eq!(scalar(r"{loss: 'loss=(\value)'}", "loss=nan"), ["loss="]);
        assert_eq!(scalar(r"{n: '(\value)'}", "nan"), ["n=", "n=nan", "n="]);
        let attr = |setting, line| with_setting(Kind::Attrs, setting, line);
        assert_eq!(
            attr("{note: 'note: (.*)'}", "note: all is well"),
            ["note=all is well"]
        );
        assert_eq!(attr(r"'(\key) is (\value)'", "it is so"), ["it=so"]);
        assert_eq!(attr("null", "a: b"), ["a=b"]);
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for (setting, expected) in [
            ("[3]", "invalid item config: 3"),
            ("{a: [x]}", "invalid output scalar pattern: ['x']"),
            (
                "'a(b'",
                "error compiling pattern a(b: missing ), unterminated subpattern at position 1",
            ),
            (
                r"'(a)(b)(c)'",
                "bad unnamed group count 3 for '(a)(b)(c)' (expected 1 or 2) skipping",
            ),
        ] {
            assert_eq!(with_setting(Kind::Scalars, setting, "abc"), [expected]);
        }
    }

    #[test]
    fn a_trial_shows_what_python_would() {
        let shown = |kind, line| {
            let mut lines = Vec::new();
            for trial in Patterns::defaults(kind).trial(line) {
                let groups = trial.groups.unwrap_or_default();
                lines.push(format!("{groups} ({})", trial.values));
            }
            lines
        };
        let scalars = shown(Kind::Scalars, "a: 1 (step 5)");
        assert_eq!(scalars, ["[('5',)] (step=5.0)", "[('a', '1')] (a=1.0)"]);
        assert_eq!(
            shown(Kind::Attrs, "a: it's"),
            [r#"[('a', "it's")] (a=it's)"#]
        );
        assert_eq!(shown(Kind::Attrs, "a"), [" ()"]);
    }

    #[test]
    fn a_pattern_that_takes_too_long_is_told_of_and_others_go_on() {
        let line = format!("{}b", "a".repeat(2000));
        let slow = r"['(?:(a)\1?)+$', {last: '(.)$'}]";
        let found = with_setting(Kind::Scalars, slow, &line);
        assert_eq!(found[0], "last=b");
        assert!(
            found[1].starts_with(r"output pattern '(?:(a)\\1?)+$' takes too long"),
            "{found:?}"
        );
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn very_long_lines_are_for_patterns_whose_cost_grows_with_the_line() {
        let line = format!("{}loss=0.5", "x".repeat(1 << 20));
        let find = |setting| with_setting(Kind::Scalars, setting, &line);
        assert_eq!(find(r"{loss: 'loss=(\value)$'}"), ["loss=0.5"]);
        for costly in [r"{loss: '(?<!a)x*loss=(\value)'}", r"'(?P<z>y*)'"] {
            let found = find(costly);
            let told = found.last().unwrap();
            assert!(told.contains("(1048584 bytes)"), "{costly}: {found:?}");
        }
    }

    #[test]
    fn what_keras_prints_is_found() {
        let patterns = Patterns::of_setting(Kind::Scalars, &keras_scalars(), &mut |_| ());
        let found = |line| found(patterns.clone(), line);
        assert_eq!(found("Epoch 3/10"), ["step=3"]);
        assert_eq!(
            found("60/60 - 1s 12ms/step - loss: 0.25 - val_loss: 3e-2"),
            ["loss=0.25", "val_loss=3e-2"]
        );
        assert_eq!(found("Test loss: 0.5"), ["test_loss=0.5"]);
        assert_eq!(found("other: 3"), ["other=3"]);
    }

    #[test]
    fn lines_without_a_key_need_no_look() {
        let may_match = |line: &[u8]| Patterns::defaults(Kind::Scalars).may_match(line);
        assert!(!may_match(b""));
        assert!(!may_match(b"no colon"));
        assert!(!may_match(b" a: 1"));
        assert!(!may_match(b"[info] a: 1"));
        assert!(may_match(b"a: 1"));
        assert!(may_match(b"\x01a: 1"));
        assert!(may_match(b"\xffa: 1"));
    }
}
