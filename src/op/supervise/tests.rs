use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::opref::OpRef;
use crate::runs::{Creation, Status};

/// A watch that writes down what it is told.
const NOTES: &str = "#!/bin/sh\nexec cat > \"$0.said\"\n";

#[test]
fn a_panic_of_who_follows_a_run_ends_it_and_the_watch_over_it() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("watch");
    std::fs::write(&program, NOTES).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let creation = Creation {
        opref: &OpRef::script(dir.path(), "x.py"),
        initialized: 1,
    };
    let run = Run::create(&dir.path().join("r"), &creation).unwrap();
    let supervisor = Supervisor {
        listener: Listener::of_process().unwrap(),
        watch: Mutex::new(Watch::by(program.clone())),
    };
    let config = OpConfig {
        cmd_args: ["sleep", "60"].map(str::to_string).to_vec(),
        ..OpConfig::default()
    };
    let pid = std::cell::Cell::new(0);
    // A process that runs is told of when its time is over.
    let tell = |remark: Remark| {
        if let Remark::Info(_) = remark {
            pid.set(run.lock_pid().unwrap());
            panic!("for this test");
        }
    };
    let execute = || {
        supervisor.execute(Start {
            home: &Home::discover(None, None).unwrap(),
            run: Making::take_charge(run.clone()).unwrap(),
            op: "x.py",
            config: &config,
            values: &Map::new(),
            extra_env: Vec::new(),
            display: None,
            debug: false,
            stop_after: Some(Duration::ZERO),
            tell: &tell,
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(execute)).is_err());
    assert_eq!(run.status(), Status::Terminated);
    assert_eq!(run.integer_attr("exit_status").unwrap(), Some(-9));
    assert_ne!(pid.get(), 0);
    assert_eq!(Process::find(pid.get()), None);
    drop(supervisor);
    let said = std::fs::read(dir.path().join("watch.said")).unwrap();
    let said = String::from_utf8(said).unwrap();
    let dir = run.dir().display();
    assert!(
        said.starts_with(&format!("run {dir}\0process ")),
        "{said:?}"
    );
    assert!(
        said.ends_with(&format!(" {dir}\0ended {dir}\0")),
        "{said:?}"
    );
}
