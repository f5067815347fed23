//! The line to the application: standard input and output, or the channel of a live run.

use std::io::{self, BufReader, BufWriter, Read, Write};

/// Both directions, buffered.
pub(super) struct Line {
    pub(super) input: BufReader<Box<dyn Read>>,
    pub(super) output: BufWriter<Box<dyn Write>>,
}

impl Line {
    /// Standard input and output; to be taken once.
    pub(super) fn open() -> Self {
        Self::over(Box::new(io::stdin()), Box::new(io::stdout()))
    }

    pub(super) fn over(input: Box<dyn Read>, output: Box<dyn Write>) -> Self {
        Self {
            input: BufReader::with_capacity(1 << 16, input),
            output: BufWriter::with_capacity(1 << 16, output),
        }
    }
}
