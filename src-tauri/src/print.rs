//! Pages on paper. On Linux through GTK's dialog, page by page; other systems print best from their own
//! viewer, which is opened.

use quire_project::ProjectId;
use quire_workbench::{Workbench, WorkbenchError};
use tauri::{AppHandle, WebviewWindow};

#[cfg(target_os = "linux")]
pub(crate) fn print(
    app: &AppHandle,
    window: &WebviewWindow,
    workbench: &Workbench,
    project: ProjectId,
    title: String,
) -> Result<(), WorkbenchError> {
    workbench.finish_pages(project)?;
    let preview = workbench.preview_info(project)?;
    let (workbench, window) = (workbench.clone(), window.clone());
    app.run_on_main_thread(move || {
        let parent = window.gtk_window().ok();
        let job = gtk_dialog::Job { workbench, project, preview, title };
        gtk_dialog::show(job, parent.as_ref());
    })
    .map_err(|_| WorkbenchError::Closed)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn print(
    app: &AppHandle,
    _window: &WebviewWindow,
    workbench: &Workbench,
    project: ProjectId,
    _title: String,
) -> Result<(), WorkbenchError> {
    use tauri_plugin_opener::OpenerExt;
    workbench.finish_pages(project)?;
    let pdf = workbench.pdf_file(project)?;
    let name = pdf.to_string_lossy().into_owned();
    let opened = app.opener().open_path(name, None::<&str>);
    opened.map_err(|error| WorkbenchError::Io {
        doing: "open the PDF",
        place: pdf,
        source: std::io::Error::other(error),
    })
}

#[cfg(target_os = "linux")]
mod gtk_dialog {
    use gtk::{cairo, prelude::*};
    use quire_project::ProjectId;
    use quire_workbench::{PreviewInfo, Workbench};

    /// Dots to the inch: what lasers print.
    const DOTS: f32 = 300.0;
    /// PDF points to the inch.
    const POINTS: f32 = 72.0;

    pub(super) struct Job {
        pub(super) workbench: Workbench,
        pub(super) project: ProjectId,
        pub(super) preview: PreviewInfo,
        pub(super) title: String,
    }

    /// The dialog stays open by itself; pages are drawn as they are wanted, one at a time in memory.
    pub(super) fn show(job: Job, parent: Option<&gtk::ApplicationWindow>) {
        let operation = gtk::PrintOperation::new();
        operation.set_job_name(&job.title);
        operation.set_n_pages(i32::try_from(job.preview.pages.len()).unwrap_or(i32::MAX));
        operation.set_unit(gtk::Unit::Points);
        operation.set_use_full_page(true);
        operation.set_allow_async(true);
        let sizes = job.preview.pages.clone();
        operation.connect_request_page_setup(move |_, _, page, setup| {
            let page = usize::try_from(page).ok().and_then(|page| sizes.get(page));
            let is_wide = page.is_some_and(|page| page.width > page.height);
            let (landscape, portrait) =
                (gtk::PageOrientation::Landscape, gtk::PageOrientation::Portrait);
            setup.set_orientation(if is_wide { landscape } else { portrait });
        });
        operation.connect_draw_page(move |operation, context, page| {
            // What cannot be drawn ends the job: a blank sheet would pass for a page.
            if draw(&job, context, usize::try_from(page).unwrap_or_default()).is_none() {
                operation.cancel();
            }
        });
        // The dialog itself tells of failures of the printer.
        let _ = operation.run(gtk::PrintOperationAction::PrintDialog, parent);
    }

    fn draw(job: &Job, context: &gtk::PrintContext, page: usize) -> Option<()> {
        let size = job.preview.pages.get(page)?;
        let scale = DOTS / POINTS;
        let picture =
            job.workbench.page_pixels(job.project, job.preview.number, page, scale).ok()?;
        let mut pixels = picture.rgba;
        // Cairo wants blue first on machines that store the low byte first.
        if cfg!(target_endian = "little") {
            pixels.chunks_exact_mut(4).for_each(|pixel| pixel.swap(0, 2));
        } else {
            pixels.chunks_exact_mut(4).for_each(|pixel| pixel.rotate_right(1));
        }
        let (width, height) =
            (i32::try_from(picture.width).ok()?, i32::try_from(picture.height).ok()?);
        let surface = cairo::ImageSurface::create_for_data(
            pixels,
            cairo::Format::Rgb24,
            width,
            height,
            width.checked_mul(4)?,
        );
        let cairo = context.cairo_context()?;
        let (across, down) = (context.width(), context.height());
        // As large as the sheet allows, in its middle.
        let fit = (across / f64::from(size.width)).min(down / f64::from(size.height));
        cairo.translate(
            (across - fit * f64::from(size.width)) / 2.0,
            (down - fit * f64::from(size.height)) / 2.0,
        );
        let dot = fit / f64::from(scale);
        cairo.scale(dot, dot);
        cairo.set_source_surface(surface.ok()?, 0.0, 0.0).ok()?;
        cairo.paint().ok()
    }
}
