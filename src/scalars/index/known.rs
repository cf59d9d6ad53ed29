//! What is known of a run while somebody reads it: what its event files told, and
//! small files of it that were read before.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::super::{Error, ScalarSummary};
use super::entry::Entry;
use super::place::Place;
use crate::base::stamp::Stamp;
use crate::runs::{MEMORY_DIRS, Memory, Recalled, Seen};

/// How many files of a run are remembered at the most.
const MOST: usize = 64;

/// What a run measured and logged.
#[derive(Debug, Default)]
pub struct Results {
    /// Its scalars, by prefix and tag.
    pub scalars: Vec<ScalarSummary>,
    /// The attributes that it logged, by name.
    pub attrs: Vec<(String, String)>,
    /// What could not be read. The rest was.
    pub problems: Vec<Error>,
}

/// A small file of a run, by its path below the folder that guild keeps there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(borrow)]
    state: State<'a>,
}

/// What was seen of a file. Whether it is there holds as long as no name in the
/// run's folders changes, its text as long as it has the same stamp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum State<'a> {
    Absent,
    Present,
    Text(Stamp, #[serde(borrow)] Cow<'a, str>),
}

impl<'a> Kept<'a> {
    /// Those of `kept` that hold whatever names have changed.
    pub(super) fn texts(kept: &[Kept<'_>]) -> Vec<Kept<'static>> {
        let texts = kept.iter().filter_map(|it| match &it.state {
            State::Text(stamp, text) => Some(Kept {
                path: it.path.clone().into_owned().into(),
                state: State::Text(*stamp, text.clone().into_owned().into()),
            }),
            State::Absent | State::Present => None,
        });
        texts.collect()
    }

    /// `kept` with the news of `notes`.
    pub(super) fn merged(kept: Vec<Kept<'a>>, notes: Vec<Kept<'static>>) -> Vec<Kept<'a>> {
        let is_old = |it: &Kept<'_>| !notes.iter().any(|note| note.path == it.path);
        let mut kept: Vec<Kept<'a>> = kept.into_iter().filter(is_old).collect();
        kept.extend(notes);
        kept.truncate(MOST);
        kept
    }
}

/// A run that is being read, and what is known of it.
pub struct Known<'a> {
    entry: &'a Entry<'a>,
    place: &'a Place<'a>,
    problems: RefCell<Vec<Error>>,
    /// Whether it would be seen if names in the run's folders were not as they were.
    has_same_names: bool,
    /// Which of the entry's files have been found to be as they were.
    checked: Cell<u64>,
    notes: RefCell<Vec<Kept<'static>>>,
    now: SystemTime,
}

impl<'a> Known<'a> {
    /// The run at `place`, of which `entry` tells what is so now; `problems` are what
    /// of its event files could not be read.
    pub(super) fn new(
        entry: &'a Entry<'a>,
        place: &'a Place<'a>,
        problems: Vec<Error>,
        now: SystemTime,
    ) -> Self {
        Self {
            entry,
            place,
            problems: RefCell::new(problems),
            has_same_names: MEMORY_DIRS.iter().all(|dir| entry.has_stamp(dir)),
            checked: Cell::new(0),
            notes: RefCell::default(),
            now,
        }
    }

    /// What the run measured and logged. Problems are told the first time.
    pub fn results(&self) -> Results {
        let mut problems = self.problems.take();
        let mut warn = |error| problems.push(error);
        self.entry.warn_of_damage(self.place.run_dir(), &mut warn);
        Results {
            scalars: self.entry.scalars(),
            attrs: self.entry.logged_attrs(),
            problems,
        }
    }

    /// What was seen that is not known yet.
    pub(super) fn into_notes(self) -> Vec<Kept<'static>> {
        self.notes.into_inner()
    }
}

impl Memory for Known<'_> {
    fn recall(&self, path: &str) -> Recalled<'_> {
        let mut kept = self.entry.kept.iter().take(MOST).enumerate();
        let Some((number, found)) = kept.find(|(_, kept)| kept.path == path) else {
            return Recalled::Unknown;
        };
        match &found.state {
            State::Absent if self.has_same_names => Recalled::Absent,
            State::Present if self.has_same_names => Recalled::Present,
            State::Text(stamp, text) => {
                let bit = 1 << number;
                let is_checked = self.checked.get() & bit != 0;
                if is_checked || self.place.stamp([MEMORY_DIRS[0], path]).ok() == Some(*stamp) {
                    self.checked.set(self.checked.get() | bit);
                    return Recalled::Text(text);
                }
                Recalled::Unknown
            }
            State::Absent | State::Present => Recalled::Unknown,
        }
    }

    fn note(&self, path: &str, seen: Seen<'_>) {
        let state = match seen {
            Seen::Absent if self.has_same_names => State::Absent,
            Seen::Present if self.has_same_names => State::Present,
            Seen::Text(stamp, text) if stamp.has_settled_content(self.now) => {
                State::Text(stamp, text.to_string().into())
            }
            Seen::Absent | Seen::Present | Seen::Text(..) => return,
        };
        let path = Cow::Owned(path.to_string());
        self.notes.borrow_mut().push(Kept { path, state });
    }
}
