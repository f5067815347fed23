//! From XDV to PDF. A picture that cannot be converted is left blank rather than the whole PDF undone:
//! the conversion is done again, in another worker, until it comes through.

use super::{Event, passes::Done, session::Session};
use crate::convergence::plain;
use quire_tex_engine::{EngineError, EngineMessage, PdfOptions, PdfReport, TexOutcome};

/// More bad pictures than this in one document are left to the author.
const MAX_ATTEMPTS: usize = 20;

/// Make the PDF of the last pass, if it is wanted and there are pages.
pub(super) fn make_pdf(
    session: &mut Session<'_>,
    done: &mut Done,
    events: &mut dyn FnMut(Event),
) -> Result<(), EngineError> {
    let Some(last) = &done.last else { return Ok(()) };
    let usable = last.pages > 0 && !matches!(last.outcome, TexOutcome::Fatal(_));
    if !usable || session.request.output.is_none() {
        return Ok(());
    }
    events(Event::WritingPdf);
    let job = session.request.job_name();
    let wanted = format!("{job}.synctex.gz");
    if session.request.synctex && last.outputs.iter().any(|o| plain(&o.name) == wanted) {
        done.synctex = session.engine.fetch(&wanted)?;
    }
    let xdv = format!("{job}.xdv");
    if session.request.xdv {
        done.xdv = session.engine.fetch(&xdv)?;
    }
    let mut options = PdfOptions::default();
    for attempt in 1..=MAX_ATTEMPTS {
        match session.engine.make_pdf(&options) {
            Ok(report) => {
                session.tally(&report.reads);
                let another = attempt < MAX_ATTEMPTS && change(&mut options, &report);
                done.pdf = Some(report);
                if !another {
                    break;
                }
                let pages = session.engine.fetch(&xdv)?.unwrap_or_default();
                session.restart()?;
                session.engine.put(&xdv, &pages)?;
            }
            // What it was working on has gone with it.
            Err(EngineError::Crashed { opened: Some(name), .. })
                if attempt < MAX_ATTEMPTS
                    && is_picture(&name)
                    && !options.blank_pictures.contains(&name) =>
            {
                options.blank_pictures.push(name);
                session.restart()?;
                session.engine.run_tex(&mut |_| {})?;
            }
            Err(error) => return Err(error),
        }
    }
    done.blank_pictures = options.blank_pictures;
    Ok(())
}

/// What to do otherwise after a report; false when it is as good as it gets.
fn change(options: &mut PdfOptions, report: &PdfReport) -> bool {
    if let Err(reason) = &report.pdf
        && let Some(name) = failed_picture(reason)
        && !options.blank_pictures.contains(&name)
    {
        options.blank_pictures.push(name);
        return true;
    }
    let lacks_font = |message: &EngineMessage| message.text.contains("mapping");
    // Whatever is wrong, it must not be our shortened map.
    let doubtful = report.pdf.is_err() || report.messages.iter().any(lacks_font);
    let another = doubtful && report.part_of_font_map;
    options.whole_font_map |= another;
    another
}

/// The name in xdvipdfmx's `image inclusion failed for "name"`.
fn failed_picture(reason: &str) -> Option<String> {
    let (_, rest) = reason.split_once("nclusion failed for \"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Whether a file that was being read when the engine crashed is a picture.
pub(super) fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let known = ["png", "jpg", "jpeg", "pdf", "bmp", "eps", "ps", "mps", "svg"];
    known.contains(&extension.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::failed_picture;

    #[test]
    fn the_picture_is_read_from_both_of_its_messages() {
        let words = "pdf: image inclusion failed for \"figs/a b.eps\" (page=1).";
        assert_eq!(failed_picture(words).as_deref(), Some("figs/a b.eps"));
        let words = "Image inclusion failed for \"x.png\".";
        assert_eq!(failed_picture(words).as_deref(), Some("x.png"));
    }
}
