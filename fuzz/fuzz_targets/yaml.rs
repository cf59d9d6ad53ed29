//! YAML: any bytes load or fail, and what loads survives a round trip.
#![no_main]

use guild::base::yaml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = yaml::load_bytes(bytes) {
        let text = yaml::dump(&value);
        assert!(yaml::load(&text).is_ok(), "{text:?}");
        yaml::dump_flow(&value);
    }
});
