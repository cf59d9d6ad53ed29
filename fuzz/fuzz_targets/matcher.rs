//! Output of a program against what a spec expects: any two texts compare under
//! any rules, wildcards give back the text they matched, and no difference is
//! made of what has none.
#![no_main]

use harness::diff::difference;
use harness::matcher::{
    Actual, ELLIPSIS, Exception, LEADING, Rules, agrees, fold_whitespace, matches, wildcards,
};
use harness::options::{OptionSet, Vocabulary};
use libfuzzer_sys::fuzz_target;

const OPTIONS: &[&str] = &[
    "ELLIPSIS",
    "NORMALIZE_WHITESPACE",
    "STRIP_ANSI_FMT",
    "STRIP_EXIT_0",
    "STRICT",
    "DONT_ACCEPT_BLANKLINE",
    "IGNORE_EXCEPTION_DETAIL",
    "NORMALIZE_PATHSEP",
];

fuzz_target!(|input: (u8, &str, &str)| {
    let (bits, expected, output) = input;
    let sign = |bit: usize| if bits >> bit & 1 == 1 { '+' } else { '-' };
    let options = OPTIONS.iter().enumerate();
    let options = options.map(|(bit, name)| format!("{}{name}", sign(bit)));
    let options = options.collect::<Vec<_>>().join(" ");
    let Ok(options) = OptionSet::parse(&options, &Vocabulary::default()) else {
        unreachable!("known options");
    };
    let rules = Rules::from_options(&options);
    matches(expected, output, &rules);
    difference(expected, output, &rules);
    let exception = Some(Exception {
        message: output.to_owned(),
        traceback: output.to_owned(),
    });
    let raised = Actual {
        output: String::new(),
        exception,
    };
    agrees(expected, &raised, &rules);
    agrees(
        &format!("Traceback (most recent call last):\n{expected}"),
        &raised,
        &rules,
    );
    let is_plain = !output.starts_with(LEADING) && !output.contains(['\u{1b}', ':']);
    assert!(!is_plain || matches(output, output, &rules));
    let folded = fold_whitespace(output);
    assert_eq!(fold_whitespace(&folded), folded);
    if let Some(ranges) = wildcards(expected, output) {
        let mut pieces = expected.split(ELLIPSIS);
        let mut rebuilt = pieces.next().unwrap_or_default().to_owned();
        for (range, piece) in ranges.into_iter().zip(pieces) {
            rebuilt.push_str(&output[range]);
            rebuilt.push_str(piece);
        }
        assert_eq!(rebuilt, output);
    }
});
