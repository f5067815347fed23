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
use std::sync::Arc;

/// From the upper edge of the paper to where TeX measures from, in points.
const INCH: f64 = 72.0;

impl LivePages {
    /// Draw what differs on a page that somebody looks at. Answers with what windows that show the version before put over
    /// it, or nothing unless it can be told for each of them.
    pub(super) fn draw_band(&self, page: &Shipped) -> Vec<PicturePatch> {
        self.bands_of(page).unwrap_or_default()
    }

    fn bands_of(&self, page: &Shipped) -> Option<Vec<PicturePatch>> {
        let before = lock(&page.before).take()?;
        let requests = page.expected();
        let drawn: Vec<Drawn> =
            requests.iter().map(|request| before.drawn(*request)).collect::<Option<_>>()?;
        let band = changed_band(&before.told.xdv, &page.told.xdv)?;
        let document = self.open(&mut lock(&self.converter), &band.xdv).ok()?;
        drawn
            .into_iter()
            .map(|Drawn { request, pixels }| {
                let whole = draw_over(&pixels, request, &band, &document)?;
                self.patch(page.told.number, request, whole)
            })
            .collect()
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
