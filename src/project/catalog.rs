//! The models there are: those of the guild file of the current folder, those that
//! installed packages bring, and those of guild files in folders that Python
//! imports from.

use std::path::Path;
use std::sync::Arc;

use super::{Error, Operation, definition};
use crate::guildfile::{self, GuildFile, Model};
use crate::home::{self, Home};
use crate::opref::OpRef;
use crate::python::packages::{self, Package};
use crate::python::search_path;

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The guild file of the project.
    Project,
    /// The guild file of a folder that Python imports from.
    Folder {
        /// Its path from the current folder, which starts with a dot.
        path: String,
    },
    /// An installed package.
    Package {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    },
}

/// A model of a guild file, and where it comes from.
#[derive(Debug, Clone)]
pub struct FoundModel {
    file: Arc<GuildFile>,
    index: usize,
    origin: Origin,
}

/// The models there are.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Packages' models by full name, then those of folders that Python imports
    /// from, then those of the project in the order of its guild file.
    pub models: Vec<FoundModel>,
    /// What of packages cannot be used, and why.
    pub warnings: Vec<String>,
    /// The models of packages that cannot be used, by full name, each with the
    /// place of the reason in the warnings.
    unusable: Vec<(String, usize)>,
}

/// The models to list: those of the project in the current folder; those of
/// installed packages where there is no project. In a project, `installed` asks for
/// those of packages too, and for those of folders that Python imports from, which
/// Guild AI tells of nowhere else.
///
/// # Errors
/// The project's guild file is wrong.
pub fn models(home: &Home, installed: bool) -> Result<Catalog, Error> {
    let project = of_project(home)?;
    let mut catalog = match &project {
        Some(_) if !installed => Catalog::default(),
        _ => of_packages(home),
    };
    if project.is_some() && installed {
        catalog.add_all(of_folders(home));
    }
    catalog
        .models
        .extend(project.iter().flat_map(FoundModel::all_of));
    Ok(catalog)
}

/// The guild file of the current folder, if it has one.
///
/// # Errors
/// It is wrong.
pub fn of_project(home: &Home) -> Result<Option<Arc<GuildFile>>, Error> {
    Ok(of_dir(home.cwd(), home)?)
}

/// The guild file in the folder `dir`, if it has one.
///
/// # Errors
/// It is wrong.
pub fn of_dir(dir: &Path, home: &Home) -> Result<Option<Arc<GuildFile>>, guildfile::Error> {
    let path = guildfile::FILE_NAMES
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.is_file());
    path.map(|path| read(&path, home)).transpose()
}

/// The guild file at `path`, which may use installed packages.
///
/// # Errors
/// It is wrong.
pub fn read(path: &Path, home: &Home) -> Result<Arc<GuildFile>, guildfile::Error> {
    GuildFile::read_with(path, &|| search_path::of_user(home)).map(Arc::new)
}

/// The models of installed packages, by full name.
pub fn of_packages(home: &Home) -> Catalog {
    let mut catalog = Catalog::default();
    for package in packages::with_models(&search_path::of_user(home)) {
        catalog.add(&package, home);
    }
    catalog.models.sort_by_key(FoundModel::full_name);
    catalog
}

/// The models of guild files in folders that Python imports from, but for those of
/// the current folder.
pub fn of_folders(home: &Home) -> Catalog {
    let mut catalog = Catalog::default();
    for dir in search_path::of_user(home) {
        if dir == home.cwd() {
            continue;
        }
        let file = match of_dir(&dir, home) {
            Ok(Some(file)) => file,
            Ok(None) => continue,
            Err(error) => {
                let dir = dir.display();
                let warning = format!("error loading guildfile from {dir}: {error}");
                catalog.warnings.push(warning);
                continue;
            }
        };
        let path = home::relative_path(home.cwd(), &dir).display().to_string();
        let path = if path.starts_with('.') {
            path
        } else {
            format!("./{path}")
        };
        let of_file = |model: FoundModel| FoundModel {
            origin: Origin::Folder { path: path.clone() },
            ..model
        };
        let models = FoundModel::all_of(&file).into_iter();
        catalog.models.extend(models.map(of_file));
    }
    catalog
}

