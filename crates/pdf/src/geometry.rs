//! Places on a page, and the way to them from PDFium's coordinates, which begin at the lower left of
//! the sheet before it is turned (`/Rotate`) and cut (`/CropBox`).

use pdfium_render::prelude::{PdfPage, PdfPoints, PdfRect, PdfRenderConfig, PdfiumError};

/// A box in PDF points, from the upper left corner of the page as it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// To the right.
    pub width: f32,
    /// Downwards.
    pub height: f32,
}

impl Rect {
    /// The smallest box that holds both.
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        Self { x, y, width: right - x, height: bottom - y }
    }
}

/// From PDFium's coordinates of one page to ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageSpace {
    origin: (f32, f32),
    /// Where one point to the right leads.
    right: (f32, f32),
    /// Where one point upwards leads.
    up: (f32, f32),
}

/// Device units along the longer edge when PDFium is asked: it answers in whole numbers.
const DEVICE: f32 = 1_048_576.0;

impl PageSpace {
    /// PDFium itself is asked where three points of the page are shown: it knows about inherited boxes
    /// and turned pages.
    pub(crate) fn of(page: &PdfPage<'_>) -> Result<Self, PdfiumError> {
        let (width, height) = (page.width().value, page.height().value);
        let scale = DEVICE / width.max(height).max(1.0);
        let device = |points: f32| (points * scale).round().max(1.0) as i32;
        let config = PdfRenderConfig::new().set_fixed_size(device(width), device(height));
        let shown = |x: f32, y: f32| {
            let (x, y) = page.points_to_pixels(PdfPoints::new(x), PdfPoints::new(y), &config)?;
            Ok::<_, PdfiumError>((x as f32 / scale, y as f32 / scale))
        };
        // Far apart, or rounding would tilt the axes.
        let span = width.max(height).max(1.0);
        let (origin, right, up) = (shown(0.0, 0.0)?, shown(span, 0.0)?, shown(0.0, span)?);
        // Pages are turned by quarters: the axes are whole, but for PDFium's rounding.
        let whole = |length: f32| (length * 1000.0).round() / 1000.0;
        let axis = |to: f32, from: f32| whole((to - from) / span);
        let step = |to: (f32, f32)| (axis(to.0, origin.0), axis(to.1, origin.1));
        let (right, up) = (step(right), step(up));
        Ok(Self { origin: (whole(origin.0), whole(origin.1)), right, up })
    }

    pub(crate) fn point(&self, x: f32, y: f32) -> (f32, f32) {
        (
            self.origin.0 + x * self.right.0 + y * self.up.0,
            self.origin.1 + x * self.right.1 + y * self.up.1,
        )
    }

    pub(crate) fn rect(&self, rect: &PdfRect) -> Rect {
        let (ax, ay) = self.point(rect.left().value, rect.bottom().value);
        let (bx, by) = self.point(rect.right().value, rect.top().value);
        Rect { x: ax.min(bx), y: ay.min(by), width: (ax - bx).abs(), height: (ay - by).abs() }
    }

    /// How far the page is turned clockwise, in degrees.
    pub(crate) fn turned(&self) -> f32 {
        self.right.1.atan2(self.right.0).to_degrees()
    }
}
