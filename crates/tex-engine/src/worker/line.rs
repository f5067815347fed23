//! The line to the application: standard input and output, taken once.

use std::io::{self, BufReader, BufWriter, Stdin, Stdout};

/// Both directions, buffered.
pub(super) struct Line {
    pub(super) input: BufReader<Stdin>,
    pub(super) output: BufWriter<Stdout>,
}

impl Line {
    pub(super) fn open() -> Self {
        Self {
            input: BufReader::with_capacity(1 << 16, io::stdin()),
            output: BufWriter::with_capacity(1 << 16, io::stdout()),
        }
    }
}
