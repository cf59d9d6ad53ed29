//! Guild files: any bytes are read or refused, quickly.
#![no_main]

use std::path::Path;

use guild::guildfile::GuildFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = GuildFile::parse(Path::new("/nowhere/guild.yml"), bytes, &Vec::new);
});
