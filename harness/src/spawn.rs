//! Starting a program in a session of its own.
//!
//! `std::process::Command` can do this only through a `pre_exec` hook, which
//! makes it fork: that copies the page tables of the harness, and takes a
//! hundred times longer once the harness is large. `posix_spawn` has a flag for
//! it, so it is called here directly; macOS has the same call and the same flag.
//! Nobody waits for the process here: see [`crate::reaper`].
#![expect(
    unsafe_code,
    reason = "posix_spawn has no safe interface that can set a session"
)]

use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use nix::sys::signal::SigSet;

/// What is written by hand where libc has no constant of it.
#[cfg(target_os = "macos")]
const SET_SESSION: i32 = 0x0400;
#[cfg(not(target_os = "macos"))]
const SET_SESSION: i32 = libc::POSIX_SPAWN_SETSID as i32;

/// A program to start.
pub(crate) struct Program<'a> {
    /// The file to execute; `PATH` is not searched.
    pub file: &'a Path,
    /// All arguments, the zeroth included.
    pub arguments: &'a [Vec<u8>],
    /// The whole environment.
    pub environment: &'a [(Vec<u8>, Vec<u8>)],
    /// The working directory.
    pub directory: &'a Path,
    /// Standard input, or `None` for an empty one.
    pub stdin: Option<BorrowedFd<'a>>,
    /// Standard output.
    pub stdout: BorrowedFd<'a>,
    /// Standard error.
    pub stderr: BorrowedFd<'a>,
}

/// Starts the program with default signal actions, an empty signal mask and a
/// new session. Returns its process id.
pub(crate) fn spawn(program: &Program<'_>) -> io::Result<libc::pid_t> {
    let file = c_string(program.file.as_os_str().as_bytes())?;
    let arguments = program
        .arguments
        .iter()
        .map(|a| c_string(a))
        .collect::<io::Result<Vec<_>>>()?;
    let environment = program
        .environment
        .iter()
        .map(|(name, value)| c_string(&[name.as_slice(), b"=", value].concat()))
        .collect::<io::Result<Vec<_>>>()?;

    let mut actions = FileActions::new()?;
    match program.stdin {
        Some(descriptor) => actions.duplicate(descriptor, libc::STDIN_FILENO)?,
        None => actions.open_empty(libc::STDIN_FILENO)?,
    }
    actions.duplicate(program.stdout, libc::STDOUT_FILENO)?;
    actions.duplicate(program.stderr, libc::STDERR_FILENO)?;
    actions.change_directory(&c_string(program.directory.as_os_str().as_bytes())?)?;
    let attributes = Attributes::new()?;

    let (argv, envp) = (pointers(&arguments), pointers(&environment));
    let mut pid = 0;
    // SAFETY: every pointer is valid for the call, both lists end in a null
    // pointer, and posix_spawn does not write through them.
    let code = unsafe {
        libc::posix_spawn(
            &mut pid,
            file.as_ptr(),
            &actions.0,
            &attributes.0,
            argv.as_ptr(),
            envp.as_ptr(),
        )
    };
    check(code).map(|()| pid)
}

fn c_string(bytes: &[u8]) -> io::Result<CString> {
    CString::new(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "null byte in an argument"))
}

fn pointers(strings: &[CString]) -> Vec<*mut libc::c_char> {
    strings
        .iter()
        .map(|s| s.as_ptr().cast_mut())
        .chain([ptr::null_mut()])
        .collect()
}

/// These functions return the error instead of setting `errno`.
fn check(code: libc::c_int) -> io::Result<()> {
    if code == 0 {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(code))
    }
}

struct FileActions(libc::posix_spawn_file_actions_t);

impl FileActions {
    fn new() -> io::Result<Self> {
        let mut actions = MaybeUninit::uninit();
        // SAFETY: the call initialises what it is given if it returns 0.
        check(unsafe { libc::posix_spawn_file_actions_init(actions.as_mut_ptr()) })?;
        // SAFETY: initialised just above.
        Ok(FileActions(unsafe { actions.assume_init() }))
    }

    fn duplicate(&mut self, descriptor: BorrowedFd<'_>, to: libc::c_int) -> io::Result<()> {
        // SAFETY: the actions are initialised.
        check(unsafe {
            libc::posix_spawn_file_actions_adddup2(&mut self.0, descriptor.as_raw_fd(), to)
        })
    }

    fn open_empty(&mut self, to: libc::c_int) -> io::Result<()> {
        // SAFETY: the actions are initialised, and the path is copied.
        check(unsafe {
            libc::posix_spawn_file_actions_addopen(
                &mut self.0,
                to,
                c"/dev/null".as_ptr(),
                libc::O_RDONLY,
                0,
            )
        })
    }

    fn change_directory(&mut self, directory: &CStr) -> io::Result<()> {
        // SAFETY: the actions are initialised, and the path is copied.
        check(unsafe {
            libc::posix_spawn_file_actions_addchdir_np(&mut self.0, directory.as_ptr())
        })
    }
}

impl Drop for FileActions {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`, destroyed once.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn new() -> io::Result<Self> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: the call initialises what it is given if it returns 0.
        check(unsafe { libc::posix_spawnattr_init(attributes.as_mut_ptr()) })?;
        // SAFETY: initialised just above.
        let mut attributes = Attributes(unsafe { attributes.assume_init() });
        let flags = SET_SESSION | libc::POSIX_SPAWN_SETSIGDEF | libc::POSIX_SPAWN_SETSIGMASK;
        // Rust ignores SIGPIPE, and the harness blocks the signals it waits for;
        // neither is for the program.
        let (all, none) = (SigSet::all(), SigSet::empty());
        // SAFETY: the attributes are initialised, the sets are copied, and the
        // flags fit the type, which is the constants' own.
        unsafe {
            check(libc::posix_spawnattr_setflags(
                &mut attributes.0,
                flags as libc::c_short,
            ))?;
            check(libc::posix_spawnattr_setsigdefault(
                &mut attributes.0,
                all.as_ref(),
            ))?;
            check(libc::posix_spawnattr_setsigmask(
                &mut attributes.0,
                none.as_ref(),
            ))?;
        }
        Ok(attributes)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`, destroyed once.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}
