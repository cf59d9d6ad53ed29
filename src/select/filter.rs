//! Keeping runs by what they are.

use jiff::Timestamp;
use regex::Regex;

use super::operation_name;
use super::question::Question;
use crate::base::parallel;
use crate::base::text::fnmatch;
use crate::base::yaml::Value;
use crate::query::time_range::TimeRange;
use crate::runs::{self, Run, Status, Store};

/// What runs must be to be kept; everything that is set must hold.
#[derive(Debug, Default)]
pub struct Filter {
    /// Operations, one of which must match.
    pub operations: Vec<String>,
    /// Texts, one of which the label must contain; `-` is an empty label.
    pub labels: Vec<String>,
    /// Only runs without a label.
    pub unlabeled: bool,
    /// Tags, one of which the run must have.
    pub tags: Vec<String>,
    /// Texts, one of which a comment must contain; `-` is no comments.
    pub comments: Vec<String>,
    /// Only marked runs.
    pub marked: bool,
    /// Only runs that are not marked.
    pub unmarked: bool,
    /// What the source code digest must start with.
    pub digest: Option<String>,
    /// Statuses, one of which the run must be in; any where empty.
    pub statuses: Vec<Status>,
    /// When the run was started.
    pub started: Option<TimeRange>,
    /// What must hold for the run.
    pub question: Option<Question>,
}

/// A filter that contradicts itself.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FilterError {
    /// Labels and no label.
    #[error("--label and --unlabeled cannot both be used")]
    LabelAndUnlabeled,
    /// Marked and not marked.
    #[error("--marked and --unmarked cannot both be used")]
    MarkedAndUnmarked,
}

impl Filter {
    /// Whether the parts of the filter agree with each other.
    ///
    /// # Errors
    /// Two that exclude each other.
    pub fn check(&self) -> Result<(), FilterError> {
        if !self.labels.is_empty() && self.unlabeled {
            return Err(FilterError::LabelAndUnlabeled);
        }
        if self.marked && self.unmarked {
            return Err(FilterError::MarkedAndUnmarked);
        }
        Ok(())
    }

    /// Whether any run is kept.
    pub fn keeps_all(&self) -> bool {
        let Self {
            operations,
            labels,
            unlabeled,
            tags,
            comments,
            marked,
            unmarked,
            digest,
            statuses,
            started,
            question,
        } = self;
        let lists = [operations, labels, tags, comments];
        let asked = *unlabeled || *marked || *unmarked || digest.is_some();
        let asked = asked || started.is_some() || question.is_some();
        lists.iter().all(|list| list.is_empty()) && !asked && statuses.is_empty()
    }

    /// The runs of `runs` to keep, in their order. What cannot be read of a
    /// run counts as not set.
    pub fn apply(&self, runs: Vec<Run>) -> Vec<Run> {
        if self.keeps_all() {
            return runs;
        }
        let operations = self.operation_matches();
        let kept = parallel::map(&runs, |run| self.keeps(run, &operations));
        let runs = runs.into_iter().zip(kept);
        runs.filter_map(|(run, kept)| kept.then_some(run)).collect()
    }

    /// The runs of `store` to keep, latest first: those that [`Filter::apply`]
    /// keeps of all.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn list(&self, store: &Store) -> runs::Result<Vec<Run>> {
        if self.keeps_all() {
            return store.list();
        }
        let operations = self.operation_matches();
        store.list_where(|run| self.keeps(run, &operations))
    }

    fn operation_matches(&self) -> Vec<OpMatch> {
        let matches = self.operations.iter().map(|text| OpMatch::new(text));
        matches.collect()
    }

    fn keeps(&self, run: &Run, operations: &[OpMatch]) -> bool {
        let any = |wanted: &[String], holds: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|text| holds(text))
        };
        // Cheapest first: each of these opens files of the run.
        let range = self.started.as_ref();
        if range.is_some_and(|range| !is_started_in(run, range)) {
            return false;
        }
        if !operations.is_empty() {
            let name = operation_name(run);
            if !operations.iter().any(|operation| operation.matches(&name)) {
                return false;
            }
        }
        if !self.labels.is_empty() || self.unlabeled {
            let label = run.text_attr("label").ok().flatten().unwrap_or_default();
            let matches = |text: &str| match text {
                "-" => label.is_empty(),
                text => label.contains(text),
            };
            if !any(&self.labels, &matches) || (self.unlabeled && !label.is_empty()) {
                return false;
            }
        }
        if !self.tags.is_empty() {
            let tags = run.list_attr("tags").unwrap_or_default();
            if !any(&self.tags, &|tag| tags.iter().any(|has| has == tag)) {
                return false;
            }
        }
        if !any(&self.comments, &|text| has_comment(run, text)) {
            return false;
        }
        if (self.marked || self.unmarked) && run.is_marked() != self.marked {
            return false;
        }
        if let Some(digest) = self.digest.as_deref().filter(|text| !text.is_empty()) {
            let has = run.text_attr("sourcecode_digest").ok().flatten();
            if !has.is_some_and(|has| has.starts_with(digest)) {
                return false;
            }
        }
        if !self.statuses.is_empty() && !self.statuses.contains(&run.status()) {
            return false;
        }
        let question = self.question.as_ref();
        question.is_none_or(|question| question.holds_for(run))
    }
}

