//! Tectonic's I/O traits on top of [`Files`].

use super::{
    files::{Files, Found, Growing, Shared},
    globals,
    live::LiveInput,
};
use crate::mapped::MappedFile;
use quire_bundle::Pack;
use std::{
    cell::RefCell,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::PathBuf,
    rc::Rc,
};
use tectonic_bridge_core::DriverHooks;
use tectonic_errors::prelude::*;
use tectonic_io_base::{
    InputFeatures, InputHandle, InputOrigin, IoProvider, OpenResult, OutputHandle,
};
use tectonic_status_base::StatusBackend;

/// The engine's view of the world.
pub(super) struct EngineFiles(pub(super) Rc<RefCell<Files>>);

/// A file in memory.
struct MemoryInput(Cursor<SharedBytes>);

struct SharedBytes(Shared);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Read for MemoryInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl InputFeatures for MemoryInput {
    fn get_size(&mut self) -> Result<usize> {
        Ok(self.0.get_ref().0.len())
    }

    fn try_seek(&mut self, pos: SeekFrom) -> Result<u64> {
        Ok(self.0.seek(pos)?)
    }
}

/// What is mapped.
enum Mapped {
    Bundle(Rc<Pack<MappedFile>>),
    Format(Rc<MappedFile>),
}

impl Mapped {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Bundle(bundle) => bundle.bytes(),
            Self::Format(format) => format.as_ref().as_ref(),
        }
    }
}

/// A file of the bundle or the format, read from the mapping: fonts are read here and there, a few bytes at a time.
struct MappedInput {
    mapped: Mapped,
    range: Range<usize>,
    position: usize,
}

impl MappedInput {
    fn open(mapped: Mapped, range: Range<usize>) -> Self {
        Self { mapped, range, position: 0 }
    }
}

impl Read for MappedInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let file = self.mapped.bytes().get(self.range.clone()).unwrap_or_default();
        let rest = file.get(self.position..).unwrap_or_default();
        let count = buf.len().min(rest.len());
        buf[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }
}

impl InputFeatures for MappedInput {
    fn get_size(&mut self) -> Result<usize> {
        Ok(self.range.len())
    }

    fn try_seek(&mut self, pos: SeekFrom) -> Result<u64> {
        self.position = sought(pos, self.position, self.range.len())?;
        Ok(self.position as u64)
    }
}

/// Where a file of this size is after seeking from a position.
pub(super) fn sought(to: SeekFrom, position: usize, size: usize) -> Result<usize> {
    let target = match to {
        SeekFrom::Start(offset) => i64::try_from(offset)?,
        SeekFrom::Current(offset) => position as i64 + offset,
        SeekFrom::End(offset) => size as i64 + offset,
    };
    Ok(usize::try_from(target)?)
}

/// An output, in memory. Keeps the place in the source for each line of the log.
struct MemoryOutput {
    files: Rc<RefCell<Files>>,
    bytes: Growing,
    is_log: bool,
    is_xdv: bool,
}

impl Write for MemoryOutput {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut files = self.files.borrow_mut();
        files.count_written(buf.len());
        if self.is_xdv
            && let Some(live) = &mut files.live
        {
            live.note_xdv(buf);
        }
        let mut bytes = self.bytes.borrow_mut();
        if self.is_log && bytes.last().is_none_or(|&last| last == b'\n') {
            files.mark_log(bytes.len());
        }
        bytes.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The engine's terminal. What it prints is in the log as well; its flushes tell of pages.
struct Terminal(Rc<RefCell<Files>>);

impl Write for Terminal {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().note_pages();
        Ok(())
    }
}

impl EngineFiles {
    fn open(&mut self, name: &str) -> OpenResult<(InputHandle, Option<PathBuf>)> {
        let found = self.0.borrow_mut().find(name);
        match found {
            Found::Memory(bytes) if self.0.borrow().can_change(name) => {
                let is_source = self.0.borrow().is_source(name);
                let input = LiveInput::new(&self.0, name, is_source, bytes);
                let handle = InputHandle::new_read_only(name, input, InputOrigin::Other);
                OpenResult::Ok((handle, Some(PathBuf::from(name))))
            }
            Found::Memory(bytes) => {
                let input = MemoryInput(Cursor::new(SharedBytes(bytes)));
                let handle = InputHandle::new_read_only(name, input, InputOrigin::Other);
                // SyncTeX records this name; relative, so that outputs do not depend on the folder.
                OpenResult::Ok((handle, Some(PathBuf::from(name))))
            }
            Found::Bundle(file) => {
                let bundle = self.0.borrow().bundle();
                let range = bundle.find(&file).unwrap_or_default();
                let input = MappedInput::open(Mapped::Bundle(bundle), range);
                let handle = InputHandle::new_read_only(name, input, InputOrigin::Other);
                OpenResult::Ok((handle, Some(PathBuf::from(name))))
            }
            Found::Nothing => OpenResult::NotAvailable,
        }
    }
}

impl IoProvider for EngineFiles {
    fn output_open_name(&mut self, name: &str) -> OpenResult<OutputHandle> {
        let mut files = self.0.borrow_mut();
        let is_log = name.strip_suffix(".log") == Some(&files.job_name);
        let is_xdv = name.strip_suffix(".xdv") == Some(&files.job_name);
        let bytes = files.create(name);
        files.note_output(name);
        let output = MemoryOutput { files: self.0.clone(), bytes, is_log, is_xdv };
        OpenResult::Ok(OutputHandle::new(name, output))
    }

    fn output_open_stdout(&mut self) -> OpenResult<OutputHandle> {
        self.0.borrow_mut().note_output("");
        OpenResult::Ok(OutputHandle::new("", Terminal(self.0.clone())))
    }

    fn input_open_name(
        &mut self,
        name: &str,
        status: &mut dyn StatusBackend,
    ) -> OpenResult<InputHandle> {
        match self.input_open_name_with_abspath(name, status) {
            OpenResult::Ok((handle, _)) => OpenResult::Ok(handle),
            OpenResult::NotAvailable => OpenResult::NotAvailable,
            OpenResult::Err(e) => OpenResult::Err(e),
        }
    }

    fn input_open_name_with_abspath(
        &mut self,
        name: &str,
        _status: &mut dyn StatusBackend,
    ) -> OpenResult<(InputHandle, Option<PathBuf>)> {
        self.open(name)
    }

    fn input_open_primary(&mut self, status: &mut dyn StatusBackend) -> OpenResult<InputHandle> {
        let primary = self.0.borrow().primary.clone();
        self.input_open_name(&primary, status)
    }

    fn input_open_primary_with_abspath(
        &mut self,
        _status: &mut dyn StatusBackend,
    ) -> OpenResult<(InputHandle, Option<PathBuf>)> {
        let primary = self.0.borrow().primary.clone();
        self.open(&primary)
    }

    fn input_open_format(
        &mut self,
        name: &str,
        _status: &mut dyn StatusBackend,
    ) -> OpenResult<InputHandle> {
        globals::widen_log_lines();
        let format = self.0.borrow().format();
        let range = 0..format.as_ref().as_ref().len();
        let input = MappedInput::open(Mapped::Format(format), range);
        OpenResult::Ok(InputHandle::new_read_only(name, input, InputOrigin::Other))
    }
}

impl DriverHooks for EngineFiles {
    fn io(&mut self) -> &mut dyn IoProvider {
        self
    }
}
