//! What knows nothing of guild: files, processes, locks, YAML, text, git.
//!
//! Whatever only one operating system has stays in here, behind one function
//! each. Only this module starts processes.

pub mod arrivals;
pub mod clock;
pub mod command;
pub mod companion;
pub mod desktop;
pub mod digest;
pub mod entry_name;
pub mod exchange;
pub mod file_copy;
pub mod file_snapshot;
pub mod files;
pub mod flock;
pub mod folder;
pub mod folder_copy;
pub mod folder_trail;
pub mod folder_watch;
pub mod git;
pub mod gpus;
pub mod http;
pub mod interrupt;
pub mod number;
pub mod output_file;
pub mod parallel;
pub mod paths;
pub mod process;
pub mod python_regex;
pub mod python_text;
pub mod python_url;
pub mod shell_text;
pub mod signals;
pub mod staged_copy;
pub mod stamp;
pub mod system_load;
pub mod terminal;
pub mod text;
pub mod wrap;
pub mod yaml;
