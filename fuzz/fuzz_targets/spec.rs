//! Specs of the harness: any bytes are read or refused, with places that are in
//! the file; what an example says of itself is there.
#![no_main]

use std::path::Path;

use harness::matcher::expected_exception;
use harness::options::Vocabulary;
use harness::spec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let vocabulary = Vocabulary::with_features(["R".to_owned()]);
    match spec::parse(Path::new("x.md"), bytes, &vocabulary) {
        Ok(spec) => {
            let mut last = 0;
            for example in &spec.examples {
                assert!(last < example.line && example.line < example.expected_line);
                assert!(example.expected_line <= lines + 1);
                assert!(example.source.ends_with('\n') && example.source.trim() != "");
                assert_eq!(
                    example.source.lines().count(),
                    example.expected_line - example.line
                );
                example.with_prompts();
                expected_exception(&example.expected);
                last = example.line;
            }
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                assert!((1..=lines).contains(&fault.place.line), "{fault}");
            }
        }
    }
});
