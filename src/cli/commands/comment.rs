//! `guild comment`: what people say of runs.

use clap::Args as ClapArgs;

use crate::base::yaml::Value;
use crate::base::{number, text};
use crate::cli::Context;
use crate::cli::args::{MatchArgs, RunsArg, YesArg, refuse_both};
use crate::cli::console::{Stream, Tone};
use crate::cli::editor::{self, Draft};
use crate::cli::failure::Failure;
use crate::cli::listing::{self, Cell, Shown, Table};
use crate::runs::{Comment, NotesLock, Run};

/// How far comments are indented below their run.
const INDENT: usize = 2;

/// What the names of files end with in which comments are written.
const EXTENSION: &str = ".GUILD_COMMENT";

/// Add comments to runs, list them, or take them away.
///
/// Without an option your editor opens for a comment: that of the variable
/// VISUAL or EDITOR, or the one the system has. Save an empty text to leave
/// things as they are. '--add' takes the comment from the command line.
///
/// RUN is a run's number in the list of runs, a range of numbers such as '2:4',
/// or an id or the start of one. Numbers count in the list as filtered. Without
/// RUN it is the latest run.
///
/// # Examples
///
/// Say something of the latest run, and list what was said of the latest three:
///
///     guild comment --add 'Loss explodes at step 300.'
///     guild comment --list 1:3
///
/// Write a longer comment on all runs of 'train' that failed:
///
///     guild comment : -Fo train -Se
///
/// Take the second comment of a run away, then all of them:
///
///     guild comment 5fd1e3 --delete 2
///     guild comment 5fd1e3 --clear
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment, args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArg,

    /// List the comments of the runs, with their numbers.
    #[arg(short, long)]
    list: bool,

    /// Add COMMENT.
    #[arg(short, long, value_name = "COMMENT")]
    add: Option<String>,

    /// Open an editor, with the text of '--add' if there is one.
    #[arg(short, long)]
    edit: bool,

    /// Take the comment with the number INDEX away; '--list' shows numbers.
    #[arg(short, long, value_name = "INDEX", value_parser = number::integer, allow_negative_numbers = true)]
    delete: Option<i64>,

    /// Take all comments away.
    #[arg(short, long)]
    clear: bool,

    /// Add the comment in the name of USER, which may be 'USER@HOST'.
    #[arg(short, long, value_name = "USER")]
    user: Option<String>,

    #[command(flatten)]
    matching: MatchArgs,

    #[command(flatten)]
    yes: YesArg,
}

/// Lists or changes comments.
///
/// # Errors
/// Options that contradict each other; arguments that mean no run; a no at the
/// prompt; an editor that fails; comments that cannot be read or written.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    check(args, context)?;
    let store = listing::live_runs(context);
    let runs = listing::filtered(&store, &args.matching.keep, context)?;
    let runs = listing::pick_all(&runs, &args.runs.runs, "1", context)?;
    if args.list {
        print(&runs, context);
        return Ok(());
    }
    if runs.is_empty() {
        context.console.note("No runs to modify.");
        return Ok(());
    }
    match args.delete {
        Some(number) => delete(&runs, number, args, context),
        None if args.clear => clear(&runs, args, context),
        None => add(&runs, args, context),
    }
}

fn check(args: &Args, context: &Context) -> Result<(), Failure> {
    let path = &context.path;
    let list = ("--list", args.list);
    let add = ("--add", args.add.is_some());
    let edit = ("--edit", args.edit);
    let delete = ("--delete", args.delete.is_some());
    let clear = ("--clear", args.clear);
    refuse_both(
        &[
            (list, add),
            (list, delete),
            (list, clear),
            (add, delete),
            (add, clear),
            (edit, delete),
            (edit, clear),
            (delete, clear),
        ],
        path,
    )?;
    refuse_both(
        &[(("--remote", args.matching.remote.remote.is_some()), edit)],
        path,
    )?;
    args.matching.remote.check()?;
    match args.delete {
        Some(number) if number < 1 => Err(Failure::with_help(
            format!("comments are numbered from 1: there is no comment {number}"),
            path,
        )),
        _ => Ok(()),
    }
}

fn print(runs: &[Run], context: &Context) {
    let mut table = Table::new(0);
    let mut below = Vec::new();
    for run in runs {
        let shown = Shown::new(run, context);
        let mut row = listing::preview_cells(&shown);
        row[0] = Cell::plain(run.short_id());
        table.push(row);
        below.push(comment_lines(&shown));
        shown.warn();
    }
    let console = &context.console;
    let mut text = String::new();
    for (line, below) in table.lines(Stream::Stdout, console).zip(below) {
        text.push_str(&console.paint(&line, Tone::Warning, Stream::Stdout));
        text.push('\n');
        for line in below {
            text.push_str(&line);
            text.push('\n');
        }
    }
    console.data(text.as_bytes());
}

