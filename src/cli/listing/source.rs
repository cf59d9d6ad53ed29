//! Where the runs of a command come from when it is not guild home: a folder of
//! runs, a zip file, or an archive.

use std::path::Path;

use crate::cli::Context;
use crate::cli::args::KeepArgs;
use crate::cli::failure::Failure;
use crate::cli::transfer::Watch;
use crate::runs::transfer::{self, Depth, ZipSource};
use crate::runs::{Archives, Run, Store};

use super::pick::{self, Filtered};

/// Runs outside of guild home.
#[derive(Debug)]
pub enum Source {
    /// In a folder.
    Folder {
        /// The folder.
        store: Store,
        /// How the user named it.
        shown: String,
    },
    /// In a zip file.
    Zip(Box<ZipSource>),
    /// In a file that is named as a zip file and cannot be read as one.
    Unreadable,
}

/// The archives of the user.
pub fn archives(context: &Context) -> Archives {
    Archives::new(context.home.archives_dir())
}

impl Source {
    /// The runs that `typed` stands for: the path of a folder or zip file, else
    /// the name of an archive. What is wrong with a zip file as such is told here.
    ///
    /// # Errors
    /// It stands for none of these; it is a zip file with an entry that would do
    /// harm.
    pub fn find(typed: &str, context: &Context) -> Result<Self, Failure> {
        let path = context.home.cwd().join(typed);
        if !typed.is_empty() && path.is_dir() {
            let store = Store::new(path);
            let shown = typed.to_string();
            return Ok(Self::Folder { store, shown });
        }
        if !typed.is_empty() && path.exists() {
            return zip(&path, typed, context);
        }
        match archives(context).find(typed)? {
            Some(archive) => Ok(Self::Folder {
                store: Store::new(archive.dir()),
                shown: archive.dir().display().to_string(),
            }),
            None => Err(Failure::error(format!(
                "'{typed}' is not a valid archive - use a path to a file/directory or specify an \
                 archive name returned by 'guild archive --list'."
            ))),
        }
    }

    /// The runs that pass the options of a command, latest first. Of one in a zip
    /// file no more is known than the options need: see [`Source::learn`].
    ///
    /// # Errors
    /// As [`pick::filter`]; the runs cannot be listed.
    pub fn runs(&mut self, keep: &KeepArgs, context: &Context) -> Result<Filtered, Failure> {
        let filter = pick::filter(&keep.filters, Some(&keep.statuses), context)?;
        let (store, runs) = match self {
            Self::Folder { store, shown } => {
                let named = |run: Run| {
                    let place = Path::new(shown).join(run.id());
                    run.shown_as(place.display().to_string())
                };
                let runs = store.list()?.into_iter().map(named).collect();
                (store.clone(), runs)
            }
            Self::Zip(zip) => {
                let depth = match keep {
                    keep if keep.filters.filter.is_some() => Depth::Events,
                    _ if filter.keeps_all() => Depth::Times,
                    _ => Depth::Attributes,
                };
                let runs = zip.list(depth, &Watch::unwatched(context))?;
                (zip.store(), runs)
            }
            Self::Unreadable => (pick::live_runs(context), Vec::new()),
        };
        Ok(Filtered::of(runs, &store, filter))
    }

    /// Has what listings show of `runs` at hand.
    ///
    /// # Errors
    /// It cannot be extracted.
    pub fn learn(&mut self, runs: &[Run], context: &Context) -> Result<(), Failure> {
        if let Self::Zip(zip) = self {
            for run in runs {
                let watch = Watch::unwatched(context);
                zip.learn(run.id(), Depth::Attributes, &watch)?;
            }
        }
        Ok(())
    }
}

fn zip(path: &Path, typed: &str, context: &Context) -> Result<Source, Failure> {
    use transfer::Error::{DamagedZip, NotZip};

    if !transfer::is_zip_name(path) {
        return Err(Failure::error(format!(
            "invalid archive {typed} - expected a directory or a zip file"
        )));
    }
    match ZipSource::open(path, Path::new(typed), &context.home.temp_dir()) {
        Ok(zip) => Ok(Source::Zip(Box::new(zip))),
        Err(error @ (NotZip | DamagedZip(_))) => {
            let text = format!("cannot read from {typed}: {error}");
            context.console.error(&text);
            Ok(Source::Unreadable)
        }
        Err(error @ transfer::Error::Entry { .. }) => Err(Failure::error(format!(
            "cannot read from {typed}: {error}\nNothing was extracted."
        ))),
        Err(error) => Err(error.into()),
    }
}
