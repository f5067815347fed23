//! How what the application tells arrives in a window.

use tauri::{
    Runtime, Webview,
    ipc::{CallbackFn, InvokeResponseBody},
};

/// Up to here a message is handed over as a script, which is a few milliseconds quicker than to have the window come
/// and fetch it: Tauri does so from 8 KiB on, and the pictures of a line of text are about that large.
const DIRECT_BYTES: usize = 256 << 10;

/// Hands over messages of moderate length; false leaves one to Tauri.
pub(crate) fn hand_over<R: Runtime>(
    webview: &Webview<R>,
    callback: CallbackFn,
    index: usize,
    body: &InvokeResponseBody,
) -> bool {
    let InvokeResponseBody::Json(message) = body else { return false };
    if message.len() > DIRECT_BYTES {
        return false;
    }
    // Any JSON is an expression in a script.
    let script = format!(
        "window.__TAURI_INTERNALS__.runCallback({}, {{ message: {message}, index: {index} }})",
        callback.0
    );
    webview.eval(script).is_ok()
}
