//! The Python side of guild, embedded in the program and unpacked once.
//!
//! The folder's name holds a digest of the files, so that programs of several
//! versions share a cache, and it is moved into place whole, so that a killed
//! or racing program leaves no half folder.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::base::files;

/// Name and text of each file of the `guild` package.
const FILES: &[(&str, &str)] = &[
    (
        "__init__.py",
        include_str!("../../python/guild/__init__.py"),
    ),
    (
        "debugger.py",
        include_str!("../../python/guild/debugger.py"),
    ),
    (
        "environment.py",
        include_str!("../../python/guild/environment.py"),
    ),
    (
        "event_wire.py",
        include_str!("../../python/guild/event_wire.py"),
    ),
    (
        "flag_args.py",
        include_str!("../../python/guild/flag_args.py"),
    ),
    (
        "flag_globals.py",
        include_str!("../../python/guild/flag_globals.py"),
    ),
    (
        "flag_inheritance.py",
        include_str!("../../python/guild/flag_inheritance.py"),
    ),
    (
        "flow_yaml.py",
        include_str!("../../python/guild/flow_yaml.py"),
    ),
    (
        "hparam_values.py",
        include_str!("../../python/guild/hparam_values.py"),
    ),
    (
        "main_script.py",
        include_str!("../../python/guild/main_script.py"),
    ),
    (
        "main_with_flags.py",
        include_str!("../../python/guild/main_with_flags.py"),
    ),
    ("op_main.py", include_str!("../../python/guild/op_main.py")),
    ("pass.py", include_str!("../../python/guild/pass.py")),
    ("probe.py", include_str!("../../python/guild/probe.py")),
    (
        "probe_answer.py",
        include_str!("../../python/guild/probe_answer.py"),
    ),
    (
        "probe_argparse.py",
        include_str!("../../python/guild/probe_argparse.py"),
    ),
    (
        "probe_click.py",
        include_str!("../../python/guild/probe_click.py"),
    ),
    (
        "probe_options.py",
        include_str!("../../python/guild/probe_options.py"),
    ),
    (
        "probe_owner.py",
        include_str!("../../python/guild/probe_owner.py"),
    ),
    (
        "probe_reads.py",
        include_str!("../../python/guild/probe_reads.py"),
    ),
    (
        "probe_sites.py",
        include_str!("../../python/guild/probe_sites.py"),
    ),
    (
        "probe_time.py",
        include_str!("../../python/guild/probe_time.py"),
    ),
    (
        "scalar_listeners.py",
        include_str!("../../python/guild/scalar_listeners.py"),
    ),
    ("summary.py", include_str!("../../python/guild/summary.py")),
    (
        "system_measures.py",
        include_str!("../../python/guild/system_measures.py"),
    ),
    (
        "tensorboard_server.py",
        include_str!("../../python/guild/tensorboard_server.py"),
    ),
    (
        "timestamps.py",
        include_str!("../../python/guild/timestamps.py"),
    ),
];

/// The folder that [`unpack`] gives, whether it is there or not.
pub fn folder(cache: &Path) -> PathBuf {
    cache.join(format!("python-{}", digest()))
}

/// The folder below `cache` that holds the `guild` package, to be put on
/// `PYTHONPATH`; unpacked there if it is not yet.
///
/// # Errors
/// A file or folder cannot be made.
pub fn unpack(cache: &Path) -> files::Result<PathBuf> {
    // A start asks several times. What goes from a cache goes as a whole.
    static SEEN: Mutex<Option<PathBuf>> = Mutex::new(None);
    let dir = folder(cache);
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_there = match seen.as_ref() == Some(&dir) {
        true => dir.join("guild").is_dir(),
        false => is_whole(&dir),
    };
    if !is_there {
        make(cache, &dir)?;
    }
    *seen = Some(dir.clone());
    Ok(dir)
}

/// Writes the files into the folder `dir` below `cache`.
fn make(cache: &Path, dir: &Path) -> files::Result<()> {
    files::create_dir_all(cache)?;
    let temporary = cache.join(format!(".python-{}.tmp", std::process::id()));
    let package = temporary.join("guild");
    files::create_dir_all(&package)?;
    for (name, text) in FILES {
        files::write_atomic(&package.join(name), text.as_bytes())?;
    }
    if let Err(error) = files::rename(&temporary, dir) {
        // Another program was first, or the folder is there but not whole.
        for (name, text) in FILES {
            files::write_atomic(&dir.join("guild").join(name), text.as_bytes())
                .map_err(|_| files::Error::new("unpack", dir, clone_io(&error.source)))?;
        }
        files::remove_dir_all(&temporary)?;
    }
    Ok(())
}

fn clone_io(error: &std::io::Error) -> std::io::Error {
    std::io::Error::new(error.kind(), error.to_string())
}

/// The digest of all files, which names the folder.
pub fn digest() -> &'static str {
    static DIGEST: LazyLock<String> = LazyLock::new(|| {
        // Every run takes it. It tells versions of guild apart, and guards nothing.
        let (mut hash, mut length) = (crc32fast::Hasher::new(), 0);
        for part in FILES.iter().flat_map(|(name, text)| [name, text]) {
            hash.update(part.as_bytes());
            hash.update(&[0]);
            length += part.len();
        }
        format!("{:08x}{length:08x}", hash.finalize())
    });
    &DIGEST
}

fn is_whole(dir: &Path) -> bool {
    FILES.iter().all(|(name, text)| {
        std::fs::metadata(dir.join("guild").join(name))
            .is_ok_and(|meta| meta.len() == text.len() as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_embedded() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/guild");
        let names = files::names(&dir).unwrap().into_iter();
        let mut names: Vec<String> = names
            .map(|name| name.to_string_lossy().into_owned())
            .filter(|name| name.ends_with(".py"))
            .collect();
        names.sort();
        let embedded: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(embedded, names);
    }

    #[test]
    fn files_are_unpacked_once_and_mended() {
        let cache = tempfile::tempdir().unwrap();
        let dir = unpack(cache.path()).unwrap();
        assert_eq!(unpack(cache.path()).unwrap(), dir);
        let main = dir.join("guild/op_main.py");
        std::fs::write(&main, "cut").unwrap();
        // A process looks at each once.
        unpack(tempfile::tempdir().unwrap().path()).unwrap();
        assert_eq!(unpack(cache.path()).unwrap(), dir);
        assert!(std::fs::read_to_string(&main).unwrap().len() > 3);
        files::remove_dir_all(&dir).unwrap();
        assert_eq!(unpack(cache.path()).unwrap(), dir);
        assert!(main.exists());
        assert_eq!(files::names(cache.path()).unwrap().len(), 1);
    }
}
