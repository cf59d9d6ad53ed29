//! Event files as TensorBoard reads and writes them: a sequence of framed
//! records, each an Event message that may hold values of scalars and texts.
//!
//! Bytes in, values out and the other way round. Nothing here knows of files,
//! of runs, or which values matter; messages other than those are passed over.
//! Pictures stay where they are: what is told is where in the file that is.
//!
//! Messages are read where they are, without a copy of anything, which takes two
//! thirds of the time of decoding them into structs with `prost`.

mod event;
mod hparams;
mod reader;
mod record;
mod tensor;
mod wire;
mod writer;

pub use event::{Data, Event, ImagePlace, Value, Values};
pub use hparams::{Domain, Hparam, HparamValue, Hparams, PluginData, SessionStatus};
pub use reader::Reader;
pub use writer::{Image, Writer};
