//! The windows: one for the gallery and a project, more for pages that stand alone.

use quire_project::ProjectId;
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder};

const MAIN: &str = "main";

/// To be called before anything else, while this is the only thread: WebKit reads it when a window is made.
///
/// WebKitGTK looks at its own memory every half minute, on the thread that draws; with many pages in sight the look
/// takes longer than two frames. What pages hold is limited by the preview itself.
#[cfg(target_os = "linux")]
pub(crate) fn keep_frames_even() {
    // Failing it, a frame is late now and then.
    let _ = gtk::glib::setenv("WEBKIT_DISABLE_MEMORY_PRESSURE_MONITOR", "1", false);
}

/// Other systems tell a program when memory is short.
#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_frames_even() {}

/// WebKitGTK paints the window anew each time the caret of the field with the focus blinks, also that of the field
/// behind the editor, which nobody sees. One that is told not to blink is painted at every frame: so it blinks once a
/// day. The editor's own caret does not come from there.
#[cfg(target_os = "linux")]
fn rest_carets() {
    const DAY_MS: i32 = 24 * 60 * 60 * 1000;
    if let Some(settings) = gtk::Settings::default() {
        use gtk::prelude::GtkSettingsExt;
        settings.set_gtk_cursor_blink(true);
        settings.set_gtk_cursor_blink_time(DAY_MS);
    }
}

#[cfg(not(target_os = "linux"))]
fn rest_carets() {}

/// The first window.
pub(crate) fn open_main(app: &AppHandle) -> tauri::Result<()> {
    rest_carets();
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Quire")
        .inner_size(1440.0, 900.0)
        .min_inner_size(640.0, 420.0)
        .build()?;
    keep_no_old_pictures(&window)
}

/// A browser keeps what it has shown for the way back. Here each key makes pictures that are never shown again; they,
/// and their pixels for a minute, would fill its cache of 64 MB. All windows share it.
#[cfg(target_os = "linux")]
fn keep_no_old_pictures(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{CacheModel, WebContextExt, WebViewExt};
    window.with_webview(|webview| {
        if let Some(context) = webview.inner().context() {
            context.set_cache_model(CacheModel::DocumentViewer);
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn keep_no_old_pictures(_: &tauri::WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// One more window, on a project.
pub(crate) fn open_another(app: &AppHandle, project: ProjectId) -> tauri::Result<()> {
    let taken = |number: &u32| app.get_webview_window(&format!("{MAIN}-{number}")).is_some();
    let number = (2_u32..).find(|number| !taken(number)).unwrap_or_default();
    let page = format!("index.html?project={project}");
    WebviewWindowBuilder::new(app, format!("{MAIN}-{number}"), WebviewUrl::App(page.into()))
        .title("Quire")
        .inner_size(1440.0, 900.0)
        .min_inner_size(640.0, 420.0)
        .build()?;
    Ok(())
}

/// Pages in a window of their own; one for each project.
pub(crate) fn open_preview(app: &AppHandle, project: ProjectId, title: &str) -> tauri::Result<()> {
    let label = format!("preview-{project}");
    if let Some(window) = app.get_webview_window(&label) {
        return window.set_focus();
    }
    let page = format!("index.html?preview={project}");
    WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .title(title)
        .inner_size(900.0, 1100.0)
        .build()?;
    Ok(())
}

/// Bring the first window to the front.
pub(crate) fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        // A window system may refuse to give the focus; then the window at least asks for it.
        let _ = window.unminimize().and_then(|()| window.set_focus());
    }
}
