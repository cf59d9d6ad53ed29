//! The Python that tests of TensorBoard are run with.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The Python that has TensorBoard; none where there is none, unless it is required.
pub fn python() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tensorboard");
    let named = std::env::var_os("TENSORBOARD_VENV").map(PathBuf::from);
    let python = named.unwrap_or(target).join("bin/python");
    let found = Command::new(&python)
        .args(["-c", "import tensorboard"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        let required = std::env::var_os("TENSORBOARD_REQUIRED").is_some();
        assert!(
            !required,
            "TensorBoard is not there and TENSORBOARD_REQUIRED is set"
        );
        eprintln!("skipped: there is no TensorBoard in target/tensorboard");
    }
    found.then_some(python)
}