/// Whether the run was started in `range`, or initialized where it was not.
fn is_started_in(run: &Run, range: &TimeRange) -> bool {
    let time = run.timestamp().map(Timestamp::from_microsecond);
    matches!(time, Some(Ok(time)) if range.contains(time))
}

/// Whether user, host or text of a comment contains `text`, whatever the case.
fn has_comment(run: &Run, text: &str) -> bool {
    let comments = run.attr("comments").ok().flatten();
    let comments = comments
        .as_ref()
        .and_then(Value::as_list)
        .unwrap_or_default();
    if text == "-" {
        return comments.is_empty();
    }
    let text = text.to_lowercase();
    comments.iter().filter_map(Value::as_map).any(|comment| {
        let field = |name| {
            comment
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let fields = [field("user"), field("host"), field("body")];
        fields.join("\n").to_lowercase().contains(&text)
    })
}

/// What an operation's name must look like.
enum OpMatch {
    Any,
    Nothing,
    Regex(Regex),
    // Package, model and operation; a part that is not set matches all.
    Parts([Option<String>; 3]),
}

impl OpMatch {
    fn new(text: &str) -> Self {
        if text.starts_with('^') || text.ends_with('$') {
            return Regex::new(text).map_or(OpMatch::Nothing, OpMatch::Regex);
        }
        match split(text) {
            Some(parts) if !text.is_empty() => OpMatch::Parts(parts),
            _ => OpMatch::Any,
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            OpMatch::Any => true,
            OpMatch::Nothing => false,
            OpMatch::Regex(regex) => regex.is_match(name),
            OpMatch::Parts(wanted) => {
                let has = split(name).unwrap_or([None, None, Some(name.to_string())]);
                wanted.iter().zip(&has).all(|(wanted, has)| match wanted {
                    None => true,
                    Some(wanted) => {
                        let has = has.as_deref().unwrap_or_default();
                        wanted == has || (wanted.contains('*') && fnmatch(wanted, has))
                    }
                })
            }
        }
    }
}

/// `[PACKAGE/][MODEL:]OP` in its parts; none for a text of another form.
fn split(text: &str) -> Option<[Option<String>; 3]> {
    let (package, rest) = match text.rsplit_once('/') {
        Some(("", _)) => return None,
        Some((package, rest)) => (Some(package.to_string()), rest),
        None => (None, text),
    };
    if package
        .as_ref()
        .is_some_and(|package| package.starts_with('/'))
    {
        return None;
    }
    let (model, op) = match rest.split_once(':') {
        Some((model, op)) => (Some(model.to_string()), op),
        None => (None, rest),
    };
    (!op.is_empty()).then(|| [package, model, Some(op.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_match_whole_parts() {
        for (wanted, name, expected) in [
            ("ok", "ok.py", false),
            ("ok*", "ok.py", true),
            ("ok.py", "ok.py", true),
            ("OK.py", "ok.py", false),
            ("^ok", "ok.py", true),
            ("py$", "ok.py", true),
            ("run.sh", "./run.sh", true),
            ("./run.sh", "./run.sh", true),
            ("sub/train.py", "train.py", false),
            ("op", "m:op", true),
            ("m:op", "m:op", true),
            ("n:op", "m:op", false),
            ("m:", "x", true),
            ("", "x", true),
            ("/bin/true", "ok.py", true),
        ] {
            assert_eq!(
                OpMatch::new(wanted).matches(name),
                expected,
                "{wanted} {name}"
            );
        }
    }

    #[test]
    fn a_filter_may_not_contradict_itself() {
        let filter = Filter {
            labels: vec!["x".into()],
            unlabeled: true,
            ..Filter::default()
        };
        assert_eq!(filter.check(), Err(FilterError::LabelAndUnlabeled));
    }
}
