//! What is done with a page's pixels on their way to the screen: dark paper, and lossless WebP, which
//! browsers decode faster than PNG and which takes a tenth of its time to write.

use crate::{PdfError, Picture, Tile};
use image_webp::{ColorType, EncoderParams, WebPEncoder};
use std::ops::Range;

/// Colours of dark paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DarkPaper {
    /// What white becomes: red, green, blue.
    pub paper: [u8; 3],
    /// What black becomes.
    pub ink: [u8; 3],
}

impl Default for DarkPaper {
    fn default() -> Self {
        Self { paper: [0x1e, 0x1f, 0x22], ink: [0xe6, 0xe4, 0xdf] }
    }
}

impl Picture {
    /// Light becomes dark and dark light. Hues stay, so that a red line is still red and a picture
    /// keeps its colours.
    pub fn darken(&mut self, dark: DarkPaper) {
        let scale = |channel: usize| {
            let (from, to) = (i32::from(dark.paper[channel]), i32::from(dark.ink[channel]));
            let shade = |value: i32| (from + (to - from) * value / 255) as u8;
            std::array::from_fn::<u8, 256, _>(|value| shade(value as i32))
        };
        let shades = [scale(0), scale(1), scale(2)];
        // Most pixels are like the one before.
        let mut last = ([0; 3], [shades[0][255], shades[1][255], shades[2][255]]);
        for pixel in self.rgba.chunks_exact_mut(4) {
            let was = [pixel[0], pixel[1], pixel[2]];
            if was != last.0 {
                let (least, most) =
                    (was[0].min(was[1]).min(was[2]), was[0].max(was[1]).max(was[2]));
                // In HSL, lightness is (least + most) / 2: this turns it over and nothing else.
                let shift = 255 - i16::from(least) - i16::from(most);
                let turned = |value: u8| (i16::from(value) + shift).clamp(0, 255) as usize;
                last = (was, std::array::from_fn(|i| shades[i][turned(was[i])]));
            }
            pixel[..3].copy_from_slice(&last.1);
        }
    }

    /// The least part that holds all in which this picture differs from one of the same size. `None`: they are
    /// the same, or of different sizes.
    pub fn difference(&self, other: &Self) -> Option<Tile> {
        if (self.width, self.height) != (other.width, other.height) {
            return None;
        }
        let row_bytes = self.width as usize * 4;
        let rows = || self.rgba.chunks_exact(row_bytes).zip(other.rgba.chunks_exact(row_bytes));
        let top = rows().position(|(a, b)| a != b)?;
        let bottom = rows().rposition(|(a, b)| a != b)?;
        let (mut left, mut right) = (self.width as usize - 1, 0);
        for (a, b) in rows().take(bottom + 1).skip(top) {
            let same = || a.chunks_exact(4).zip(b.chunks_exact(4)).map(|(a, b)| a == b);
            left = same().take(left).position(|same| !same).unwrap_or(left);
            right = same().rposition(|same| !same).map_or(right, |last| last.max(right));
        }
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Some(Tile {
            x: number(left),
            y: number(top),
            width: number(right + 1 - left),
            height: number(bottom + 1 - top),
        })
    }

    /// Some of its rows, within all the others of another one. `None`: they are of different sizes.
    pub fn within(&self, rows: Range<u32>, other: &Self) -> Option<Self> {
        if (self.width, self.height) != (other.width, other.height) {
            return None;
        }
        let (from, to) = (self.bytes_of(rows.start), self.bytes_of(rows.end.max(rows.start)));
        let rgba = [&other.rgba[..from], &self.rgba[from..to], &other.rgba[to..]].concat();
        Some(Self { rgba, ..*self })
    }

    /// This picture with rows of another one from a row on. `None`: they are not as wide, or beyond its end.
    pub fn with_rows(&self, from: u32, rows: &Self) -> Option<Self> {
        if rows.width != self.width || from.checked_add(rows.height)? > self.height {
            return None;
        }
        let (start, end) = (self.bytes_of(from), self.bytes_of(from + rows.height));
        let rgba = [&self.rgba[..start], &rows.rgba, &self.rgba[end..]].concat();
        Some(Self { rgba, ..*self })
    }

    /// The rows right above one that are those of another picture, as many as there are.
    pub fn same_above(&self, row: u32, other: &Self) -> Range<u32> {
        if (self.width, self.height) != (other.width, other.height) {
            return row..row;
        }
        let row_bytes = (self.width as usize * 4).max(1);
        let end = row.min(self.height);
        let upper = self.bytes_of(end);
        let (ours, theirs) = (&self.rgba[..upper], &other.rgba[..upper]);
        let rows = ours.rchunks_exact(row_bytes).zip(theirs.rchunks_exact(row_bytes));
        let same = rows.take_while(|(a, b)| a == b).count();
        end - u32::try_from(same).unwrap_or(end)..end
    }

