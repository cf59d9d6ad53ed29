//! What holds for all samplers.

use super::*;

/// The units of flag values as users write them.
pub(super) fn units(flags: &[(&str, &str)]) -> Units {
    Units::of(&space(flags)).unwrap()
}

/// The space of flag values as users write them.
pub(super) fn space(flags: &[(&str, &str)]) -> Space {
    let flags = flags
        .iter()
        .map(|(name, text)| (*name, crate::flags::decode(text)));
    Space::of_flags(&flags.collect()).unwrap()
}
