//! `guild help`: help for a project or a package.

use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use clap::Args as ClapArgs;

use super::help_document;
use super::help_guild_file::Subject;
use crate::base::number;
use crate::cli::Context;
use crate::cli::console::Stream;
use crate::cli::failure::Failure;
use crate::cli::pager::Pager;
use crate::guildfile::GuildFile;
use crate::home;
use crate::project::catalog::{self, FoundModel, Origin};

/// Show help for a project or a package.
///
/// Tells of the models and operations in a guild file and their flags.
/// PATH_OR_PACKAGE is a folder with a guild file, a guild file, or the name of
/// an installed package; the current folder unless given. For help with a
/// command, use 'guild COMMAND --help'.
///
/// # Examples
///
/// Tell of the project in the current folder:
///
///     guild help
///
/// Write a page of it for a website:
///
///     guild help --markdown --title 'Our models' > models.md
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The project or package.
    #[arg(value_name = "PATH_OR_PACKAGE")]
    path_or_package: Option<String>,

    /// Show the text that describes the package to others.
    #[arg(long)]
    package_description: bool,

    /// Show help as Markdown.
    #[arg(long)]
    markdown: bool,

    /// Let headings of Markdown begin at LEVEL; 1 unless given.
    #[arg(long, value_name = "INTEGER", value_parser = number::integer, default_value = "1")]
    base_heading_level: i64,

    /// Use TEXT as the title of Markdown; 'Guild AI Help' unless given.
    #[arg(long, value_name = "TEXT", default_value = "Guild AI Help")]
    title: String,

    /// Do not show help in a pager.
    #[arg(short, long)]
    no_pager: bool,
}

/// Shows help.
///
/// # Errors
/// Options that exclude each other; there is no such project or package, or its
/// guild file is wrong.
pub fn main(args: &Args, context: &Context) -> Result<(), Failure> {
    if args.package_description && args.markdown {
        return Err(Failure::error(
            "--package-description and --markdown cannot both be used",
        ));
    }
    let named = args
        .path_or_package
        .as_deref()
        .filter(|text| !text.is_empty());
    let file = guild_file(named, context)?;
    let subject = Subject {
        file: &file,
        home: &context.home,
        models: FoundModel::all_of(&file),
        columns: context.console.columns(),
        warnings: RefCell::default(),
    };
    let text = if args.package_description {
        subject.package_description()
    } else if args.markdown {
        let level = usize::try_from(args.base_heading_level).unwrap_or(0);
        subject.markdown(&args.title, level)
    } else {
        subject.console(&place(&file, context))
    };
    context.warn_all(&subject.warnings.take());
    print(&text, args.no_pager, context);
    Ok(())
}

/// The guild file that `named` means.
fn guild_file(named: Option<&str>, context: &Context) -> Result<Arc<GuildFile>, Failure> {
    let home = &context.home;
    let path = match named {
        Some(named) => home::tidy(&home.process_cwd().join(named)),
        None => home.cwd().to_path_buf(),
    };
    if path.is_dir() {
        return match catalog::of_dir(&path, home) {
            Ok(Some(file)) => Ok(file),
            Ok(None) => Err(Failure::error(format!(
                "{} does not contain a Guild file (guild.yml)\nTry specifying a project path or \
                 package name or '{} --help' for help.",
                in_words(
                    &path,
                    &named.map_or_else(|| path.display().to_string(), str::to_string),
                    context
                ),
                context.path
            ))),
            Err(error) => Err(Failure::error(error)),
        };
    }
    if path.is_file() {
        return catalog::read(&path, home).map_err(Failure::error);
    }
    package_guild_file(named.unwrap_or_default(), context)
}

/// The guild file of the package called `name`, else of the only one whose name
/// has that in it.
fn package_guild_file(name: &str, context: &Context) -> Result<Arc<GuildFile>, Failure> {
    let packages = catalog::of_packages(&context.home);
    let mut matching: Vec<(&str, &Arc<GuildFile>)> = Vec::new();
    for model in &packages.models {
        let Origin::Package { name: package, .. } = model.origin() else {
            continue;
        };
        if package == name {
            return Ok(Arc::clone(model.file()));
        }
        let is_known = matching.iter().any(|(known, _)| known == package);
        if package.contains(name) && !is_known {
            matching.push((package, model.file()));
        }
    }
    match matching[..] {
        [] => Err(Failure::error(format!(
            "cannot find a package matching '{name}'\n\
             Try 'guild packages' for a list of installed packages."
        ))),
        [(_, file)] => Ok(Arc::clone(file)),
        ref several => {
            let mut names: Vec<_> = several.iter().map(|(name, _)| *name).collect();
            names.sort_unstable();
            Err(Failure::error(format!(
                "multiple packages match '{name}'\nTry again with one of these models: {}",
                names.join(", ")
            )))
        }
    }
}

/// What the guild file is to the user: a package, or a folder.
fn place(file: &GuildFile, context: &Context) -> String {
    if let Some(package) = &file.package {
        return format!("the '{}' package", package.name);
    }
    let dir = file.path.parent().unwrap_or(Path::new("/"));
    let below = match dir.strip_prefix(context.home.process_cwd()) {
        Ok(below) => format!("./{}", below.display()),
        Err(_) => dir.display().to_string(),
    };
    in_words(dir, &below, context)
}

/// `dir`, which is `text`, as part of a sentence.
fn in_words(dir: &Path, text: &str, context: &Context) -> String {
    if dir == context.home.process_cwd() {
        "the current directory".to_string()
    } else {
        format!("'{text}'")
    }
}

fn print(text: &str, no_pager: bool, context: &Context) {
    let text = match context.console.has_colour(Stream::Stdout) {
        true => format!("{text}\n"),
        false => format!("{}\n", help_document::without_bold(text)),
    };
    if no_pager {
        context.console.data(text.as_bytes());
        return;
    }
    let mut pager = Pager::new(context);
    // A reader that leaves early has read enough.
    let _ = pager.write_all(text.as_bytes());
    pager.finish();
}
