//! The terminal's size.

/// The width in characters of the terminal on stdout, stderr or stdin.
pub fn columns() -> Option<usize> {
    terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width))
}
