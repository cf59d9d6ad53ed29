//! A doctest runner for Markdown specs.
