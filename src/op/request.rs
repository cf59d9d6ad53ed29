//! What the user asks `guild run` for.

use clap::{ArgAction, Args};

use crate::base::yaml::{Map, Value};

/// Start an operation.
#[derive(Debug, Clone, Default, Args)]
pub struct RunRequest {
    /// The operation, and FLAG=VAL words.
    #[arg(value_name = "[MODEL:]OPERATION] [FLAG=VAL", action = ArgAction::Append, num_args = 0..)]
    pub words: Vec<String>,

    /// Label the run LABEL; '${FLAG}' in it stands for the value of a flag.
    #[arg(short, long, value_name = "LABEL")]
    pub label: Option<String>,

    /// Tag the run TAG. May be given several times.
    #[arg(short, long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,

    /// Add the comment COMMENT to the run.
    #[arg(short, long, value_name = "COMMENT")]
    pub comment: Option<String>,

    /// Write a comment in an editor.
    #[arg(long, alias = "-ec")]
    pub edit_comment: bool,

    /// Edit flag values in an editor before the run.
    #[arg(short, long)]
    pub edit_flags: bool,

    /// Run in DIR, outside guild home; listings do not show such a run.
    #[arg(short = 'd', long, value_name = "DIR")]
    pub run_dir: Option<String>,

    /// Make the run and start it later, by hand or by a queue.
    #[arg(long)]
    pub stage: bool,

    /// Start a staged run, or an earlier one again, in its own directory.
    #[arg(long = "restart", alias = "start", value_name = "RUN")]
    pub restart: Option<String>,

    /// Make a new run like RUN.
    #[arg(long, value_name = "RUN")]
    pub proto: Option<String>,

    /// Copy the project's source code again for a restarted run.
    #[arg(long)]
    pub force_sourcecode: bool,

    /// Let the run see the GPUs DEVICES only.
    #[arg(long, value_name = "DEVICES")]
    pub gpus: Option<String>,

    /// Let the run see no GPU.
    #[arg(long)]
    pub no_gpus: bool,

    /// Label the batch LABEL.
    #[arg(long, alias = "-bl", value_name = "LABEL")]
    pub batch_label: Option<String>,

    /// Tag the batch TAG. May be given several times.
    #[arg(long = "batch-tag", alias = "-bt", value_name = "TAG")]
    pub batch_tags: Vec<String>,

    /// Add the comment COMMENT to the batch.
    #[arg(long, alias = "-bc", value_name = "COMMENT")]
    pub batch_comment: Option<String>,

    /// Write a comment for the batch in an editor.
    #[arg(long, alias = "-ebc")]
    pub edit_batch_comment: bool,

    /// Search with the optimizer ALGORITHM.
    #[arg(short, long, value_name = "ALGORITHM")]
    pub optimizer: Option<String>,

    /// Search with the operation's own optimizer.
    #[arg(short = 'O', long)]
    pub optimize: bool,

    /// Search for the smallest COLUMN.
    #[arg(short = 'N', long, value_name = "COLUMN")]
    pub minimize: Option<String>,

    /// Search for the largest COLUMN.
    #[arg(short = 'X', long, value_name = "COLUMN")]
    pub maximize: Option<String>,

    /// Set a flag of the optimizer. May be given several times.
    #[arg(long = "opt-flag", alias = "-Fo", value_name = "FLAG=VAL")]
    pub opt_flags: Vec<String>,

    /// Run N trials at the most.
    #[arg(short, long, alias = "trials", value_name = "N", value_parser = positive)]
    pub max_trials: Option<u64>,

    /// Run N trials at once.
    #[arg(short, long, value_name = "N", value_parser = positive)]
    pub jobs: Option<u64>,

    /// Give each trial N of the GPUs to itself, as many trials at once as there
    /// are GPUs for unless --jobs says.
    #[arg(long, value_name = "N", value_parser = positive)]
    pub gpus_per_trial: Option<u64>,

    /// Begin no trial while more than N processes are busy.
    #[arg(long, value_name = "N", value_parser = load)]
    pub max_load: Option<f64>,

    /// Begin no trial while less than SIZE of memory is free, such as 4G.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub min_memory: Option<u64>,

    /// Choose values with the random seed N.
    #[arg(long, value_name = "N", value_parser = integer)]
    pub random_seed: Option<i64>,

    /// Run the source code in PATH instead of a copy, to debug it there.
    #[arg(long, value_name = "PATH")]
    pub debug_sourcecode: Option<String>,

