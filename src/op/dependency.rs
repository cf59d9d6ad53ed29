//! The files that a run needs, brought into its directory before it starts. So
//! far these are configuration files, which get the run's flag values.

use std::path::{Path, PathBuf};

use regex::Regex;

use super::launch;
use super::make::Plan;
use crate::base::files;
use crate::base::yaml::{Map, Value};
use crate::config_file::{self, Format};
use crate::flags;
use crate::home::Home;
use crate::runs::{self, Entry, EntryKind, Placing, Run};
use crate::sourcecode;

/// Why a run does not have what it needs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One of its sources cannot be had.
    #[error(
        "run failed because a dependency was not met: could not resolve '{source_name}' in \
         {resource} resource: {reason}"
    )]
    Unresolved {
        /// The source.
        source_name: String,
        /// The resource it belongs to.
        resource: String,
        /// What is wrong.
        reason: String,
    },
    /// The run cannot be read or written.
    #[error(transparent)]
    Run(#[from] runs::Error),
}

/// Something to tell the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// What is being done.
    Info(String),
    /// What may be wrong.
    Warning(String),
}

/// What a resource says of one configuration file.
struct ConfigSource<'a> {
    data: &'a Map,
    file: &'a str,
    name: String,
}

impl<'a> ConfigSource<'a> {
    fn of(data: &'a Value) -> Option<Self> {
        let data = data.as_map()?;
        let file = data.get("config")?.as_str()?;
        let text = |key: &str| data.get(key).and_then(Value::as_str).map(str::to_string);
        Some(Self {
            data,
            file,
            name: text("name")
                .or(text("flag-name"))
                .unwrap_or_else(|| format!("config:{file}")),
        })
    }

    fn is_set(&self, key: &str) -> bool {
        self.data.get(key).is_some_and(Value::is_truthy)
    }
}

/// Brings what `plan` says that `run` needs into its directory, and records it.
/// What an earlier start of the run has brought stays, unless the resource says
/// otherwise.
///
/// # Errors
/// Something that is needed cannot be had.
pub fn resolve(
    run: &Run,
    plan: &Plan,
    home: &Home,
    tell: &mut dyn FnMut(Notice),
) -> Result<(), Error> {
    let resources = plan.config.dependencies();
    if resources.is_empty() {
        return Ok(());
    }
    let mut resolved = match run.attr("deps")? {
        Some(Value::Map(map)) => map,
        _ => Map::new(),
    };
    for resource in resources.iter().filter_map(Value::as_map) {
        let sources = resource.get("sources").and_then(Value::as_list);
        let sources = sources.unwrap_or_default().iter();
        let sources: Vec<_> = sources.filter_map(ConfigSource::of).collect();
        if sources.is_empty() {
            continue;
        }
        let name = resource.get("name").and_then(Value::as_str);
        let name = name.unwrap_or("resource");
        tell(Notice::Info(format!("Resolving {name}")));
        let mut known = match resolved.get(name) {
            Some(Value::Map(map)) => map.clone(),
            _ => Map::new(),
        };
        for source in sources {
            if known.contains(&source.name) && !source.is_set("always-resolve") {
                let text = "Skipping resolution of NAME because it's already resolved";
                tell(Notice::Info(text.replace("NAME", &source.name)));
                continue;
            }
            let resolver = Resolver {
                run,
                plan,
                home,
                resource,
            };
            match resolver.resolve(&source, tell) {
                Ok(entry) => {
                    known.insert(source.name.as_str(), entry);
                }
                Err(_) if source.is_set("optional") => {
                    let text = "Could not resolve NAME - skipping because dependency is optional";
                    tell(Notice::Info(text.replace("NAME", &source.name)));
                }
                Err(reason) => {
                    return Err(Error::Unresolved {
                        source_name: source.name,
                        resource: name.to_string(),
                        reason,
                    });
                }
            }
        }
        resolved.insert(name, Value::Map(known));
    }
    Ok(run.write_attr("deps", &Value::Map(resolved))?)
}

struct Resolver<'a> {
    run: &'a Run,
    plan: &'a Plan,
    home: &'a Home,
    resource: &'a Map,
}

