//! Flag values and everything else that users type as text.
#![no_main]

use guild::base::{shell_text, text};
use guild::flags;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let value = flags::decode(input);
    flags::format_value(&value);
    flags::encode_globals(&value);
    flags::parse_function(input);
    flags::env_name(input);
    if let Ok(words) = shell_text::split(input) {
        assert_eq!(shell_text::split(&shell_text::join(&words)), Ok(words));
    }
    text::shorten_path(input, 20);
    text::natural_cmp(input, "a10");
});
