//! Quire's windows. Thin: everything is done by the workbench; here it is joined to Tauri.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod channels;
mod commands;
mod pages;
mod print;
mod start;
mod windows;

use anyhow::{Context, Result};
use mimalloc::MiMalloc;
use quire_workbench::Workbench;
use tauri::{Manager, RunEvent, WindowEvent};

/// Pictures of pages are large, short-lived, and made on many threads: the system's allocator keeps what
/// was freed for each thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> Result<()> {
    windows::keep_frames_even();
    let wishes = start::wishes();
    let opened = match start::open(&wishes) {
        Ok(opened) => opened,
        Err(start::Refused::Running) => return Ok(()),
        Err(start::Refused::Failed(error)) => {
            start::say(&error);
            std::process::exit(1);
        }
    };
    let workbench = opened.workbench.clone();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(workbench.clone())
        .manage(opened.start)
        .register_asynchronous_uri_scheme_protocol("page", pages::serve)
        .invoke_system(include_str!("messages.js"))
        .channel_interceptor(channels::hand_over)
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::startup,
            commands::subscribe,
            commands::attach,
            commands::attach_discussion,
            commands::frame,
            commands::detach,
            commands::open_place,
            commands::open_preview,
            commands::print_pages,
            commands::open_window,
        ])
        .setup(move |app| {
            windows::open_main(app.handle())?;
            start::listen(app.handle().clone(), opened.listener);
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::Focused(true) = event {
                // For systems that do not watch folders; failing it, nothing is lost.
                let workbench = window.state::<Workbench>().inner().clone();
                drop(tauri::async_runtime::spawn_blocking(move || workbench.look_at_folders()));
            }
        })
        .build(tauri::generate_context!())
        .context("cannot start the window system")?;
    app.run(move |_, event| {
        if let RunEvent::Exit = event {
            workbench.close();
        }
    });
    Ok(())
}
