//! What `guild merge` says of a plan.

use std::path::PathBuf;

use crate::base::text;
use crate::cli::failure::Failure;
use crate::merge::{Objection, Plan, Reason, RefusedFile, path_cmp};

/// Lines that tell which files are copied.
pub(super) fn copies(plan: &Plan) -> impl Iterator<Item = String> {
    let copies = plan.copies_by_target();
    let mut lines: Vec<String> = vec!["Files:".to_string()];
    if copies.is_empty() {
        lines.push("  nothing to copy".to_string());
    }
    let paths = copies.iter().map(|copy| copy.target_path.display());
    lines.extend(paths.map(|path| format!("  {path}")));
    lines.into_iter()
}

/// Lines that tell which files are not copied, and why; none where there are
/// none.
pub(super) fn skipped(plan: &Plan) -> impl Iterator<Item = String> {
    let mut rows: Vec<(&PathBuf, Reason)> = plan
        .skipped
        .iter()
        .map(|file| {
            let path = file.target_path.as_ref().unwrap_or(&file.run_path);
            (path, file.reason)
        })
        .collect();
    rows.sort_by(|(left, _), (right, _)| path_cmp(left, right));
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(path, reason)| vec![path.display().to_string(), words(reason).to_string()])
        .collect();
    let heading = (!rows.is_empty()).then(|| "Skipped:".to_string());
    let lines = text::table(&rows, 2);
    let lines = lines.into_iter().map(|line| format!("  {line}"));
    heading.into_iter().chain(lines)
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Unchanged => "unchanged",
        Reason::Excluded => "excluded",
        Reason::SourceCode => "skipped source code",
        Reason::Dependency => "skipped dependency",
        Reason::ForeignDependency => "non-project dependency",
        Reason::Generated => "non-project file",
        Reason::Internal => "internal file",
    }
}

/// Says which files of the target must not be replaced.
pub(super) fn objection(objection: &Objection, target_name: &str) -> Failure {
    let (paths, fault, advice) = match objection {
        Objection::Replaces(paths) => (
            paths,
            "would be replaced",
            "Use --replace to skip this check.",
        ),
        Objection::Unstaged(paths) => (
            paths,
            "have unstaged changes",
            "Stage or stash these changes or use --replace to skip this check.",
        ),
    };
    let paths: String = paths
        .iter()
        .map(|path| format!("  {}\n", path.display()))
        .collect();
    Failure::error(format!("files in {target_name} {fault}:\n{paths}{advice}"))
}

/// Says which files must not be written, and why.
pub(super) fn refusal(refused: &[RefusedFile], target_name: &str) -> Failure {
    let mut refused: Vec<&RefusedFile> = refused.iter().collect();
    refused.sort_by(|left, right| path_cmp(&left.target_path, &right.target_path));
    let lines: String = refused
        .iter()
        .map(|file| format!("  {}: {}\n", file.target_path.display(), file.hazard))
        .collect();
    Failure::error(format!(
        "these files cannot be copied to {target_name}:\n{lines}Nothing was copied. Use \
         --exclude to leave them out."
    ))
}