fn comment_lines(shown: &Shown<'_>) -> Vec<String> {
    let comments = shown.or_default(shown.run().comments());
    if comments.is_empty() {
        return vec!["  <no comments>".to_string()];
    }
    let columns = shown.context().console.columns();
    let lines = comments.iter().enumerate().map(|(at, comment)| {
        let start = format!("[{}] ", at + 1);
        listing::comment_lines(comment, &start, INDENT, columns)
    });
    lines.flatten().collect()
}

fn delete(runs: &[Run], number: i64, args: &Args, context: &Context) -> Result<(), Failure> {
    if !args.yes.yes {
        let heading = format!("You are about to delete comment {number} from the following runs:");
        listing::confirm(runs, (&heading, Tone::Plain), ("Continue?", true), context)?;
    }
    let lock = NotesLock::take(&context.home)?;
    let at = usize::try_from(number - 1).unwrap_or(usize::MAX);
    // Plan first: comments that cannot be read leave all runs as they are.
    let mut changes: Vec<(&Run, Vec<Value>)> = Vec::new();
    for run in runs {
        let mut comments = run.comments()?;
        if at < comments.len() {
            comments.remove(at);
            changes.push((run, comments));
        }
    }
    if changes.is_empty() {
        let which = match runs {
            [run] => format!("run {} has no comment {number}", run.short_id()),
            _ => format!("none of these runs has a comment {number}"),
        };
        return Err(Failure::error(format!(
            "{which}\nTry '{} --list' for the numbers of comments.",
            context.path
        )));
    }
    let count = changes.len();
    for (run, comments) in changes {
        run.write_comments(comments, &lock)?;
    }
    context
        .console
        .note(&format!("Deleted comment for {count} run(s)"));
    Ok(())
}

fn clear(runs: &[Run], args: &Args, context: &Context) -> Result<(), Failure> {
    if !args.yes.yes {
        let heading = "WARNING: You are about to delete ALL comments from the following runs:";
        let question = ("Continue?", false);
        listing::confirm(runs, (heading, Tone::Warning), question, context)?;
    }
    let _lock = NotesLock::take(&context.home)?;
    for run in runs {
        run.delete_attr("comments")?;
    }
    let done = format!("Deleted all comments for {} run(s)", runs.len());
    context.console.note(&done);
    Ok(())
}

fn add(runs: &[Run], args: &Args, context: &Context) -> Result<(), Failure> {
    let given = args.add.as_deref().unwrap_or_default();
    if args.edit || given.is_empty() {
        // The editor serves as the prompt.
        let (body, draft) = written(given, &about(runs, context), context)?;
        return match save(runs, &body, args, context) {
            Ok(()) => {
                draft.discard();
                Ok(())
            }
            Err(failure) => Err(draft.kept_after(failure)),
        };
    }
    let body = given.trim();
    if body.is_empty() {
        return Err(empty());
    }
    if !args.yes.yes {
        let heading = "You are about to add a comment to the following runs:";
        listing::confirm(runs, (heading, Tone::Plain), ("Continue?", true), context)?;
    }
    save(runs, body, args, context)
}

fn save(runs: &[Run], body: &str, args: &Args, context: &Context) -> Result<(), Failure> {
    let user = args.user.as_deref().filter(|user| !user.is_empty());
    let lock = NotesLock::take(&context.home)?;
    for run in runs {
        run.comments()?;
    }
    for run in runs {
        run.add_comment(&Comment::new(body, user, &context.home), &lock)?;
    }
    let done = format!("Added comment to {} run(s)", runs.len());
    context.console.note(&done);
    Ok(())
}

/// What the user writes in an editor that starts with `text`, told what it is
/// `about`, and the file it is in.
///
/// # Errors
/// The editor fails; nothing is written.
pub(super) fn written(
    text: &str,
    about: &[String],
    context: &Context,
) -> Result<(String, Draft), Failure> {
    let mut lines = vec![
        text.to_string(),
        "# What do you have to say? Lines that start with '#' are left out.".to_string(),
        "# If nothing is left, nothing is done.".to_string(),
        "#".to_string(),
    ];
    lines.extend(
        about
            .iter()
            .map(|line| format!("# {line}").trim_end().to_string()),
    );
    let draft = editor::edit(&format!("{}\n", lines.join("\n")), EXTENSION, context)?;
    let body = draft.without_remarks();
    if body.is_empty() {
        draft.discard();
        return Err(empty());
    }
    Ok((body, draft))
}

fn empty() -> Failure {
    Failure::bare("Aborting due to an empty comment.")
}

/// The runs that a comment is about, as the editor shows them.
fn about(runs: &[Run], context: &Context) -> Vec<String> {
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| listing::preview_row(run, context))
        .collect();
    let rows = text::table(&rows, 2);
    std::iter::once("Runs:".to_string())
        .chain(rows.into_iter().map(|row| format!("  {row}")))
        .collect()
}
