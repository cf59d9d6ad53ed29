//! What people say of a run after it was made: its label, tags and comments.
//!
//! A change reads what is there and writes it anew. So that two commands that
//! do this at once do not lose what one of them says, whoever changes notes
//! holds a [`NotesLock`]. Readers need none: files are replaced in one step.

use std::time::Duration;

use super::{Result, Run, damaged};
use crate::base::flock;
use crate::base::process;
use crate::base::yaml::{self, Map, Value};
use crate::home::Home;

/// How long a command waits for another that changes notes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The right to change the notes of runs, which one process of a guild home
/// has at a time; let go when dropped.
#[derive(Debug)]
pub struct NotesLock {
    _guard: flock::Guard,
}

impl NotesLock {
    /// Waits for the lock of guild home.
    ///
    /// # Errors
    /// The lock file cannot be made; another process keeps the lock for a
    /// minute.
    pub fn take(home: &Home) -> std::result::Result<Self, flock::Error> {
        let guard = flock::lock(&home.notes_lock(), PATIENCE)?;
        Ok(Self { _guard: guard })
    }
}

/// Something to be said of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The text.
    pub body: String,
    /// Whose it is.
    pub user: String,
    /// The machine it was written on.
    pub host: String,
    /// When, in microseconds since the epoch.
    pub time: i64,
}

impl Comment {
    /// A comment by `author` (`USER` or `USER@HOST`), the user of this process
    /// unless given.
    pub fn new(body: &str, author: Option<&str>, home: &Home) -> Self {
        let this_host = || home.variable("HOST").unwrap_or_else(process::host_name);
        let (user, host) = match author {
            None => (home.variable("USER").unwrap_or_default(), this_host()),
            Some(author) => match author.split_once('@') {
                Some((user, host)) if !host.is_empty() => (user.to_string(), host.to_string()),
                Some((user, _)) => (user.to_string(), this_host()),
                None => (author.to_string(), this_host()),
            },
        };
        Self {
            body: body.to_string(),
            user,
            host,
            time: home.now_micros(),
        }
    }

    fn to_value(&self) -> Value {
        let fields = [
            ("body", Value::from(self.body.as_str())),
            ("host", self.host.as_str().into()),
            ("time", Value::Int(self.time)),
            ("user", self.user.as_str().into()),
        ];
        Value::Map(fields.into_iter().collect::<Map>())
    }
}

impl Run {
    /// The run's tags as they are stored.
    ///
    /// # Errors
    /// The file cannot be read or holds no list.
    pub fn tags(&self) -> Result<Vec<String>> {
        let tags = self.notes("tags")?.into_iter().map(|tag| match tag {
            Value::Str(text) => text,
            other => yaml::dump_flow(&other),
        });
        Ok(tags.collect())
    }

    /// Replaces the run's tags.
    ///
    /// # Errors
    /// The file cannot be written; it then holds what it held.
    pub fn write_tags(&self, tags: &[String], _lock: &NotesLock) -> Result<()> {
        let tags = tags.iter().map(|tag| Value::from(tag.as_str())).collect();
        self.write_attr("tags", &Value::List(tags))
    }

    /// The run's comments as they are stored, oldest first.
    ///
    /// # Errors
    /// The file cannot be read or holds no list.
    pub fn comments(&self) -> Result<Vec<Value>> {
        self.notes("comments")
    }

    /// Replaces the run's comments.
    ///
    /// # Errors
    /// The file cannot be written; it then holds what it held.
    pub fn write_comments(&self, comments: Vec<Value>, _lock: &NotesLock) -> Result<()> {
        self.write_attr("comments", &Value::List(comments))
    }

    /// Adds a comment behind the run's others.
    ///
    /// # Errors
    /// As [`Run::comments`] and [`Run::write_comments`].
    pub fn add_comment(&self, comment: &Comment, lock: &NotesLock) -> Result<()> {
        let mut comments = self.comments()?;
        comments.push(comment.to_value());
        self.write_comments(comments, lock)
    }

    /// The attribute `name` as a list. What is no list is an error, so that no
    /// change writes over what somebody put there.
    fn notes(&self, name: &str) -> Result<Vec<Value>> {
        match self.attr(name)? {
            None => Ok(Vec::new()),
            Some(Value::List(items)) => Ok(items),
            Some(other) => Err(damaged(
                self.attr_path(name),
                &format!("expected a list, found {}", other.type_name()),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;

    fn run() -> (tempfile::TempDir, Run, NotesLock) {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::at(dir.path().join("r"));
        files::create_dir_all(&run.guild_path("attrs")).unwrap();
        let guard = flock::lock(&dir.path().join("lock"), PATIENCE).unwrap();
        (dir, run, NotesLock { _guard: guard })
    }

    #[test]
    fn an_author_may_have_a_host() {
        let home = Home::discover(None, None).unwrap();
        let author = |text| {
            let comment = Comment::new("x", Some(text), &home);
            (comment.user, comment.host)
        };
        let here = author("maude").1;
        assert!(!here.is_empty());
        assert_eq!(author("maude@place"), ("maude".into(), "place".into()));
        assert_eq!(author("a@b@c"), ("a".into(), "b@c".into()));
        assert_eq!(author("maude@"), ("maude".into(), here));
    }

    #[test]
    fn comments_are_added_behind_what_is_there() {
        let (_dir, run, lock) = run();
        std::fs::write(run.attr_path("comments"), "- odd\n").unwrap();
        let comment = Comment {
            body: "first\nsecond".into(),
            user: "u".into(),
            host: "h".into(),
            time: 5,
        };
        run.add_comment(&comment, &lock).unwrap();
        let comments = run.comments().unwrap();
        assert_eq!(comments.len(), 2);
        let text = std::fs::read_to_string(run.attr_path("comments")).unwrap();
        assert!(text.starts_with("- odd\n- body: "), "{text}");
        assert!(
            text.ends_with("  host: h\n  time: 5\n  user: u\n"),
            "{text}"
        );
    }

    #[test]
    fn what_is_no_list_is_not_written_over() {
        let (_dir, run, lock) = run();
        run.write_tags(&["b".into(), "5".into()], &lock).unwrap();
        assert_eq!(run.tags().unwrap(), ["b", "5"]);
        std::fs::write(run.attr_path("tags"), "{a: b}\n").unwrap();
        let message = run.tags().unwrap_err().to_string();
        assert!(message.contains("attrs/tags: expected a list"), "{message}");
    }
}
