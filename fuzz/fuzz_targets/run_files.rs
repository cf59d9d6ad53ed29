//! The files of a run, whoever wrote them.
#![no_main]

use std::fs;

use guild::guildfile::GuildFile;
use guild::op::config::OpConfig;
use guild::opref::OpRef;
use guild::runs::Run;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(opref) = OpRef::parse(&text) {
        assert_eq!(OpRef::parse(&opref.to_string()), Ok(opref));
    }
    let dir = std::env::temp_dir().join(format!("guild-fuzz-{}", std::process::id()));
    let run = Run::at(&dir);
    let meta = dir.join(".guild");
    fs::create_dir_all(meta.join("attrs")).expect("the fuzzer needs a temporary folder");
    for name in ["opref", "manifest", "LOCK", "LOCK.process", "LOCK.remote", "attrs/op", "attrs/started"] {
        fs::write(meta.join(name), bytes).expect("the fuzzer needs to write files");
    }
    let _ = run.manifest();
    run.status();
    run.timestamp();
    run.remote();
    for path in [run.output_path(), run.output_index_path()] {
        fs::write(path, bytes).expect("the fuzzer needs to write files");
    }
    let lines = run.output_lines().expect("the output was just written");
    let read: usize = lines.flatten().map(|piece| piece.bytes.len()).sum();
    assert_eq!(read, bytes.len());
    if let Ok(Some(value)) = run.attr("op") {
        let _ = OpConfig::from_value(&value);
    }
    let guild_file = dir.join("guild.yml");
    fs::write(&guild_file, bytes).expect("the fuzzer needs to write files");
    let _ = GuildFile::read(&guild_file);
});
