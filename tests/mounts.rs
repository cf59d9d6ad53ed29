//! Disks of a test's own: what is mounted for one command is gone with it.

use std::process::{Command, Stdio};

/// Shell lines that go on below in a namespace in which `setup`, a shell command,
/// was done; `setup` may use `"$@"`, the command that is run. None, with a word about
/// it, where this user may not mount file systems.
#[expect(clippy::print_stdout, reason = "what is not run is told")]
pub fn in_namespace(setup: &str) -> Option<String> {
    // The superuser can mount more in the namespace of all users.
    let ways = ["--mount", "--map-root-user --mount"];
    let Some(way) = ways.into_iter().find(|way| can_mount(way)) else {
        println!("not run: this user may not mount file systems");
        return None;
    };
    Some(format!(
        "if [ -z \"$IN_NAMESPACE\" ]; then IN_NAMESPACE=1 exec unshare {way} \
         sh -c '{setup}; exec \"$@\"' sh \"$@\"; fi"
    ))
}

fn can_mount(way: &str) -> bool {
    let status = Command::new("unshare")
        .args(way.split(' '))
        .args(["mount", "-t", "tmpfs", "none", "/mnt"])
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
