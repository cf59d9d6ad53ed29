//! Event files as TensorBoard reads and writes them: a sequence of framed
//! records, each an Event message that may hold values of scalars and texts.
//!
//! Bytes in, values out and the other way round. Nothing here knows of files,
//! of runs, or which values matter; messages other than those are passed over.

mod event;
mod hparams;
mod reader;
mod record;
mod wire;
mod writer;

pub use event::{Data, Event, Value, Values};
pub use hparams::{Domain, Hparam, HparamValue, SessionStatus};
pub use reader::Reader;
pub use writer::{Image, Writer};
