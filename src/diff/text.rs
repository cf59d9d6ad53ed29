//! The unified diff of two texts.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use super::shown::{Paint, Part};

/// How long to look for a short diff. Texts of many lines that all come several
/// times can take minutes; from then on larger parts are taken as changed.
const SEARCH: Duration = Duration::from_secs(2);

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// Writes the diff of `left` and `right` under the names `names`; nothing where
/// they are the same.
pub(super) fn write_unified(
    names: [&[u8]; 2],
    left: &[u8],
    right: &[u8],
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let old = lines(left);
    let new = lines(right);
    let deadline = Some(Instant::now() + SEARCH);
    let changes = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline);
    let hunks = group_diff_ops(changes, AROUND);
    if hunks.is_empty() {
        return Ok(());
    }
    for (mark, name) in [b"--- ", b"+++ "].into_iter().zip(names) {
        let mut header = [mark, name].concat();
        // Tells `patch` where a name with blanks ends.
        if name.contains(&b' ') {
            header.push(b'\t');
        }
        write_line(&header, Part::Header, paint, out)?;
    }
    for hunk in hunks {
        let place = UnifiedHunkHeader::new(&hunk).to_string();
        write_line(place.as_bytes(), Part::Place, paint, out)?;
        for change in &hunk {
            if let DiffOp::Equal { .. } = change {
                for line in &old[change.old_range()] {
                    write_text(b' ', line, None, paint, out)?;
                }
                continue;
            }
            for line in &old[change.old_range()] {
                write_text(b'-', line, Some(Part::Removed), paint, out)?;
            }
            for line in &new[change.new_range()] {
                write_text(b'+', line, Some(Part::Added), paint, out)?;
            }
        }
    }
    Ok(())
}

/// The lines of `text` with their line breaks.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

fn write_line(line: &[u8], part: Part, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = Vec::with_capacity(line.len() + 16);
    paint.push(&mut shown, line, part);
    shown.push(b'\n');
    out.write_all(&shown)
}

fn write_text(
    mark: u8,
    line: &[u8],
    part: Option<Part>,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = line.strip_suffix(b"\n");
    let mut shown = vec![mark];
    shown.extend_from_slice(text.unwrap_or(line));
    match part {
        Some(part) => write_line(&shown, part, paint, out)?,
        None => {
            shown.push(b'\n');
            out.write_all(&shown)?;
        }
    }
    match text {
        Some(_) => Ok(()),
        None => out.write_all(b"\\ No newline at end of file\n"),
    }
}