    /// Make the trials of a batch and start them later.
    #[arg(long)]
    pub stage_trials: bool,

    /// Run on REMOTE.
    #[arg(short, long, value_name = "REMOTE")]
    pub remote: Option<String>,

    /// Do it without asking.
    #[arg(short, long)]
    pub yes: bool,

    /// Take flags that the operation does not define.
    #[arg(short, long)]
    pub force_flags: bool,

    /// Go on without required files and runs that cannot be had.
    #[arg(long)]
    pub force_deps: bool,

    /// End the run after N minutes.
    #[arg(long, value_name = "N", value_parser = number)]
    pub stop_after: Option<f64>,

    /// Record how busy the machine and the run are every SECONDS (5 unless said),
    /// as scalars below 'sys'.
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "5",
        value_parser = seconds
    )]
    pub system_metrics: Option<f64>,

    /// End a batch when a trial fails.
    #[arg(long)]
    pub fail_on_trial_error: bool,

    /// Run only if there is no run with the same flag values yet.
    #[arg(long)]
    pub needed: bool,

    /// Run in the background.
    #[arg(short, long)]
    pub background: bool,

    /// Run in the background and write its process id to PIDFILE.
    #[arg(long, value_name = "PIDFILE")]
    pub pidfile: Option<String>,

    /// Do not wait for a remote run to end.
    #[arg(short, long)]
    pub no_wait: bool,

    /// Save the trials of a batch in the file PATH.
    #[arg(long, value_name = "PATH")]
    pub save_trials: Option<String>,

    /// Keep a run that its operation would delete when it ends well.
    #[arg(long)]
    pub keep_run: bool,

    /// Keep a batch that would be deleted when it ends well.
    #[arg(long)]
    pub keep_batch: bool,

    /// Bring the file or folder PATH into the run, as if it was required. May be
    /// given several times.
    #[arg(short = 'D', long = "dep", value_name = "PATH")]
    pub additional_deps: Vec<String>,

    /// Set a breakpoint at LOCATION. May be given several times.
    #[arg(long = "break", value_name = "LOCATION")]
    pub break_: Vec<String>,

    /// Start the debugger where an error is raised.
    #[arg(long)]
    pub break_on_error: bool,

    /// Keep the run's output off the terminal.
    #[arg(short, long)]
    pub quiet: bool,

    /// Show the command line and exit.
    #[arg(long)]
    pub print_cmd: bool,

    /// Show the environment that is added to the process, and exit.
    #[arg(long)]
    pub print_env: bool,

    /// Show the trials of a batch and exit.
    #[arg(long)]
    pub print_trials: bool,

    /// Show help for the model and exit.
    #[arg(long)]
    pub help_model: bool,

    /// Show help for the operation and exit.
    #[arg(short = 'h', long)]
    pub help_op: bool,

    /// Show the scalars found in the file OUTPUT and exit.
    #[arg(long, value_name = "OUTPUT")]
    pub test_output_scalars: Option<String>,

    /// Show the attributes found in the file OUTPUT and exit.
    #[arg(long, value_name = "OUTPUT")]
    pub test_output_attrs: Option<String>,

    /// Show which source code would be copied and exit.
    #[arg(long)]
    pub test_sourcecode: bool,

    /// Show how flags are defined and exit.
    #[arg(long)]
    pub test_flags: bool,

    /// Make the run with this id.
    #[arg(long, value_name = "ID", hide = true)]
    pub run_id: Option<String>,
}

fn positive(text: &str) -> Result<u64, String> {
    crate::base::number::positive(text)
}

fn integer(text: &str) -> Result<i64, String> {
    crate::base::number::integer(text)
}

fn number(text: &str) -> Result<f64, String> {
    crate::base::number::number(text)
}

fn bytes(text: &str) -> Result<u64, String> {
    crate::base::number::bytes(text)
}

fn load(text: &str) -> Result<f64, String> {
    let load = number(text)?;
    if load > 0.0 && load.is_finite() {
        Ok(load)
    } else {
        Err(format!("'{text}' is not a number above 0"))
    }
}

/// An interval that is not so short that measuring is all that the machine does.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds = number(text)?;
    if (1.0..=86_400.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(format!("'{text}' is not between 1 and 86400 seconds"))
    }
}

/// A number as it was typed: `5` is no `5.0`.
fn number_value(number: f64) -> Value {
    let whole = number as i64;
    if whole as f64 == number {
        Value::Int(whole)
    } else {
        Value::Float(number)
    }
}