impl Resolver<'_> {
    /// Makes the run's copy of a file. The result is what is recorded of it.
    fn resolve(
        &self,
        source: &ConfigSource<'_>,
        tell: &mut dyn FnMut(Notice),
    ) -> Result<Value, String> {
        let path = self.source_path(source)?;
        let text = self
            .text(source, &path, tell)
            .map_err(|reason| format!("error loading config from {}: {reason}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = format!("{:08x}", self.home.random_u32());
        let made = self
            .run
            .write_generated(&folder, &name, text.as_bytes())
            .map_err(|error| error.to_string())?;
        let target = self.target(source, &name)?;
        self.place(source, &made, &target, tell)?;
        let uri = format!("config:{}", source.file);
        let entry = [
            (
                "paths",
                Value::List(vec![made.display().to_string().into()]),
            ),
            ("uri", uri.into()),
        ];
        Ok(Value::Map(
            entry
                .into_iter()
                .map(|(key, value)| (Value::from(key), value))
                .collect(),
        ))
    }

    fn source_path(&self, source: &ConfigSource<'_>) -> Result<PathBuf, String> {
        let file = self.text_of_flags(source.file)?;
        let location = self.resource.get("location").and_then(Value::as_str);
        let path = Path::new(location.unwrap_or_default()).join(&file);
        if path.exists() {
            Ok(path)
        } else {
            Err(format!("cannot find source file '{file}'"))
        }
    }

    fn text_of_flags(&self, text: &str) -> Result<String, String> {
        launch::text_with_flags(text, &self.plan.values.all).map_err(|error| match error {
            launch::Error::Reference(name) => {
                format!("cannot resolve '{text}': undefined reference '{name}'")
            }
            other => format!("cannot resolve '{text}': {other}"),
        })
    }

    /// The text of the file with the run's values in it.
    fn text(
        &self,
        source: &ConfigSource<'_>,
        path: &Path,
        tell: &mut dyn FnMut(Notice),
    ) -> Result<String, String> {
        let format = Format::of(path)
            .ok_or_else(|| format!("unsupported file type for '{}'", path.display()))?;
        let bytes = files::read(path).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|_| "not UTF-8".to_string())?;
        let mut values = Vec::new();
        match source.data.get("params") {
            Some(Value::Map(params)) => {
                let params = params.iter();
                values.extend(params.map(|(key, value)| (flags::plain_text(key), value.clone())));
            }
            Some(params) if params.is_truthy() => tell(Notice::Warning(format!(
                "unexpected params {} - cannot apply to config",
                flags::plain_text(params)
            ))),
            _ => {}
        }
        values.extend(flag_values(self.plan));
        config_file::with_values(&text, format, &values).map_err(|error| error.to_string())
    }

    /// Where the copy goes, relative to the run directory.
    fn target(&self, source: &ConfigSource<'_>, name: &str) -> Result<PathBuf, String> {
        let said = |map: &Map| {
            let keys = ["target-path", "path"].iter();
            let mut texts = keys.filter_map(|key| map.get(key).and_then(Value::as_str));
            texts.next().map(str::to_string)
        };
        let dir = said(source.data).or_else(|| said(self.resource));
        let dir = dir.unwrap_or_default();
        if Path::new(&dir).is_absolute() {
            return Err(format!("invalid path '{dir}' (path must be relative)"));
        }
        let name = self.renamed(source, name)?;
        Ok(crate::home::tidy(&Path::new(&dir).join(name)))
    }

    /// The name after the first of the rules in `rename` that changes it.
    fn renamed(&self, source: &ConfigSource<'_>, name: &str) -> Result<String, String> {
        let rules = match source.data.get("rename") {
            None | Some(Value::Null) => return Ok(name.to_string()),
            Some(Value::List(rules)) => rules.clone(),
            Some(rule) => vec![rule.clone()],
        };
        for rule in &rules {
            let (pattern, replacement) = rename_rule(rule)?;
            let pattern = self.text_of_flags(&pattern)?;
            let replacement = self.text_of_flags(&replacement)?;
            let regex = Regex::new(&pattern).map_err(|_| {
                format!("error renaming source {name}: invalid pattern '{pattern}'")
            })?;
            let renamed = regex.replace(name, replacement_text(&replacement));
            if renamed != name {
                return Ok(renamed.into_owned());
            }
        }
        Ok(name.to_string())
    }

    fn place(
        &self,
        source: &ConfigSource<'_>,
        made: &Path,
        target: &Path,
        tell: &mut dyn FnMut(Notice),
    ) -> Result<(), String> {
        let kind = source.data.get("target-type");
        let kind = kind.or_else(|| self.resource.get("target-type"));
        let link = match kind.filter(|kind| kind.is_truthy()).map(flags::plain_text) {
            None => false,
            Some(kind) if kind == "copy" => false,
            Some(kind) if kind == "link" => true,
            Some(kind) => {
                return Err(format!(
                    "unsupported target-type '{kind}' (expected 'link' or 'copy')"
                ));
            }
        };
        let placing = Placing {
            link,
            replace: source.is_set("replace-existing"),
        };
        let placed = self.run.place(made, target, placing);
        let full = self.run.dir().join(target);
        if !placed.map_err(|error| error.to_string())? {
            let verb = if link { "link" } else { "copy" };
            tell(Notice::Warning(format!(
                "{} already exists, skipping {verb}",
                full.display()
            )));
            return Ok(());
        }
        let entry = Entry {
            kind: EntryKind::Dependency,
            path: target.display().to_string(),
            sha1: Some(sourcecode::sha1(&full).map_err(|error| error.to_string())?),
            source: vec![format!("config:{}", source.file)],
        };
        let written = self.run.append_manifest(&[entry]);
        written.map_err(|error| error.to_string())
    }
}

