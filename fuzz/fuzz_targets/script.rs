//! The text of Python scripts.
#![no_main]

use guild::python::script::Script;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Script::parse(text);
});