    fn bytes_of(&self, rows: u32) -> usize {
        rows.min(self.height) as usize * self.width as usize * 4
    }

    /// A part of it; what lies beyond its edges is left out.
    pub fn part(&self, tile: Tile) -> Self {
        let from = |start: u32, length: u32, end: u32| {
            let start = start.min(end);
            (start as usize, length.min(end - start))
        };
        let (x, width) = from(tile.x, tile.width, self.width);
        let (y, height) = from(tile.y, tile.height, self.height);
        let row_bytes = (self.width as usize * 4).max(1);
        let rows = self.rgba.chunks_exact(row_bytes).skip(y).take(height as usize);
        let rgba = rows.flat_map(|row| &row[x * 4..][..width as usize * 4]).copied().collect();
        Self { width, height, rgba }
    }

    /// Lossless WebP, without prediction, which costs more time than
    /// it saves bytes on pages of text. Sides beyond 16,384 pixels, which
    /// the format does not have, are refused.
    pub fn to_webp(&self) -> Result<Vec<u8>, PdfError> {
        let refused =
            || PdfError::Size { width: u64::from(self.width), height: u64::from(self.height) };
        let expected = u64::from(self.width) * u64::from(self.height) * 4;
        if expected != self.rgba.len() as u64 {
            return Err(refused());
        }
        let mut webp = Vec::new();
        let mut encoder = WebPEncoder::new(&mut webp);
        let mut params = EncoderParams::default();
        params.use_predictor_transform = false;
        encoder.set_params(params);
        encoder
            .encode(&self.rgba, self.width, self.height, ColorType::Rgba8)
            .map_err(|_| refused())?;
        Ok(webp)
    }
}

#[cfg(test)]
mod tests {
    use super::{Picture, Tile};

    fn picture(width: u32, height: u32, black: &[(u32, u32)]) -> Picture {
        let mut rgba = vec![255; (width * height * 4) as usize];
        for (x, y) in black {
            rgba[((y * width + x) * 4) as usize] = 0;
        }
        Picture { width, height, rgba }
    }

    #[test]
    fn the_part_that_differs_is_all_that_must_be_put_in_place() {
        let old = picture(9, 7, &[(4, 4)]);
        let new = picture(9, 7, &[(2, 5), (6, 3)]);
        let tile = new.difference(&old).unwrap();
        assert_eq!(tile, Tile { x: 2, y: 3, width: 5, height: 3 });
        let part = new.part(tile);
        assert_eq!(part, picture(5, 3, &[(0, 2), (4, 0)]));
    }

    #[test]
    fn rows_of_one_picture_go_into_another() {
        let (old, new) = (picture(2, 5, &[]), picture(2, 5, &[(0, 0), (1, 2), (0, 4)]));
        assert_eq!(new.same_above(4, &old), 3..4);
        assert_eq!(new.same_above(2, &old), 1..2);
        assert_eq!(new.same_above(9, &new), 0..5);
        assert_eq!(new.same_above(3, &picture(5, 2, &[])), 3..3);
        let mixed = new.within(1..4, &old).unwrap();
        assert_eq!(mixed.rgba, picture(2, 5, &[(1, 2)]).rgba);
        assert!(new.within(1..4, &picture(5, 2, &[])).is_none());
    }

    #[test]
    fn rows_of_another_height_take_the_place_of_as_many() {
        let (white, black) = (picture(4, 5, &[]), picture(4, 2, &[(0, 0), (3, 1)]));
        assert_eq!(white.with_rows(2, &black).unwrap().rgba, picture(4, 5, &[(0, 2), (3, 3)]).rgba);
        assert!(white.with_rows(4, &black).is_none());
        assert!(picture(3, 5, &[]).with_rows(0, &black).is_none());
    }

    #[test]
    fn what_is_the_same_has_no_part_that_differs() {
        let one = picture(3, 2, &[(1, 1)]);
        assert_eq!(one.difference(&one), None);
        assert_eq!(one.difference(&picture(2, 3, &[])), None);
        for at in [(0, 0), (2, 1), (0, 1)] {
            let tile = one.difference(&picture(3, 2, &[(1, 1), at])).unwrap();
            assert_eq!(tile, Tile { x: at.0, y: at.1, width: 1, height: 1 });
        }
    }

    #[test]
    fn a_part_ends_where_the_picture_does() {
        let part = picture(3, 2, &[]).part(Tile { x: 2, y: 1, width: 9, height: 9 });
        assert_eq!((part.width, part.height, part.rgba.len()), (1, 1, 4));
        assert_eq!(picture(3, 2, &[]).part(Tile { x: 7, y: 0, width: 1, height: 1 }).width, 0);
    }
}
