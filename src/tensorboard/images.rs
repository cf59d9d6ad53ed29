//! Pictures of runs, as summaries in event files of their own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use imagesize::ImageType;
use md5::{Digest, Md5};
use tiff::decoder::{Decoder, DecodingResult};
use tiff::{ColorType, TiffError};

use crate::base::files;
use crate::tfevents::{Image, Writer};

use super::run_files::RunFile;

/// The folder in that of a run that pictures are in.
const FOLDER: &str = ".images";

/// How the names of pictures end.
const EXTENSIONS: [&str; 6] = ["gif", "jpeg", "jpg", "png", "tif", "tiff"];

/// The most pictures of a run that are shown.
const MOST: usize = 100;

/// The most bytes that a picture may have.
const MOST_BYTES: u64 = 64 << 20;

/// Why a picture cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    File(#[from] files::Error),
    #[error("not a picture that browsers show")]
    Unknown,
    #[error("{0}")]
    Tiff(#[from] TiffError),
    #[error("{0}")]
    Png(#[from] png::EncodingError),
    #[error("TIFF files with colours such as {0:?} cannot be shown")]
    Colours(ColorType),
}

/// The pictures of a run that are shown.
#[derive(Debug, Default)]
pub(super) struct Images {
    /// By their paths in the run.
    shown: BTreeMap<PathBuf, Shown>,
    /// Those that cannot be shown, and when they were changed.
    refused: BTreeMap<PathBuf, i64>,
    /// How many event files there are.
    written: usize,
}

/// What is shown of a picture.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// When it was changed, in microseconds since the epoch.
    changed: i64,
    /// How often that was before, which is its step.
    step: i64,
}

impl Images {
    /// Shows those of the `files` of the run in `run_dir` that are pictures, new
    /// or changed ones at least, below `folder`. What cannot be shown is told to
    /// `warn`, once.
    pub(super) fn refresh(
        &mut self,
        run_dir: &Path,
        files: &[RunFile],
        folder: &Path,
        warn: &mut dyn FnMut(String),
    ) {
        for file in files.iter().filter(|file| is_picture(file)) {
            let path = run_dir.join(&file.path);
            let Ok(changed) = files::modified_micros(&path) else {
                // Gone in between.
                continue;
            };
            let before = self.shown.get(&file.path).copied();
            let is_known = before.is_some_and(|before| before.changed == changed);
            if is_known || self.refused.get(&file.path) == Some(&changed) {
                continue;
            }
            if before.is_none() && self.shown.len() >= MOST {
                continue;
            }
            let step = before.map_or(0, |before| before.step + 1);
            let shown = Shown { changed, step };
            match self.add(&path, &file.path, shown, folder) {
                Ok(()) => {
                    self.refused.remove(&file.path);
                    self.shown.insert(file.path.clone(), shown);
                }
                Err(error) => {
                    self.refused.insert(file.path.clone(), changed);
                    let reason = match &error {
                        Error::File(error) => error.to_string(),
                        error => format!("cannot show {}: {error}", path.display()),
                    };
                    warn(reason);
                }
            }
        }
    }

    /// Writes an event file with the picture at `path`.
    fn add(&mut self, path: &Path, tag: &Path, shown: Shown, folder: &Path) -> Result<(), Error> {
        let bytes = files::read_up_to(path, MOST_BYTES)?.ok_or(Error::Unknown)?;
        let picture = Picture::new(bytes)?;
        let folder = folder.join(FOLDER);
        files::create_dir_all(&folder)?;
        let tag = tag.to_string_lossy();
        // Names that sort in the order of time: a changed picture gets another
        // file, as TensorBoard does not look again at what it has read.
        let name = format!(
            "events.out.tfevents.{:010}.image.{}",
            self.written,
            digest(&tag)
        );
        let target = folder.join(name);
        let wall_time = shown.changed as f64 / 1e6;
        let write =
            |file: File| Writer::new(file)?.image(&tag, shown.step, picture.image(), wall_time);
        write(files::create(&target)?)
            .map_err(|source| files::Error::new("write", &target, source))?;
        self.written += 1;
        Ok(())
    }
}

fn is_picture(file: &RunFile) -> bool {
    let extension = file.path.extension().unwrap_or_default().to_string_lossy();
    !file.is_link && EXTENSIONS.contains(&extension.to_lowercase().as_str())
}

fn digest(text: &str) -> String {
    let digest = Md5::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A picture in a form that browsers show.
#[derive(Debug)]
struct Picture {
    width: u32,
    height: u32,
    channels: u32,
    encoded: Vec<u8>,
}

impl Picture {
    fn new(bytes: Vec<u8>) -> Result<Self, Error> {
        let kind = imagesize::image_type(&bytes).map_err(|_| Error::Unknown)?;
        let channels = match kind {
            ImageType::Tiff => return from_tiff(bytes),
            ImageType::Png => png_channels(&bytes),
            ImageType::Jpeg | ImageType::Gif | ImageType::Bmp | ImageType::Webp => 3,
            _ => return Err(Error::Unknown),
        };
        let size = imagesize::blob_size(&bytes).map_err(|_| Error::Unknown)?;
        Ok(Self {
            width: u32::try_from(size.width).map_err(|_| Error::Unknown)?,
            height: u32::try_from(size.height).map_err(|_| Error::Unknown)?,
            channels,
            encoded: bytes,
        })
    }

    fn image(&self) -> Image<'_> {
        Image {
            height: self.height,
            width: self.width,
            channels: self.channels,
            encoded: &self.encoded,
        }
    }
}

/// How many numbers a point of a PNG file has, by its header.
fn png_channels(bytes: &[u8]) -> u32 {
    const COLOUR_TYPE: usize = 25;
    match bytes.get(COLOUR_TYPE) {
        Some(0) => 1,
        Some(4) => 2,
        Some(6) => 4,
        _ => 3,
    }
}

/// Browsers do not show TIFF files, so theirs becomes a PNG file.
fn from_tiff(bytes: Vec<u8>) -> Result<Picture, Error> {
    let mut decoder = Decoder::new(Cursor::new(bytes))?;
    let (width, height) = decoder.dimensions()?;
    let kind = decoder.colortype()?;
    let (colour, channels) = match kind {
        ColorType::Gray(8 | 16) => (png::ColorType::Grayscale, 1),
        ColorType::GrayA(8 | 16) => (png::ColorType::GrayscaleAlpha, 2),
        ColorType::RGB(8 | 16) => (png::ColorType::Rgb, 3),
        ColorType::RGBA(8 | 16) => (png::ColorType::Rgba, 4),
        other => return Err(Error::Colours(other)),
    };
    let (depth, data) = match decoder.read_image()? {
        DecodingResult::U8(data) => (png::BitDepth::Eight, data),
        DecodingResult::U16(data) => {
            let bytes = data.into_iter().flat_map(u16::to_be_bytes).collect();
            (png::BitDepth::Sixteen, bytes)
        }
        _ => return Err(Error::Colours(kind)),
    };
    let mut encoded = Vec::new();
    let mut encoder = png::Encoder::new(&mut encoded, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    encoder.write_header()?.write_image_data(&data)?;
    Ok(Picture {
        width,
        height,
        channels,
        encoded,
    })
}
