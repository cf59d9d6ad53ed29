//! Copies on a file system whose files can share blocks: what a run keeps takes no
//! room there, and is a file of its own all the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod mounts;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// What a command ends with where there is no such file system.
const NO_DISK: i32 = 77;

/// A disk of 40 MB that shares blocks, at `disk`. Half of it is less than `FILE`.
const SETUP: &str = "truncate -s 40M image \
    && (mkfs.btrfs -q --mixed -m single -d single image \
        && mkdir -p disk && mount -o loop image disk) > /dev/null 2>&1 || exit 77";

/// The bytes of a file of which no second copy fits on the disk.
const FILE: usize = 20 << 20;

/// Makes a project on the disk, runs what follows there, and shows what came of it.
fn on_disk(dir: &Path, limits: &str, script: &str) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(format!("{limits}\nexec \"$@\""))
        .args(["sh", "sh", "-ec", script])
        .current_dir(dir)
        .env("GUILD", env!("CARGO_BIN_EXE_guild"))
        .env("GUILD_HOME", dir.join("disk/home"))
        .env("HOME", dir)
        .env("NO_VCS_COMMIT", "1")
        .output()
        .unwrap()
}

#[test]
fn what_a_run_keeps_shares_its_blocks_with_the_project() {
    let Some(limits) = mounts::in_namespace(SETUP) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let project = dir.path().join("project");
    fs::create_dir(&project).unwrap();
    fs::create_dir(dir.path().join("home")).unwrap();
    let bytes: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..))
        .take(FILE)
        .collect();
    fs::write(project.join("large.bin"), &bytes).unwrap();
    fs::write(project.join("small.txt"), "of the project\n").unwrap();
    fs::write(
        project.join("guild.yml"),
        "code: {exec: 'true', sourcecode: '*'}\n\
         file: {exec: 'true', sourcecode: no, requires: {file: large.bin}}\n",
    )
    .unwrap();
    // Two runs beside the project, which changes then; one where files are copied.
    let script = "cp -r project disk; mkdir disk/home; \
        (cd disk/project; $GUILD run code -y; $GUILD run file -y; \
         echo changed > small.txt; dd if=small.txt of=large.bin conv=notrunc; sync) 1>&2; \
        (cd project; GUILD_HOME=../home $GUILD run code -y) 1>&2; \
        for run in disk/home/runs/* home/runs/*; do \
          for file in small.txt large.bin; do \
            [ ! -f $run/$file ] || cmp project/$file $run/$file; \
          done; \
          cat $run/.guild/attrs/sourcecode_digest; \
        done; ls -d disk/home/runs/*/large.bin | wc -l";
    let output = on_disk(dir.path(), &limits, script);
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(NO_DISK) {
        println!("not run: no file system that shares blocks can be mounted");
        return;
    }
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("WARNING"), "{said}");
    let told = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.pop(), Some("2"), "{told}");
    // The run with the file as a dependency has no digest.
    let (none, digests): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| *line == "null");
    assert_eq!((none.len(), digests.len()), (1, 2), "{told}");
    assert_eq!(digests[0], digests[1]);
}
