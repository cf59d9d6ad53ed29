//! Where Python's doctest says what happens, the harness does the same.
//!
//! Random output and expectations, random documents, and random documents that
//! are run, put to both. `HARNESS_DOCTEST_CASES` is how many of each,
//! `HARNESS_DOCTEST_SEED` what they are drawn from; a case that differs is made
//! small before it is shown. What differs on purpose is in
//! docs/spec-language.md and is kept out of the cases or evened out by them.
#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]
#![expect(
    clippy::print_stdout,
    reason = "shown by the test runner, with the seed"
)]

mod documents;
mod execution;
mod oracle;
mod texts;

use std::cell::Cell;
use std::env;

use harness::matcher::{Actual, Exception, Rules, agrees};
use harness::options::{OptionSet, Vocabulary};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

use oracle::{Oracle, Raised};
use texts::{changed, changes, output};

/// The number that a variable of the environment holds.
fn number(name: &str, default: u32) -> u32 {
    env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Puts many cases to a test, a part of what is asked for.
fn check<S: Strategy>(share: u32, strategy: &S, test: impl Fn(S::Value) -> TestCaseResult) {
    let cases = number("HARNESS_DOCTEST_CASES", 4_000).div_ceil(share);
    let seed = number("HARNESS_DOCTEST_SEED", 1);
    println!("{cases} cases of HARNESS_DOCTEST_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(strategy, test) {
        panic!("{error}");
    }
}

/// How often each answer came, so that no test goes on about one alone.
#[derive(Default)]
struct Tally {
    yes: Cell<u32>,
    no: Cell<u32>,
}

impl Tally {
    fn add(&self, verdict: bool) {
        let count = if verdict { &self.yes } else { &self.no };
        count.set(count.get() + 1);
    }

    fn assert_both(&self, least: f64) {
        let (yes, no) = (f64::from(self.yes.get()), f64::from(self.no.get()));
        println!("{yes} yes, {no} no");
        assert!(yes.min(no) >= least * (yes + no), "{yes} yes, {no} no");
    }
}

/// The options in force, and how a spec sets them: all of these are said.
fn options() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    let names = [
        ("ELLIPSIS", 0.75),
        ("NORMALIZE_WHITESPACE", 0.6),
        ("DONT_ACCEPT_BLANKLINE", 0.2),
        ("DONT_ACCEPT_TRUE_FOR_1", 0.2),
        ("IGNORE_EXCEPTION_DETAIL", 0.3),
        ("STRIP_EXIT_0", 0.5),
        ("STRICT", 0.05),
        // Another search, which without captures means the same.
        ("CAPTURES", 0.2),
    ];
    names
        .map(|(name, chance)| prop::bool::weighted(chance).prop_map(move |on| (name, on)))
        .to_vec()
}

fn rules(options: &[(&str, bool)]) -> Rules {
    let signs = options
        .iter()
        .map(|(name, on)| format!("{}{name}", if *on { '+' } else { '-' }));
    let text = signs.collect::<Vec<_>>().join(" ");
    Rules::from_options(&OptionSet::parse(&text, &Vocabulary::default()).unwrap())
}

fn names_on(options: &[(&'static str, bool)]) -> Vec<&'static str> {
    let on = options.iter().filter(|(_, on)| *on);
    on.map(|(name, _)| *name).collect()
}

#[test]
fn output_is_compared_alike() {
    let tally = Tally::default();
    let case = (output(), changes(), changes(), options());
    check(1, &case, |(base, to_want, to_got, options)| {
        let want = changed(&base, &to_want);
        // Mostly what the text was made from, so that it often matches.
        let got = if to_got.len() < 3 {
            base
        } else {
            changed(&base, &to_got)
        };
        let theirs = Oracle::get().output(&want, &got, &names_on(&options));
        let actual = Actual {
            output: got.clone(),
            exception: None,
        };
        let ours = agrees(&want, &actual, &rules(&options));
        tally.add(theirs);
        prop_assert_eq!(ours, theirs, "want {:?} got {:?}", want, got);
        Ok(())
    });
    tally.assert_both(0.15);
}

fn raised() -> impl Strategy<Value = Raised> {
    let kinds = ["ValueError", "RuntimeError", "ZeroDivisionError", "Boom"];
    (
        prop::option::weighted(0.3, output()),
        select(kinds.to_vec()),
        output(),
    )
        .prop_map(|(printed, kind, message)| Raised {
            printed: printed.unwrap_or_default(),
            kind: kind.to_owned(),
            message: message.trim_end_matches('\n').to_owned(),
        })
}

/// What stands before the message in an expected traceback.
fn traceback_head() -> impl Strategy<Value = String> {
    let headers = [
        "Traceback (most recent call last):\n",
        "Traceback (most recent call last):\n",
        "Traceback (most recent call last):\n",
        "Traceback (innermost last):\n",
        "Traceback (most recent call last): \t\n",
        "Traceback (most recent call last):\u{a0}\u{1c}\n",
        "Traceback (most recent call last)\n",
        " Traceback (most recent call last):\n",
        "",
    ];
    let stack = [
        "  File \"x\", line 1, in y\n",
        "    code()\n",
        "...\n",
        "    ...\n",
        "\n",
        "\u{301}mark\n",
        "[a]\n",
        "\u{a0}blank\n",
        "(Ⓐ)\n",
        "Ⓐ\n",
        "½\n",
    ];
    let stack = prop::collection::vec(select(stack.to_vec()), 0..3);
    (
        select(headers.to_vec()),
        stack,
        select(vec!["", "", "", "", "pkg.", "a.b_c.", "é.", "...", "x "]),
    )
        .prop_map(|(header, stack, module)| format!("{header}{}{module}", stack.concat()))
}

#[test]
fn exceptions_are_compared_alike() {
    let tally = Tally::default();
    let case = (raised(), traceback_head(), changes(), options());
    check(3, &case, |(raised, head, changes, options)| {
        let want = head + &changed(&raised.shown(), &changes);
        let theirs = Oracle::get().exception(&want, &raised, &names_on(&options));
        let message = raised.shown();
        let exception = Exception {
            traceback: message.clone(),
            message,
        };
        let actual = Actual {
            output: raised.printed.clone(),
            exception: Some(exception),
        };
        let ours = agrees(&want, &actual, &rules(&options));
        tally.add(theirs);
        prop_assert_eq!(ours, theirs, "want {:?} raised {:?}", want, raised);
        Ok(())
    });
    tally.assert_both(0.15);
}
