//! Output patterns: the first line of any text is a pattern or a warning, and what
//! it finds in the rest is found in bounded time.
#![no_main]

use guild::base::yaml::Value;
use guild::scalars::{Kind, Lines, Patterns, line_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(2, |&byte| byte == b'\n');
    let pattern = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let rest = parts.next().unwrap_or_default();
    for kind in [Kind::Scalars, Kind::Attrs] {
        let mut warnings = 0;
        let setting = Value::from(pattern.as_ref());
        let patterns = Patterns::of_setting(kind, &setting, &mut |_| warnings += 1);
        assert!(warnings <= 1);
        let mut lines = Lines::default();
        let mut look = |line: &[u8]| {
            for trial in patterns.trial(&line_text(line)) {
                assert!(trial.groups.is_some() || trial.values.is_empty());
            }
        };
        lines.push(rest, &mut look);
        lines.end(look);
    }
});
