//! Flag values and everything else that users type as text.
#![no_main]

use guild::base::yaml::{Map, Value};
use guild::base::{shell_text, text};
use guild::flags;
use guild::op::label;
use guild::op::values::form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let value = flags::decode(input);
    flags::format_value(&value);
    flags::encode_globals(&value);
    flags::parse_function(input);
    flags::sequence_fault(input);
    for kind in ["string", "int", "float", "number", "boolean", "path"] {
        flags::decode_as(input, kind);
    }
    for split in [Value::Bool(true), Value::from(",")] {
        flags::split_text(input, &split);
        flags::encode_arg(&value, None, Some(&split));
    }
    let _ = flags::percent(input, &value);
    let _ = form::read(input);
    let values: Map = [("x", value)].into_iter().collect();
    label::label(Some(input), &values, &mut |_| {});
    flags::env_name(input);
    if let Ok(words) = shell_text::split(input) {
        assert_eq!(shell_text::split(&shell_text::join(&words)), Ok(words));
    }
    text::shorten_path(input, 20);
    text::natural_cmp(input, "a10");
});
