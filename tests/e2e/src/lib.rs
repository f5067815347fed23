//! The real program in a window on a virtual display, driven through WebKitWebDriver. Linux only: other
//! systems have other drivers.

mod app;
mod display;
mod driver;

pub use app::App;
pub use display::Display;
pub use driver::{Driver, Element, key};
