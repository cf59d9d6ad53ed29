//! Plans and what comes of them, on real files.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;
use crate::base::git::Git;
use crate::opref::OpRef;
use crate::runs::Creation;

const ALL: Choice = Choice {
    sourcecode: true,
    dependencies: true,
    generated: true,
    exclude: Vec::new(),
};

struct Place {
    dir: tempfile::TempDir,
    run: Run,
}

impl Place {
    /// A run with `files` (path and content) and the lines of a manifest.
    fn new(files: &[(&str, &str)], manifest: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let opref = OpRef::script(dir.path(), "x.py");
        let creation = Creation {
            opref: &opref,
            initialized: 1,
        };
        let run = Run::create(&dir.path().join("run"), &creation).unwrap();
        for (path, content) in files {
            write(&run.dir().join(path), content);
        }
        write(&run.dir().join(".guild/manifest"), manifest);
        Self { dir, run }
    }

    fn target(&self) -> PathBuf {
        self.dir.path().join("project")
    }

    fn plan(&self, choice: &Choice) -> Plan {
        Plan::new(&self.run, &self.target(), choice).unwrap()
    }
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn copied(plan: &Plan) -> Vec<(String, String)> {
    let text = |path: &Path| path.display().to_string();
    let pair = |copy: &CopyFile| (text(&copy.run_path), text(&copy.target_path));
    plan.copies.iter().map(pair).collect()
}

#[test]
fn paths_stay_inside_or_are_none() {
    for (path, expected) in [
        ("a/b", Some("a/b")),
        ("./a/../b/./c", Some("b/c")),
        ("..", None),
        ("a/../..", None),
        ("a/../../a", None),
        ("/a", None),
        (".", None),
        ("", None),
        ("a\0b", None),
    ] {
        assert_eq!(
            inside(Path::new(path)),
            expected.map(PathBuf::from),
            "{path}"
        );
    }
}

#[test]
fn one_file_is_kept_for_a_place() {
    let files = [("a.py", "1"), ("b.txt", "2"), ("c.txt", "3"), ("same", "4")];
    let manifest = "s a.py 0 same\nd b.txt 0 file:same\ns c.txt 0 other\ns d.txt 0 other\n";
    let place = Place::new(&files, manifest);
    let pair = |run: &str, target: &str| (run.to_string(), target.to_string());
    let expected = [pair("c.txt", "other"), pair("same", "same")];
    assert_eq!(copied(&place.plan(&ALL)), expected);
    let dependencies = Choice {
        generated: false,
        ..ALL
    };
    let expected = [pair("b.txt", "same"), pair("c.txt", "other")];
    assert_eq!(copied(&place.plan(&dependencies)), expected);
    let source = Choice {
        dependencies: false,
        ..dependencies
    };
    let expected = [pair("a.py", "same"), pair("c.txt", "other")];
    assert_eq!(copied(&place.plan(&source)), expected);
}

#[test]
fn loops_and_odd_files_of_a_run_are_passed_over() {
    let place = Place::new(&[("sub/a.txt", "1"), (".guild/own.txt", "2")], "");
    symlink("..", place.run.dir().join("sub/up")).unwrap();
    symlink("sub", place.run.dir().join("linked")).unwrap();
    symlink("self", place.run.dir().join("self")).unwrap();
    symlink("nowhere", place.run.dir().join("dangling")).unwrap();
    let pipe = place.run.dir().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let plan = place.plan(&ALL);
    let paths: Vec<String> = copied(&plan).into_iter().map(|(run, _)| run).collect();
    assert_eq!(paths, ["linked/a.txt", "sub/a.txt"]);
}

#[test]
fn what_changed_since_the_plan_is_left_alone() {
    let files = [("a.py", "run"), ("b.py", "run"), ("c.py", "run")];
    let manifest = "s a.py 0 a.py\ns b.py 0 b.py\ns c.py 0 lib/c.py\n";
    let place = Place::new(&files, manifest);
    let target = place.target();
    let state = || {
        write(&target.join("a.py"), "project");
        let _ = fs::remove_file(target.join("b.py"));
        let _ = fs::remove_dir_all(target.join("lib"));
        let _ = fs::remove_file(target.join("lib"));
    };
    let changes: [&dyn Fn(); 5] = [
        &|| write(&target.join("a.py"), "changed"),
        &|| fs::remove_file(target.join("a.py")).unwrap(),
        &|| write(&target.join("b.py"), "new"),
        &|| symlink(place.dir.path(), target.join("lib")).unwrap(),
        &|| write(&target.join("lib"), "a file"),
    ];
    for (number, change) in changes.iter().enumerate() {
        state();
        let plan = place.plan(&ALL);
        change();
        let mut told = 0;
        let error = plan.apply(&mut |_| told += 1, &|| None).unwrap_err();
        assert_eq!(told, 0, "change {number}: {error}");
        let read = |path: &str| fs::read_to_string(target.join(path)).unwrap_or_default();
        assert_ne!(read("a.py"), "run");
        assert_ne!(read("b.py"), "run");
        assert!(!place.dir.path().join("c.py").exists());
    }
    state();
    let stopped = place.plan(&ALL).apply(&mut |_| {}, &|| Some(2));
    assert!(matches!(
        stopped,
        Err(Error::Stopped {
            signal: 2,
            copied: 0
        })
    ));
    assert!(!target.join("lib").exists());
    place.plan(&ALL).apply(&mut |_| {}, &|| None).unwrap();
    assert_eq!(fs::read_to_string(target.join("lib/c.py")).unwrap(), "run");
    assert!(place.plan(&ALL).copies.is_empty());
}

#[test]
fn files_that_differ_only_late_are_different() {
    let long = "x".repeat(200_000);
    let place = Place::new(&[("a.txt", &format!("{long}1"))], "");
    write(&place.target().join("a.txt"), &format!("{long}2"));
    let plan = place.plan(&ALL);
    assert_eq!(plan.copies.len(), 1);
    let replaces = |policy| plan.objection(policy, &Git::new("git")).is_some();
    assert!(replaces(Replacing::IfStaged) && replaces(Replacing::Never));
    assert!(!replaces(Replacing::Always));
    write(&place.target().join("a.txt"), &format!("{long}1"));
    assert!(place.plan(&ALL).copies.is_empty());
}
