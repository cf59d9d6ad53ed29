//! Charts as pictures.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use super::axis::number;
use super::{Chart, Error, Scale};

/// The font of all text, which PNG pictures are drawn with and SVG pictures are
/// laid out for.
const FONT: &str = "sans-serif";

/// The colours of lines, told apart by most who do not see all colours: those of
/// Okabe and Ito (2008), without yellow and black.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(213, 94, 0),
    RGBColor(86, 180, 233),
];

/// What pictures are made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines and text, for documents and browsers.
    Svg,
    /// Pixels.
    Png,
}

/// The bytes of a picture of all `charts`, one below the other, each of so many
/// pixels.
///
/// # Errors
/// It is too large to be drawn.
pub fn image(charts: &[Chart], size: (u32, u32), format: Format) -> Result<Vec<u8>, Error> {
    prepare_font()?;
    let count = u32::try_from(charts.len()).unwrap_or(u32::MAX);
    let height = size.1.checked_mul(count.max(1));
    let size = height
        .map(|height| (size.0, height))
        .filter(|(width, height)| u64::from(*width) * u64::from(*height) <= 100_000_000)
        .ok_or_else(|| Error::Draw("the picture would have too many pixels".to_string()))?;
    match format {
        Format::Svg => {
            let mut text = String::new();
            draw(charts, SVGBackend::with_string(&mut text, size))?;
            Ok(text.into_bytes())
        }
        Format::Png => {
            let mut pixels = vec![0; size.0 as usize * size.1 as usize * 3];
            draw(charts, BitMapBackend::with_buffer(&mut pixels, size))?;
            encode(&pixels, size)
        }
    }
}

/// Has the font at hand: pictures look the same on every computer.
fn prepare_font() -> Result<(), Error> {
    static READY: OnceLock<bool> = OnceLock::new();
    let ready = *READY
        .get_or_init(|| register_font(FONT, FontStyle::Normal, dejavu::sans::regular()).is_ok());
    match ready {
        true => Ok(()),
        false => Err(Error::Draw("the font cannot be read".to_string())),
    }
}

fn encode(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, Error> {
    let failed = |error: png::EncodingError| Error::Draw(error.to_string());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

fn draw<B: DrawingBackend>(charts: &[Chart], backend: B) -> Result<(), Error> {
    let area = backend.into_drawing_area();
    area.fill(&WHITE).map_err(failed)?;
    for (chart, part) in charts
        .iter()
        .zip(area.split_evenly((charts.len().max(1), 1)))
    {
        draw_chart(chart, &part)?;
    }
    area.present().map_err(failed)
}

fn failed(error: impl std::error::Error) -> Error {
    Error::Draw(error.to_string())
}

fn draw_chart<B: DrawingBackend>(chart: &Chart, area: &DrawingArea<B, Shift>) -> Result<(), Error> {
    let lines: Vec<_> = chart.lines.iter().map(|line| chart.drawn(line)).collect();
    let (x, y) = chart.axes(&lines, (8, 6));
    let mut drawing = ChartBuilder::on(area)
        .caption(&chart.title, (FONT, 20))
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(64)
        .build_cartesian_2d(x.bounds[0]..x.bounds[1], y.bounds[0]..y.bounds[1])
        .map_err(failed)?;
    drawing
        .configure_mesh()
        .x_desc(&chart.x_name)
        .x_labels(x.marks.len())
        .y_labels(y.marks.len())
        .x_label_formatter(&|value| number(*value, 6))
        .y_label_formatter(&|value| match chart.scale {
            Scale::Linear => number(*value, 6),
            Scale::Logarithmic => number(10f64.powf(*value), 3),
        })
        .label_style((FONT, 14))
        .axis_style(BLACK.mix(0.6))
        .bold_line_style(BLACK.mix(0.12))
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(failed)?;
    for (line, points) in chart.lines.iter().zip(lines) {
        let style = COLOURS[line.number % COLOURS.len()].stroke_width(2);
        if let [point] = points[..] {
            let dot = Circle::new(point, 4, style.filled());
            drawing.draw_series([dot]).map_err(failed)?;
        }
        drawing
            .draw_series(LineSeries::new(points, style))
            .map_err(failed)?
            .label(&line.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
    }
    drawing
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font((FONT, 14))
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.2))
        .draw()
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::*;

    fn charts(count: usize) -> Vec<Chart> {
        let line = |number: usize| Line {
            name: format!("run <{number}>"),
            note: String::new(),
            number,
            points: vec![(0.0, number as f64), (5.0, 1.0)],
        };
        let chart = |index: usize| Chart {
            title: format!("loss & {index}"),
            x_name: "step".to_string(),
            scale: Scale::Linear,
            lines: vec![line(0), line(7)],
        };
        (0..count).map(chart).collect()
    }

    #[test]
    fn a_png_has_the_colours_of_its_lines() {
        let bytes = image(&charts(2), (400, 300), Format::Png).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (400, 600));
        for colour in [COLOURS[0], COLOURS[1], WHITE] {
            let RGBColor(red, green, blue) = colour;
            let found = pixels
                .chunks(3)
                .filter(|pixel| *pixel == [red, green, blue]);
            assert!(found.count() > 20, "{colour:?}");
        }
    }

    #[test]
    fn an_svg_has_all_its_text() {
        let bytes = image(&charts(1), (400, 300), Format::Svg).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        for expected in ["loss &amp; 0", "run &lt;0&gt;", "run &lt;7&gt;", "step"] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(text.matches("<polyline").count() >= 2, "{text}");
    }

    #[test]
    fn no_charts_and_too_many_are_no_harm() {
        assert!(image(&[], (100, 100), Format::Svg).is_ok());
        assert!(image(&charts(3), (60_000, 60_000), Format::Png).is_err());
        let mut empty = charts(1);
        empty[0].lines.clear();
        assert!(image(&empty, (60, 40), Format::Png).is_ok());
    }
}
