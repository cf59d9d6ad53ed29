//! Runs the files that a pattern names: `trycmd-runner PATTERN`.

fn main() {
    let pattern = std::env::args().nth(1).expect("a pattern of files");
    trycmd::TestCases::new()
        .register_bin("echo", std::path::Path::new("/bin/echo"))
        .case(pattern)
        .run();
}
