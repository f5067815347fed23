//! The lines of a page in which it differs from the version before are drawn first, by themselves, over the picture of that:
//! where a key changes a line or two they are seen before all of the page is converted and drawn. That follows at once,
//! and takes their place where it differs.

use super::{
    PicturePatch,
    pages::{Drawn, LivePages, Shipped, lock, patch},
};
use crate::{PictureRequest, preview::pixels_of};
use quire_compile::live::{Band, changed_band};
use quire_pdf::{Document, Picture, Tile};
use std::{collections::BTreeMap, sync::Arc};

/// From the upper edge of the paper to where TeX measures from, in points.
const INCH: f64 = 72.0;

/// So many times nothing is drawn by itself on a page where that was wrong.
const PENANCE: i32 = 12;

/// What was drawn of a page by itself.
pub(super) struct DrawnBand {
    /// What windows that show the version before put over it: something for each of them.
    pub(super) patches: Vec<PicturePatch>,
    /// It is told before the page is drawn.
    pub(super) is_told: bool,
}

/// How it was with lines without the drawings of their pages: right where it is more than nought.
pub(super) type Trust = BTreeMap<u32, i32>;

impl LivePages {
    /// What lacks a drawing is only told where that was right before.
    fn is_trusted(&self, number: u32) -> Option<bool> {
        let mut trust = lock(&self.trust);
        let trust = trust.entry(number).or_default();
        if *trust < 0 {
            *trust += 1;
            return None;
        }
        Some(*trust > 0)
    }

    /// All of the page is drawn: whether what was drawn before was right.
    pub(super) fn judge(&self, number: u32, is_right: bool) {
        lock(&self.trust).insert(number, if is_right { 1 } else { -PENANCE });
    }

    /// Draw what differs on a page that somebody looks at.
    pub(super) fn draw_band(&self, page: &Shipped) -> Option<DrawnBand> {
        let before = lock(&page.before).take()?;
        let requests = page.expected();
        let drawn: Vec<Drawn> =
            requests.iter().map(|request| before.drawn(*request)).collect::<Option<_>>()?;
        let band = changed_band(&before.told.xdv, &page.told.xdv)?;
        let is_trusted = self.is_trusted(page.told.number)?;
        let document = self.open(&mut lock(&self.converter), &band.xdv).ok()?;
        let patches: Vec<PicturePatch> = drawn
            .into_iter()
            .map(|Drawn { request, pixels }| {
                let whole = draw_over(&pixels, request, &band, &document)?;
                self.patch(page.told.number, request, whole)
            })
            .collect::<Option<_>>()?;
        let is_told = !patches.is_empty() && (is_trusted || !band.lacks_drawing);
        Some(DrawnBand { patches, is_told })
    }

    /// What windows put over the picture that they have of a page, for it to be this.
    pub(super) fn patch(
        &self,
        number: u32,
        request: PictureRequest,
        whole: Picture,
    ) -> Option<PicturePatch> {
        let bases = lock(&self.bases);
        let base = bases.get(&number)?.iter().find(|base| base.drawn.request == request)?;
        patch(base, &Drawn { request, pixels: Arc::new(whole) })
    }
}

/// The picture of the version before with the rows of the band drawn anew.
pub(super) fn draw_over(
    before: &Picture,
    request: PictureRequest,
    band: &Band,
    document: &Document,
) -> Option<Picture> {
    let height = f64::from(before.height);
    let row = |at: f64| ((INCH + at) * f64::from(request.scale)).clamp(0.0, height);
    let top = row(band.top.to_bp()).floor() as u32;
    let bottom = row(band.bottom.to_bp()).ceil() as u32;
    let rows = Tile { x: 0, y: top, width: before.width, height: bottom - top };
    let request = PictureRequest { tile: Some(rows), ..request.of_first_page() };
    before.with_rows(top, &pixels_of(document, request).ok()?)
}
