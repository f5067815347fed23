//! Pictures for `<img>`, past the command channel:
//! `page://localhost/page/PROJECT/NUMBER/PAGE/SCALE/light` (or `dark`) for a page of a build, with
//! `/X/Y/WIDTH/HEIGHT` for a part of it in pixels, `page://localhost/live/PROJECT/VERSION/…` likewise for a page
//! that has changed since (`glance` in place of `live`: the next version of it is not wanted at once), `page://localhost/first/PROJECT` for the gallery, `page://localhost/template/ID` for a
//! template, `page://localhost/file/PROJECT/PATH` for a picture of a project.

use percent_encoding::percent_decode_str;
use quire_pdf::Tile;
use quire_project::{ProjectId, ProjectPath};
use quire_workbench::{PictureRequest, Workbench, WorkbenchError};
use tauri::{
    Manager, Runtime, UriSchemeContext, UriSchemeResponder,
    http::{Request, Response, StatusCode, header},
};

/// What is served, and whether it may be kept: what is at one address is always the same.
struct Served {
    bytes: Vec<u8>,
    kind: &'static str,
    is_final: bool,
}

pub(crate) fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let workbench = context.app_handle().state::<Workbench>().inner().clone();
    let path = request.uri().path().to_owned();
    tauri::async_runtime::spawn_blocking(move || {
        let response = match find(&workbench, &path) {
            Some(Ok(served)) => Response::builder()
                .header(header::CONTENT_TYPE, served.kind)
                .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
                // A picture is shown by <img>; opened by itself it may do nothing.
                .header(
                    header::CONTENT_SECURITY_POLICY,
                    "default-src 'none'; style-src 'unsafe-inline'",
                )
                .header(
                    header::CACHE_CONTROL,
                    if served.is_final { "max-age=3600, immutable" } else { "no-cache" },
                )
                .body(served.bytes),
            Some(Err(_)) | None => {
                Response::builder().status(StatusCode::NOT_FOUND).body(Vec::new())
            }
        };
        responder.respond(response.unwrap_or_default());
    });
}

fn find(workbench: &Workbench, path: &str) -> Option<Result<Served, WorkbenchError>> {
    let mut parts = path.trim_start_matches('/').splitn(3, '/');
    if let Some(id) = path.strip_prefix("/template/") {
        let bytes = quire_workbench::template_picture(id)?.to_vec();
        return Some(Ok(Served { bytes, kind: "image/webp", is_final: true }));
    }
    let (what, project) = (parts.next()?, ProjectId::try_from(parts.next()?.to_owned()).ok()?);
    let rest = parts.next().unwrap_or_default();
    Some(match what {
        "page" | "live" | "glance" => {
            let (number, request) = wanted(rest)?;
            let picture = if what == "page" {
                workbench.page_picture(project, number, request)
            } else {
                workbench.live_picture(project, number, request, what == "glance")
            };
            picture.map(|bytes| Served { bytes, kind: "image/webp", is_final: true })
        }
        "first" => {
            let bytes = std::fs::read(workbench.first_page_file(project)).ok()?;
            Ok(Served { bytes, kind: "image/webp", is_final: false })
        }
        "file" => {
            let name = percent_decode_str(rest).decode_utf8().ok()?;
            let path = ProjectPath::new(&name).ok()?;
            let kind = kind_of(&path)?;
            let bytes = workbench.file_bytes(project, &path);
            bytes.map(|bytes| Served { bytes: bytes.to_vec(), kind, is_final: false })
        }
        _ => return None,
    })
}

/// `NUMBER/PAGE/SCALE/PAPER`, and the four numbers of a tile.
fn wanted(path: &str) -> Option<(u64, PictureRequest)> {
    let parts: Vec<&str> = path.split('/').collect();
    let (&[number, page, scale, paper], tile) = parts.split_first_chunk::<4>()?;
    let tile = match tile {
        [] => None,
        [x, y, width, height] => Some(Tile {
            x: x.parse().ok()?,
            y: y.parse().ok()?,
            width: width.parse().ok()?,
            height: height.parse().ok()?,
        }),
        _ => return None,
    };
    let scale: f32 = scale.parse().ok().filter(|scale| *scale > 0.0)?;
    let request =
        PictureRequest { page: page.parse().ok()?, scale, tile, dark_paper: paper == "dark" };
    Some((number.parse().ok()?, request))
}

/// Pictures only: nothing that a window could run.
fn kind_of(path: &ProjectPath) -> Option<&'static str> {
    Some(match path.extension().to_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}
