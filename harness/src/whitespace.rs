//! What Python's doctest takes for white space.

/// Whether doctest parts words at this character: the white space of ASCII and
/// its four separators. No other character counts, since doctest compares the
/// escapes of those that are not ASCII.
pub fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1f}' | ' ')
}

/// Whether Python's `str.split` parts words at this character: Unicode's white
/// space and the four separators of ASCII.
pub fn is_unicode_space(c: char) -> bool {
    c.is_whitespace() || is_space(c)
}
