//! What is done with a page's pixels on their way to the screen: dark paper, and lossless WebP, which
//! browsers decode faster than PNG and which takes a tenth of its time to write.

use crate::{PdfError, Picture};
use image_webp::{ColorType, EncoderParams, WebPEncoder};

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
