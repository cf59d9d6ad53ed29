//! The time of day.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the epoch; 0 for a clock set before it.
pub fn now_micros() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_micros() as i64)
}

/// Milliseconds since the epoch; 0 for a clock set before it.
pub fn now_millis() -> i64 {
    now_micros() / 1000
}
