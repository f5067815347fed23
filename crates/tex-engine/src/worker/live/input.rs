//! A source file of a live run: read byte by byte from its current text, so that the text behind the
//! position can change while the engine sleeps.

use super::{at_line_start, with_live};
use crate::{
    live::READ_WHOLE,
    worker::{
        files::{Files, Shared},
        handles::sought,
    },
};
use std::{
    cell::RefCell,
    io::{self, Read, SeekFrom},
    rc::Rc,
};
use tectonic_errors::prelude::*;
use tectonic_io_base::InputFeatures;

pub(in crate::worker) struct LiveInput {
    files: Rc<RefCell<Files>>,
    name: String,
    /// Copies sleep at its line starts: not at those of generated files.
    is_source: bool,
    text: Shared,
    version: u64,
    position: usize,
    /// The engine reads single bytes. It does so with texts, from their beginning to their end; what it reads
    /// in larger pieces when it closes one goes nowhere.
    by_byte: bool,
}

impl LiveInput {
    pub(in crate::worker) fn new(
        files: &Rc<RefCell<Files>>,
        name: &str,
        is_source: bool,
        text: Shared,
    ) -> Self {
        let version = with_live(files, |live| live.version);
        Self {
            files: files.clone(),
            name: name.to_owned(),
            is_source,
            text,
            version,
            position: 0,
            by_byte: false,
        }
    }

    fn note_read(&self, to: u64) {
        with_live(&self.files, |live| live.note_read(&self.name, to));
    }

    fn look_again(&mut self) {
        let files = self.files.borrow();
        let Some(live) = &files.live else { return };
        if live.version != self.version {
            self.version = live.version;
            if let Some(text) = files.text(&self.name) {
                self.text = text;
            }
        }
    }

    fn is_at_line_start(&self) -> bool {
        self.position == 0 || self.text.get(self.position - 1) == Some(&b'\n')
    }

    fn next_byte(&mut self) -> Option<u8> {
        if self.is_source && self.is_at_line_start() {
            at_line_start(&self.files, &self.name, self.position, &self.text);
            self.look_again();
        }
        let byte = self.text.get(self.position).copied();
        self.position += usize::from(byte.is_some());
        match byte {
            Some(b'\n' | b'\r') => self.note_read(self.position as u64),
            None => self.note_read(self.text.len() as u64 + 1),
            Some(_) => {}
        }
        byte
    }
}

impl Read for LiveInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let [place] = buf {
            self.by_byte = true;
            let byte = self.next_byte();
            *place = byte.unwrap_or_default();
            return Ok(usize::from(byte.is_some()));
        }
        if self.by_byte {
            return Ok(0);
        }
        self.note_read(READ_WHOLE);
        let rest = self.text.get(self.position..).unwrap_or_default();
        let count = buf.len().min(rest.len());
        buf[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }
}

impl InputFeatures for LiveInput {
    fn get_size(&mut self) -> Result<usize> {
        self.note_read(READ_WHOLE);
        Ok(self.text.len())
    }

    fn try_seek(&mut self, to: SeekFrom) -> Result<u64> {
        let target = sought(to, self.position, self.text.len())?;
        // Back to the beginning: the first bytes told the encoding. Anywhere else: who knows.
        self.note_read(if target == 0 { self.position as u64 } else { READ_WHOLE });
        self.by_byte = false;
        self.position = target;
        Ok(self.position as u64)
    }
}
