//! Where requests come from: lines of standard input, read by a thread of its own.

use super::{
    protocol::{Request, parse},
    session::{Happening, Outlet},
};
use std::{
    io::{self, BufRead, IsTerminal, Read},
    time::Instant,
};

/// A longer line is no request but a mistake.
const LONGEST_LINE_BYTES: u64 = 64 << 20;

/// Whether a program talks to us: not from a terminal, nor with nothing at all (`</dev/null`).
pub(super) fn is_driven() -> bool {
    !io::stdin().is_terminal() && !is_nothing()
}

#[cfg(unix)]
fn is_nothing() -> bool {
    use std::os::{fd::AsFd, unix::fs::FileTypeExt};
    let file = io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from);
    let kind = file.and_then(|file| file.metadata()).map(|metadata| metadata.file_type());
    // A pipe that is empty has, or had, somebody at its other end.
    kind.map_or(true, |kind| kind.is_char_device())
}

#[cfg(not(unix))]
fn is_nothing() -> bool {
    false
}

/// Read requests to the end, on a thread of its own.
pub(super) fn read(outlet: Outlet) -> io::Result<()> {
    let thread = std::thread::Builder::new().name("input".to_owned());
    thread.spawn(move || read_from(io::stdin().lock(), &outlet)).map(drop)
}

fn read_from(mut input: impl BufRead, outlet: &Outlet) {
    let mut line = 0;
    loop {
        line += 1;
        let Ok(Some(request)) = next(&mut input) else { break };
        if !outlet.send(Happening::Request { line, at: Instant::now(), request }) {
            return;
        }
    }
    outlet.send(Happening::InputEnds);
}

/// The next line as a request; `None` at the end.
fn next(input: &mut impl BufRead) -> io::Result<Option<Result<Request, String>>> {
    let mut bytes = Vec::new();
    if input.by_ref().take(LONGEST_LINE_BYTES).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.len() as u64 == LONGEST_LINE_BYTES && bytes.last() != Some(&b'\n') {
        skip_line(input)?;
        return Ok(Some(Err(format!("the line is longer than {} MiB", LONGEST_LINE_BYTES >> 20))));
    }
    Ok(Some(parse(bytes.trim_ascii_end())))
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = input.fill_buf()?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(bytes.len(), |end| end + 1);
        input.consume(length);
        if end.is_some() || length == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_refused_and_the_next_is_read() {
        let long = io::repeat(b'x').take(LONGEST_LINE_BYTES + 10);
        let rest: &[u8] = b"\n{\"close\": {\"path\": \"a\"}}\r\n{\"close\": {\"path\": \"b\"}}";
        let mut input = io::BufReader::new(long.chain(rest));
        assert!(next(&mut input).unwrap().unwrap().unwrap_err().contains("longer than 64 MiB"));
        assert!(next(&mut input).unwrap().unwrap().is_ok());
        assert!(next(&mut input).unwrap().unwrap().is_ok());
        assert!(next(&mut input).unwrap().is_none());
    }
}
