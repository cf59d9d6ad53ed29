//! Keys, and what they ask for.

mod bindings;

pub use bindings::SECTIONS;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Help,
    Quit,
    Interrupt,
    Suspend,
    Redraw,
    Down,
    Up,
    Left,
    Right,
    PageDown,
    PageUp,
    PageRight,
    PageLeft,
    Top,
    Row,
    FirstColumn,
    LastColumn,
    Column,
    Remember,
    Recall,
    NextRowChange,
    LastRowChange,
    NextColumnChange,
    LastColumnChange,
    Sort,
    SortDescending,
    SortNumbers,
    SortNumbersDescending,
    SortNaturally,
    SortNaturallyDescending,
    Unsort,
    Search,
    SearchBackwards,
    Next,
    Previous,
    Filter,
    Unfilter,
    Pick,
    PickAll,
    OnlyPicked,
    Details,
    Mark,
    Unmark,
    Hide,
    ShowAll,
    Choose,
    MoveLeft,
    MoveRight,
    Narrower,
    Wider,
    AllNarrower,
    AllWider,
    LessGap,
    MoreGap,
    Widths,
    Width,
    Copy,
    CopyRuns,
    Refresh,
    KeepRefreshing,
    Logs,
    Escape,
}

/// A key, with or without Ctrl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// Keys that ask for the same.
#[derive(Debug)]
pub struct Binding {
    /// What they ask for.
    pub command: Command,
    /// The keys.
    keys: &'static [Key],
    /// As the help writes them; empty where it says nothing of them.
    pub shown: &'static str,
    /// What the help says.
    pub help: &'static str,
}

/// Bindings of one subject.
#[derive(Debug)]
pub struct Section {
    /// The subject.
    pub title: &'static str,
    /// Its bindings, in the order of the help.
    pub bindings: &'static [Binding],
}

const fn letter(c: char) -> Key {
    key(KeyCode::Char(c))
}

const fn key(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

const fn ctrl(c: char) -> Key {
    Key {
        code: KeyCode::Char(c),
        ctrl: true,
    }
}

const fn bind(
    command: Command,
    keys: &'static [Key],
    shown: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        command,
        keys,
        shown,
        help,
    }
}

impl Key {
    /// The key of `event`; none for a key that is let go, or held with Alt.
    pub fn of(event: KeyEvent) -> Option<Self> {
        let alt = KeyModifiers::ALT | KeyModifiers::META | KeyModifiers::SUPER;
        if event.kind == KeyEventKind::Release || event.modifiers.intersects(alt) {
            return None;
        }
        Some(Self {
            code: event.code,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        })
    }

    /// Which key, but for Ctrl.
    pub fn code(self) -> KeyCode {
        self.code
    }

    /// The character that it types; none with Ctrl.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl => Some(c),
            _ => None,
        }
    }

    /// The letter that is held with Ctrl.
    pub fn with_ctrl(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.ctrl => Some(c),
            _ => None,
        }
    }

    /// What it asks for.
    pub fn command(self) -> Option<Command> {
        let mut bindings = SECTIONS.iter().flat_map(|section| section.bindings);
        let binding = bindings.find(|binding| binding.keys.contains(&self));
        binding.map(|binding| binding.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_asks_for_one_thing() {
        let bindings = || SECTIONS.iter().flat_map(|section| section.bindings);
        let keys: Vec<Key> = bindings()
            .flat_map(|binding| binding.keys)
            .copied()
            .collect();
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{key:?} is there twice");
        }
        for binding in bindings() {
            assert_eq!(binding.keys[0].command(), Some(binding.command));
        }
    }

    #[test]
    fn the_help_names_the_keys_that_work() {
        for binding in SECTIONS.iter().flat_map(|section| section.bindings) {
            for name in binding.shown.split(' ') {
                let key = match name {
                    "" => continue,
                    "Up" => key(KeyCode::Up),
                    "Down" => key(KeyCode::Down),
                    "Left" => key(KeyCode::Left),
                    "Right" => key(KeyCode::Right),
                    "PgUp" => key(KeyCode::PageUp),
                    "PgDn" => key(KeyCode::PageDown),
                    "Home" => key(KeyCode::Home),
                    "End" => key(KeyCode::End),
                    "Insert" => key(KeyCode::Insert),
                    "Delete" => key(KeyCode::Delete),
                    "Enter" => key(KeyCode::Enter),
                    "Space" => letter(' '),
                    "F1" => key(KeyCode::F(1)),
                    name => match name.strip_prefix("C-") {
                        Some(letter) => ctrl(letter.chars().next().unwrap()),
                        None => letter(name.chars().next().unwrap()),
                    },
                };
                assert_eq!(key.command(), Some(binding.command), "{name}");
            }
        }
    }

    #[test]
    fn the_user_guide_has_the_same_help() {
        let guide = include_str!("../../../docs/compare.md");
        for section in SECTIONS {
            let mut table = format!(
                "### {}\n\n| key | what it does |\n|---|---|\n",
                section.title
            );
            for binding in section.bindings {
                let quoted = |key| match key {
                    "`" => "`` ` ``".to_string(),
                    key => format!("`{}`", key.replace('|', "\\|")),
                };
                let keys: Vec<String> = binding.shown.split(' ').map(quoted).collect();
                if !binding.shown.is_empty() {
                    table.push_str(&format!("| {} | {} |\n", keys.join(" "), binding.help));
                }
            }
            assert!(guide.contains(&table), "docs/compare.md has not:\n{table}");
        }
    }

    #[test]
    fn shift_is_in_the_letter_and_alt_is_no_key_of_ours() {
        let of = |code, modifiers| Key::of(KeyEvent::new(code, modifiers));
        let shifted = of(KeyCode::Char('S'), KeyModifiers::SHIFT).unwrap();
        assert_eq!(shifted.command(), Some(Command::SortDescending));
        assert_eq!(of(KeyCode::Char('s'), KeyModifiers::ALT), None);
    }
}
