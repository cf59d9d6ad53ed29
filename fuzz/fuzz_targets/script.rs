//! The text of Python scripts.
#![no_main]

use std::path::Path;

use guild::python::script;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let path = Path::new("script.py");
    let base_args = ["sub".to_string(), "--x".to_string()];
    for dest in [None, Some("args"), Some("args:click"), Some("dict:x")] {
        let _ = script::read_text(text, path, &base_args, dest);
    }
});
