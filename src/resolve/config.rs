//! Configuration files, which get the values of the run's flags.

use std::path::Path;

use super::source::{Fault, Found, Place};
use super::{Tell, file};
use crate::base::files;
use crate::base::yaml::Value;
use crate::config_file::{self, Format};
use crate::flags;

/// The run's own copies of the files that `path` means.
///
/// # Errors
/// There are none; they are no configuration files; the run cannot be written.
pub(super) fn find(path: &str, place: &Place<'_>, tell: Tell<'_>) -> Result<Found, Fault> {
    let mut found = file::find(path, place, tell)?;
    for path in &mut found.paths {
        let text = text(path, place).map_err(|reason| {
            Fault::Unmet(format!(
                "error loading config from {}: {reason}",
                path.display()
            ))
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = format!("{:08x}", place.needs.home.random_u32());
        let run = place.needs.run;
        *path = run.write_generated(&folder, &name, text.as_bytes())?;
    }
    Ok(found)
}

/// The text of the file at `path` with the run's values in it.
fn text(path: &Path, place: &Place<'_>) -> Result<String, String> {
    let format = Format::of(path)
        .ok_or_else(|| format!("unsupported file type for '{}'", path.display()))?;
    let bytes = files::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "not UTF-8".to_string())?;
    let params = place.source.params.iter();
    let mut values: Vec<(String, Value)> = params
        .map(|(key, value)| (flags::plain_text(key), value.clone()))
        .collect();
    values.extend(flag_values(place));
    config_file::with_values(&text, format, &values).map_err(|error| error.to_string())
}

/// The values of flags by their names in the file. Flags without a value leave
/// the file's; a text that is split is a list there.
fn flag_values(place: &Place<'_>) -> Vec<(String, Value)> {
    let values = place.needs.values.iter();
    let values = values.filter(|(_, value)| !value.is_null());
    values
        .map(|(name, value)| {
            let name = flags::plain_text(name);
            let mut specs = place.needs.specs.iter();
            let spec = specs
                .find(|(known, _)| *known == name)
                .map(|(_, spec)| spec);
            let parts = match (spec.and_then(|spec| spec.arg_split.as_ref()), value) {
                (Some(split), Value::Str(text)) => flags::split_text(text, split),
                _ => None,
            };
            let value = match parts {
                Some(parts) => parts.iter().map(|part| flags::decode(part)).collect(),
                None => value.clone(),
            };
            let written = spec.and_then(|spec| spec.arg_name.clone());
            let written = written.filter(|name| !name.is_empty());
            (written.unwrap_or(name), value)
        })
        .collect()
}
