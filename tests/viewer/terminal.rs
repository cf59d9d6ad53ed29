//! A real terminal: a server of tmux of its own, with one pane and a shell in it.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a screen may take to show what is expected.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a screen must look the same to be whole.
const SETTLED: u32 = 3;

/// What the shell writes when it waits for a command.
pub const PROMPT: &str = "ready>";

/// The terminal. It ends with this.
pub struct Terminal {
    socket: String,
}

impl Terminal {
    /// A terminal of so many columns and lines, with a shell whose commands work in
    /// `dir` on the runs of `dir/home`. None where there is no tmux, unless it is
    /// required.
    pub fn open(columns: u32, lines: u32, dir: &Path) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            let required = std::env::var_os("TMUX_REQUIRED").is_some();
            assert!(!required, "tmux is not there and TMUX_REQUIRED is set");
            eprintln!("skipped: there is no tmux");
            return None;
        }
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let terminal = Self {
            socket: format!("guild-test-{}-{number}", std::process::id()),
        };
        let programs = Path::new(env!("CARGO_BIN_EXE_guild")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        let shell = format!(
            "bash --noprofile --rcfile {} -i",
            dir.join("bashrc").display()
        );
        std::fs::write(dir.join("bashrc"), format!("PS1='{PROMPT}'\n")).unwrap();
        let config = dir.join("tmux.conf");
        std::fs::write(&config, "set -g set-clipboard on\nset -g escape-time 0\n").unwrap();
        let started = Command::new("tmux")
            .args(["-u", "-L", &terminal.socket, "-f"])
            .arg(&config)
            .args(["new-session", "-d", "-x", &columns.to_string()])
            .args(["-y", &lines.to_string(), &shell])
            .current_dir(dir)
            .env_clear()
            .env("PATH", path)
            .env("HOME", dir)
            .env("GUILD_HOME", dir.join("home"))
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env("TMUX_TMPDIR", dir)
            .output()
            .unwrap();
        assert!(started.status.success(), "{started:?}");
        // The same server is found by the same folder of sockets.
        let terminal = Self {
            socket: dir
                .join(format!("tmux-{}", user_id()))
                .join(&terminal.socket)
                .display()
                .to_string(),
        };
        terminal.wait_for(PROMPT);
        Some(terminal)
    }

    fn tmux(&self, words: &[&str]) -> Output {
        let output = Command::new("tmux")
            .args(["-u", "-S", &self.socket])
            .args(words)
            .output()
            .unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        output
    }

    /// Presses keys: text as it is, or names that tmux knows, such as `Enter`.
    pub fn press(&self, keys: &[&str]) {
        for key in keys {
            self.tmux(&["send-keys", "--", key]);
        }
    }

    /// Types `text` as it is.
    pub fn type_in(&self, text: &str) {
        self.tmux(&["send-keys", "-l", "--", text]);
    }

    /// Types a command for the shell.
    pub fn run(&self, command: &str) {
        self.type_in(command);
        self.press(&["Enter"]);
    }

    /// Sends a signal to the program that the shell waits for.
    pub fn signal_foreground(&self, signal: &str) {
        let shell = self.tmux(&["display-message", "-p", "#{pane_pid}"]);
        let shell: u32 = String::from_utf8(shell.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let children = format!("/proc/{shell}/task/{shell}/children");
        let child = std::fs::read_to_string(children).unwrap();
        let sent = Command::new("kill")
            .args(["-s", signal, child.trim()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Whether a program has taken the other screen, or hides the cursor.
    pub fn has_other_screen(&self) -> bool {
        let asked = "#{alternate_on}#{?cursor_flag,0,1}";
        let modes = self.tmux(&["display-message", "-p", asked]).stdout;
        String::from_utf8(modes).unwrap().trim() != "00"
    }

    /// Changes the size of the screen.
    pub fn resize(&self, columns: u32, lines: u32) {
        let (columns, lines) = (columns.to_string(), lines.to_string());
        self.tmux(&["resize-window", "-x", &columns, "-y", &lines]);
    }

    /// What is on the screen, line by line.
    pub fn screen(&self) -> String {
        let output = self.tmux(&["capture-pane", "-p"]);
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same with the codes that give it its looks.
    pub fn screen_with_looks(&self) -> String {
        let output = self.tmux(&["capture-pane", "-p", "-e"]);
        String::from_utf8(output.stdout).unwrap()
    }

    /// What programs put on the clipboard last.
    pub fn clipboard(&self) -> Option<String> {
        let output = Command::new("tmux")
            .args(["-u", "-S", &self.socket, "show-buffer"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then_some(text)
    }

    /// Waits until the screen is as `expected` says and stays as it is, and returns
    /// it. A screen that is half drawn does not stay.
    pub fn wait_until(&self, what: &str, expected: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        let (mut last, mut same) = (String::new(), 0);
        loop {
            let screen = self.screen();
            same = if screen == last { same + 1 } else { 0 };
            if same >= SETTLED && expected(&screen) {
                return screen;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "the screen does not show {what}:\n{screen}"
            );
            last = screen;
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the shell waits for a command, after as many prompts as are on
    /// the screen then. What is typed before may go to the program that ends.
    pub fn wait_for_prompts(&self, count: usize) {
        let what = format!("{count} prompts");
        self.wait_until(&what, |screen| screen.matches(PROMPT).count() == count);
    }

    /// Waits until `text` is on the screen.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The server ends with its only session; nothing is left to tell.
        let _ = Command::new("tmux")
            .args(["-S", &self.socket, "kill-server"])
            .output();
    }
}

fn user_id() -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").unwrap().uid()
}