/// The pattern and the replacement of a rule: `PATTERN REPLACEMENT`, a name for
/// all, or a mapping.
fn rename_rule(rule: &Value) -> Result<(String, String), String> {
    let refuse = || {
        let rule = flags::plain_text(rule);
        format!("invalid rename spec '{rule}': expected 'PATTERN REPL' or 'NAME'")
    };
    match rule {
        Value::Map(map) => {
            let text = |key: &str| map.get(key).map(flags::plain_text).unwrap_or_default();
            Ok((text("pattern"), text("repl")))
        }
        rule => {
            let parts = crate::base::shell_text::split(&flags::plain_text(rule));
            match parts.map_err(|_| refuse())?.as_slice() {
                [name] => Ok((".*".to_string(), name.clone())),
                [pattern, replacement] => Ok((pattern.clone(), replacement.clone())),
                _ => Err(refuse()),
            }
        }
    }
}

/// A replacement with groups as Python writes them, `\1` or `\g<name>`.
fn replacement_text(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '$']) {
        result.push_str(&rest[..at]);
        let is_dollar = rest[at..].starts_with('$');
        rest = &rest[at + 1..];
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let named = rest
            .strip_prefix("g<")
            .and_then(|tail| tail.split_once('>'));
        if is_dollar {
            result.push_str("$$");
        } else if let Some((name, after)) = named {
            result.push_str(&format!("${{{name}}}"));
            rest = after;
        } else if digits > 0 {
            result.push_str(&format!("${{{}}}", &rest[..digits]));
            rest = &rest[digits..];
        } else {
            result.push('\\');
        }
    }
    result + rest
}

/// The values of flags by their names in the file. Flags without a value leave
/// the file's; a text that is split is a list there.
fn flag_values(plan: &Plan) -> Vec<(String, Value)> {
    let values = plan.values.all.iter().filter(|(_, value)| !value.is_null());
    values
        .map(|(name, value)| {
            let name = flags::plain_text(name);
            let spec = plan.config.flag_spec(&name);
            let parts = match (spec.and_then(|spec| spec.arg_split.as_ref()), value) {
                (Some(split), Value::Str(text)) => flags::split_text(text, split),
                _ => None,
            };
            let value = match parts {
                Some(parts) => parts.iter().map(|part| flags::decode(part)).collect(),
                None => value.clone(),
            };
            let written = spec.and_then(|spec| spec.arg_name.clone());
            (
                written.filter(|name| !name.is_empty()).unwrap_or(name),
                value,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    #[test]
    fn rename_rules_are_read() {
        let rule = |text: &str| rename_rule(&yaml::load(text).unwrap());
        let pair = |a: &str, b: &str| Ok((a.to_string(), b.to_string()));
        assert_eq!(rule("a.in a"), pair("a.in", "a"));
        assert_eq!(rule("new"), pair(".*", "new"));
        assert_eq!(rule("{pattern: x, repl: y}"), pair("x", "y"));
        assert!(rule("a b c").is_err());
    }

    #[test]
    fn groups_are_written_as_in_python() {
        assert_eq!(replacement_text(r"\1-\g<n>$x\."), r"${1}-${n}$$x\.");
    }
}