impl RunRequest {
    /// The operation that is named: the first word, unless it sets a flag.
    pub fn op_spec(&self) -> Option<&str> {
        let first = self.words.first()?;
        (!first.contains('=') && !first.starts_with('@')).then_some(first)
    }

    /// The words after the operation.
    pub fn flag_words(&self) -> &[String] {
        &self.words[usize::from(self.op_spec().is_some())..]
    }

    /// All parameters by the names that the attribute `run_params` has.
    pub fn to_params(&self) -> Map {
        let text = |value: &Option<String>| Value::from(value.clone());
        let texts =
            |values: &[String]| Value::List(values.iter().cloned().map(Value::from).collect());
        let items: Vec<(&str, Value)> = vec![
            ("additional_deps", texts(&self.additional_deps)),
            ("background", self.background.into()),
            ("batch_comment", text(&self.batch_comment)),
            ("batch_label", text(&self.batch_label)),
            ("batch_tags", texts(&self.batch_tags)),
            ("break_", texts(&self.break_)),
            ("break_on_error", self.break_on_error.into()),
            ("comment", text(&self.comment)),
            ("debug_sourcecode", text(&self.debug_sourcecode)),
            ("edit_batch_comment", self.edit_batch_comment.into()),
            ("edit_comment", self.edit_comment.into()),
            ("edit_flags", self.edit_flags.into()),
            ("fail_on_trial_error", self.fail_on_trial_error.into()),
            ("flags", texts(self.flag_words())),
            ("force_deps", self.force_deps.into()),
            ("force_flags", self.force_flags.into()),
            ("force_sourcecode", self.force_sourcecode.into()),
            ("gpus", text(&self.gpus)),
            ("help_model", self.help_model.into()),
            ("help_op", self.help_op.into()),
            ("keep_batch", self.keep_batch.into()),
            ("keep_run", self.keep_run.into()),
            ("label", text(&self.label)),
            ("max_trials", Value::from(self.max_trials.map(|n| n as i64))),
            ("maximize", text(&self.maximize)),
            ("minimize", text(&self.minimize)),
            ("needed", self.needed.into()),
            ("no_gpus", self.no_gpus.into()),
            ("no_wait", self.no_wait.into()),
            ("opspec", Value::from(self.op_spec().map(str::to_string))),
            ("opt_flags", texts(&self.opt_flags)),
            ("optimize", self.optimize.into()),
            ("optimizer", text(&self.optimizer)),
            ("pidfile", text(&self.pidfile)),
            ("print_cmd", self.print_cmd.into()),
            ("print_env", self.print_env.into()),
            ("print_trials", self.print_trials.into()),
            ("proto", text(&self.proto)),
            ("quiet", self.quiet.into()),
            ("random_seed", Value::from(self.random_seed)),
            ("remote", text(&self.remote)),
            ("restart", text(&self.restart)),
            ("run_dir", text(&self.run_dir)),
            ("run_id", text(&self.run_id)),
            ("save_trials", text(&self.save_trials)),
            ("stage", self.stage.into()),
            ("stage_trials", self.stage_trials.into()),
            (
                "stop_after",
                self.stop_after.map_or(Value::Null, number_value),
            ),
            ("tags", texts(&self.tags)),
            ("test_flags", self.test_flags.into()),
            ("test_output_attrs", text(&self.test_output_attrs)),
            ("test_output_scalars", text(&self.test_output_scalars)),
            ("test_sourcecode", self.test_sourcecode.into()),
            ("yes", self.yes.into()),
        ];
        items.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_the_operation_unless_it_sets_a_flag() {
        let request = |words: &[&str]| RunRequest {
            words: words.iter().map(ToString::to_string).collect(),
            ..RunRequest::default()
        };
        let both = request(&["train.py", "lr=0.1"]);
        assert_eq!(both.op_spec(), Some("train.py"));
        assert_eq!(both.flag_words(), ["lr=0.1"]);
        let flags = request(&["lr=0.1", "x=2"]);
        assert_eq!(flags.op_spec(), None);
        assert_eq!(flags.flag_words().len(), 2);
    }

    #[test]
    fn every_parameter_is_recorded() {
        let params = RunRequest::default().to_params();
        assert_eq!(params.len(), 54);
        assert_eq!(params.get("yes"), Some(&Value::Bool(false)));
        assert_eq!(params.get("stop_after"), Some(&Value::Null));
    }
}
