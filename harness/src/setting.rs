//! What the specs of one suite are run with, and what follows for each of them.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::front_matter::TimeLimits;
use crate::gate::{self, Skip, SkipKind, Surroundings};
use crate::options::OptionSet;
use crate::outside::{self, Depth};
use crate::spec::{Example, Spec};
use crate::suite::{Empty, Limits, SuiteFile};

/// What the specs of one suite are run with.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The suite.
    pub suite: Arc<SuiteFile>,
    /// The program under test.
    pub binary: Option<PathBuf>,
    /// The folder of samples.
    pub samples: Option<PathBuf>,
    /// What the gates are held against.
    pub surroundings: Surroundings,
    /// Whether sandboxes stay.
    pub keep: bool,
    /// Whether specs run that their front matter would skip.
    pub force: bool,
    /// Whether reports hold the output of examples that passed.
    pub keep_output: bool,
    /// Variables let through from outside, besides those of the suite.
    pub pass: Vec<String>,
    /// How long things may take, whatever suite and front matter say.
    pub limits: TimeLimits,
    /// How long the whole run may take, whatever the suite says.
    pub run_limit: Option<Duration>,
    /// Whether a spec stops at its first failure.
    pub fail_fast: bool,
}

/// Why a spec does not run in this setting, if it does not.
pub fn skip(spec: &Spec, setting: &Setting) -> Option<Skip> {
    if spec.examples.is_empty() {
        return Some(Skip {
            kind: SkipKind::Empty,
            reason: "no examples".into(),
        });
    }
    if setting.force {
        return None;
    }
    gate::skip_spec(spec, &setting.surroundings)
}

/// Whether a spec that should have examples has none.
pub(crate) fn lacks_examples(spec: &Spec, setting: &Setting) -> bool {
    spec.examples.is_empty()
        && setting.suite.empty == Empty::Fail
        && gate::skip_spec(spec, &setting.surroundings).is_none()
}

impl Setting {
    /// How long and how large things of a spec may get.
    pub(crate) fn limits(&self, spec: &Spec) -> Limits {
        self.suite.limits.with(&spec.limits).with(&self.limits)
    }

    /// The names of the secrets of a spec.
    pub(crate) fn secrets<'a>(&'a self, spec: &'a Spec) -> impl Iterator<Item = &'a str> {
        let names = self.suite.secrets.iter().chain(&spec.secrets);
        names.map(String::as_str)
    }

    /// The options of an example, with those of file and suite below.
    pub(crate) fn options(&self, spec: &Spec, example: &Example) -> OptionSet {
        let below = self.suite.options.overlaid(&spec.options);
        below.overlaid(&example.options)
    }
}

/// The folders outside the sandbox that a spec is likeliest to write to.
pub(crate) fn places(spec: &Spec, setting: &Setting) -> Vec<(PathBuf, Depth)> {
    let folder = |file: &Path| std::path::absolute(file).ok()?.parent().map(Path::to_owned);
    // Where a program built for coverage writes is no concern of a spec.
    let profile = env::var_os("LLVM_PROFILE_FILE").filter(|file| !file.is_empty());
    let profile = profile.and_then(|file| folder(Path::new(&file))?.canonicalize().ok());
    let mut places = outside::places([
        (setting.samples.clone(), Depth::Tree),
        (folder(&spec.path), Depth::Files),
        (setting.suite.file.as_deref().and_then(folder), Depth::Files),
        (env::current_dir().ok(), Depth::Names),
        (env::var_os("HOME").map(PathBuf::from), Depth::Names),
    ]);
    places.retain(|(folder, _)| Some(folder) != profile.as_ref());
    places
}

/// An example is skipped for its own options and the suite's, and not again for
/// those of the file, which decide about the whole.
pub(crate) fn skip_example(example: &Example, setting: &Setting) -> Option<Skip> {
    let own = setting.suite.options.overlaid(&example.options);
    gate::skip(&own, &setting.surroundings)
}
