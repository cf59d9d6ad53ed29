//! The keys of a guild file: what each may have under it and what it is for.

mod files;
mod objects;
mod operation;

pub(super) use files::RESOURCE;
pub(super) use objects::{CONFIG, INCLUDE, MODEL, PACKAGE, TEST};
pub(super) use operation::OPERATION;
