//! The names under which TensorBoard shows runs.

use std::path::Path;

use crate::base::clock;
use crate::base::yaml::Map;
use crate::op::label;
use crate::runs::{self, Run};

/// The most characters of the path of a run's folder, so that there is room for
/// what is in it.
const MOST_OF_PATH: usize = 148;

/// The fewest characters of a name, however long the path of the log directory
/// is: an id and something of the operation.
const FEWEST: usize = 40;

/// The most bytes that file systems have for a name.
const MOST_BYTES: usize = 255;

/// How runs are named.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// What stands for the label; the run's own where there is none.
    template: Option<String>,
}

impl Names {
    /// Names in which the flags that `flags` lists, by commas or blanks, stand
    /// for the label; without it that is the run's own.
    pub fn new(flags: Option<&str>) -> Self {
        let template = flags.map(|flags| {
            let names = flags.split([' ', ',']).map(str::trim);
            let names = names.filter(|name| !name.is_empty());
            let parts: Vec<String> = names.map(|name| format!("{name}=${{{name}}}")).collect();
            parts.join(" ")
        });
        Self { template }
    }

    /// The name of `run`, which names a folder of the log directory at `log_dir`:
    /// its short id, operation, start and label. What the template asks for in
    /// vain is told to `warn`.
    ///
    /// # Errors
    /// What is known of the run cannot be read.
    pub fn name(
        &self,
        run: &Run,
        log_dir: &Path,
        warn: &mut dyn FnMut(String),
    ) -> runs::Result<String> {
        let label = match &self.template {
            None => run.text_attr("label")?.unwrap_or_default(),
            Some(template) if template.is_empty() => String::new(),
            Some(template) => label::label(Some(template), &flags(run)?, warn),
        };
        let started = run.integer_attr("started")?.map(clock::local_text);
        let mut name = format!(
            "{} {} {}",
            run.short_id(),
            run.opref()?.model_op(),
            started.unwrap_or_default()
        );
        if !label.is_empty() {
            name = format!("{name} {label}");
        }
        let above = log_dir.to_string_lossy().chars().count() + 1;
        Ok(file_name(&name, MOST_OF_PATH.saturating_sub(above)))
    }
}

/// The flags of `run`.
pub(super) fn flags(run: &Run) -> runs::Result<Map> {
    let flags = run.attr("flags")?;
    Ok(flags
        .and_then(|flags| flags.as_map().cloned())
        .unwrap_or_default())
}

/// `name` as that of a file, of so many characters at the most. TensorBoard's
/// page cannot select a run with an ellipsis in its name.
fn file_name(name: &str, most: usize) -> String {
    let mut safe = String::with_capacity(name.len());
    let mut left = most.max(FEWEST);
    let mut is_after_slash = false;
    for c in name.trim().chars() {
        let is_slash = matches!(c, '/' | '\\');
        if std::mem::replace(&mut is_after_slash, is_slash) && is_slash {
            continue;
        }
        let c = match c {
            _ if is_slash => '_',
            '\u{2026}' => '?',
            c => c,
        };
        if left == 0 || safe.len() + c.len_utf8() > MOST_BYTES {
            break;
        }
        safe.push(c);
        left -= 1;
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_of_a_file() {
        assert_eq!(file_name(" a/b\\c… ", 80), "a_b_c?");
        assert_eq!(file_name("//a\\/b//", 80), "_a_b_");
        assert_eq!(file_name(&"x".repeat(200), 100).len(), 100);
        assert_eq!(file_name(&"x".repeat(200), 0).len(), FEWEST);
        assert!(file_name(&"\u{1F600}".repeat(200), 100).len() <= MOST_BYTES);
    }

    #[test]
    fn flags_in_the_place_of_the_label_are_a_template() {
        let template = |flags| Names::new(Some(flags)).template;
        assert_eq!(template("").as_deref(), Some(""));
        assert_eq!(template(" lr, on,  ").as_deref(), Some("lr=${lr} on=${on}"));
        assert_eq!(Names::new(None).template, None);
    }
}