impl Catalog {
    fn add_all(&mut self, other: Self) {
        self.models.extend(other.models);
        let before = self.warnings.len();
        self.warnings.extend(other.warnings);
        let unusable = other.unusable.into_iter();
        self.unusable
            .extend(unusable.map(|(model, reason)| (model, before + reason)));
    }

    /// Why models that `is_meant` tells by their full names cannot be used.
    pub(super) fn why_unusable(&self, is_meant: impl Fn(&str) -> bool) -> Option<String> {
        let mut unusable = self.unusable.iter();
        let (_, reason) = unusable.find(|(model, _)| is_meant(model))?;
        self.warnings.get(*reason).cloned()
    }

    fn add(&mut self, package: &Package, home: &Home) {
        let mut found: Vec<FoundModel> = Vec::new();
        for path in &package.guild_files {
            match read(path, home) {
                Ok(file) => found.extend(FoundModel::all_of(&file)),
                Err(error) => {
                    let reason = self.warnings.len();
                    self.warnings.push(format!(
                        "unable to load models from {}: {error}",
                        path.display()
                    ));
                    let names = package.models.iter();
                    let names = names.map(|model| format!("{}/{model}", package.name));
                    self.unusable.extend(names.map(|name| (name, reason)));
                }
            }
        }
        let origin = Origin::Package {
            name: package.name.clone(),
            version: package.version.clone(),
        };
        let offered = found
            .into_iter()
            .filter(|model| package.models.contains(&model.model().name));
        self.models.extend(offered.map(|model| FoundModel {
            origin: origin.clone(),
            ..model
        }));
    }
}

impl FoundModel {
    /// The models of a project's guild file.
    pub fn all_of(file: &Arc<GuildFile>) -> Vec<Self> {
        let model = |index| Self {
            file: Arc::clone(file),
            index,
            origin: Origin::Project,
        };
        (0..file.models.len()).map(model).collect()
    }

    /// The model's definition.
    pub fn model(&self) -> &Model {
        &self.file.models[self.index]
    }

    /// The guild file it is defined in.
    pub fn file(&self) -> &Arc<GuildFile> {
        &self.file
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the installed package called `package` brings it.
    pub fn is_of_package(&self, package: &str) -> bool {
        matches!(&self.origin, Origin::Package { name, .. } if name == package)
    }

    /// Whether it is the one that its guild file means where none is named.
    pub fn is_default(&self) -> bool {
        self.file
            .default_model()
            .is_some_and(|default| std::ptr::eq(default, self.model()))
    }

    /// `[PACKAGE/]MODEL` or `[FOLDER/]MODEL`, which for the anonymous model of a
    /// package or folder ends in `/`.
    pub fn full_name(&self) -> String {
        match &self.origin {
            Origin::Project => self.model().name.clone(),
            Origin::Folder { path } => format!("{path}/{}", self.model().name),
            Origin::Package { name, .. } => format!("{name}/{}", self.model().name),
        }
    }

    /// What users type for the operation `op` of the model.
    pub fn full_op_name(&self, op: &str) -> String {
        match self.full_name().as_str() {
            "" => op.to_string(),
            model if model.ends_with('/') => format!("{model}{op}"),
            model => format!("{model}:{op}"),
        }
    }

    /// The reference that runs of the operation `op` keep.
    pub fn opref(&self, op: &str) -> OpRef {
        let model = &self.model().name;
        match &self.origin {
            Origin::Project | Origin::Folder { .. } => {
                OpRef::guild_file(&self.file.path, &self.file.version, model, op)
            }
            Origin::Package { name, version } => OpRef::package(name, version, model, op),
        }
    }

    /// Everything that is known of the operation `op`, the flags that come from
    /// its script included; none if the model has no such operation.
    pub fn operation(&self, home: &Home, op: &str) -> Option<Operation> {
        let op = self.model().operation(op)?;
        Some(definition::of(home, self, op))
    }
}
