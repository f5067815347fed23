//! What goes through the pipes between the application and its worker: frames of a length (8 bytes,
//! little-endian) and a postcard-encoded message. Both ends are the same build; the version is there
//! to say so plainly when they are not.

use crate::{
    live::{Asleep, Earlier, Resume, ShippedPage, State},
    report::{
        BibtexReport, FileOrigin, JobSetup, Limits, OutputFile, PdfOptions, PdfReport, Progress,
        TexReport,
    },
};
use quire_project::ProjectPath;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;
use std::io::{self, Read, Write};

/// Raised with every change of a message.
pub const PROTOCOL_VERSION: u32 = 9;

/// A frame longer than this is nonsense, not a message.
const FRAME_LIMIT_BYTES: u64 = 4 << 30;

/// From the application to the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    /// Begin a job. The first message.
    Setup {
        /// The document.
        setup: JobSetup,
        /// Its bounds.
        limits: Limits,
    },
    /// Add a generated file.
    Put {
        /// Name relative to the root's folder.
        name: String,
        /// Its bytes.
        bytes: ByteBuf,
    },
    /// Run TeX once.
    Tex,
    /// Run BibTeX on an `.aux` file.
    Bibtex {
        /// The `.aux` file, relative to the root's folder.
        aux: String,
    },
    /// Convert the last XDV to PDF.
    Pdf {
        /// How.
        options: PdfOptions,
    },
    /// Send a generated file.
    Fetch {
        /// Name relative to the root's folder.
        name: String,
    },
    /// The answer to [`FromWorker::Need`].
    File(ServedFile),
    /// To a snapshot: a copy of it goes on with these changes.
    Resume(Resume),
    /// To a snapshot: a copy of it waits for [`ToWorker::Resume`] on the first of the sockets that come with this.
    Ready,
    /// To a snapshot: say what your state means.
    TellState,
    /// To a live run that holds: it need not.
    GoOn,
    /// To a live run that stands still in a known state: the rest is that of this run, or is to be typeset.
    Rest(Option<Box<Earlier>>),
}

/// The application's answer to a request for a file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServedFile {
    /// The project path that the name stands for, when it is one.
    pub path: Option<ProjectPath>,
    /// `Project`, `Missing` or `Refused`.
    pub origin: FileOrigin,
    /// The bytes, when the origin is `Project`.
    pub bytes: ByteBuf,
}

/// From the worker to the application.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// First message, before the sandbox is closed behind it.
    Hello(Hello),
    /// The engine asks for a project file.
    Need {
        /// The name as the engine asked for it.
        name: String,
    },
    /// Something happened.
    Progress(Progress),
    /// A snapshot was taken; this is it, on a channel of its own.
    Asleep(Asleep),
    /// A live run has shipped a page.
    Page(ShippedPage),
    /// Answer of a snapshot to [`ToWorker::TellState`]; `None` when that cannot be said.
    State(Option<State>),
    /// A live run has come to where its state is one that it was told of, and stands still.
    Known(State),
    /// Answer to [`ToWorker::Tex`].
    Tex(TexReport),
    /// Answer to [`ToWorker::Bibtex`].
    Bibtex(BibtexReport),
    /// Answer to [`ToWorker::Pdf`]. The PDF itself stays in the worker, as a generated file.
    Pdf(PdfReport),
    /// Answer to [`ToWorker::Fetch`].
    Fetched(Option<ByteBuf>),
    /// The outputs outgrew the limit; the worker ends.
    OutputLimit {
        /// File that was being read, and line.
        at: Option<(String, u32)>,
        /// The outputs so far, the largest first.
        outputs: Vec<OutputFile>,
    },
    /// The worker cannot work: bundle missing, format of another engine.
    Unusable {
        /// What is wrong.
        reason: String,
    },
}

/// How the worker introduces itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`] of the worker.
    pub protocol: u32,
    /// The engine's format serial.
    pub format_serial: u32,
    /// What keeps the worker in.
    pub sandbox: SandboxReport,
}

/// Which walls stand around the worker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxReport {
    /// File access restricted by Landlock.
    pub landlock: bool,
    /// System calls restricted by seccomp.
    pub seccomp: bool,
    /// Address space, core files and open files bounded.
    pub rlimits: bool,
}

/// Write one message.
pub(crate) fn send<M: Serialize>(out: &mut impl Write, message: &M) -> io::Result<()> {
    let body = postcard::to_stdvec(message).map_err(io::Error::other)?;
    out.write_all(&(body.len() as u64).to_le_bytes())?;
    out.write_all(&body)?;
    out.flush()
}

/// Read one message; `UnexpectedEof` when the other end has gone, `InvalidData` when it talks
/// nonsense.
pub(crate) fn receive<M: DeserializeOwned>(input: &mut impl Read) -> io::Result<M> {
    let mut header = [0; 8];
    input.read_exact(&mut header)?;
    let length = u64::from_le_bytes(header);
    if length > FRAME_LIMIT_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a frame of {length} bytes"),
        ));
    }
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if body.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&body).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_round_trip_and_truncation_is_seen() {
        let mut wire = Vec::new();
        send(&mut wire, &ToWorker::Fetch { name: "a b/ü.aux".into() }).unwrap();
        let ToWorker::Fetch { name } = receive(&mut &wire[..]).unwrap() else { panic!("kind") };
        assert_eq!(name, "a b/ü.aux");
        let cut = receive::<ToWorker>(&mut &wire[..wire.len() - 1]).unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn nonsense_is_invalid_data() {
        let kind = |bytes: &[u8]| receive::<ToWorker>(&mut &bytes[..]).unwrap_err().kind();
        assert_eq!(kind(b"PATH=/bin:/usr/bin"), io::ErrorKind::InvalidData);
        assert_eq!(kind(b"\x01\0\0\0\0\0\0\0\xff"), io::ErrorKind::InvalidData);
    }
}
