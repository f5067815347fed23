//! Tectonic's I/O traits on top of [`Files`].

use super::{
    files::{Files, Found, Growing, Shared},
    globals,
    live::LiveInput,
};
use std::{
    cell::RefCell,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
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

/// Where a mapped file's bytes are.
enum MappedName {
    Bundle(String),
    Format,
}

/// A file of the bundle or the format, read from the mapping without a copy.
///
/// The slice is looked up once per buffer refill, not per byte: TeX reads sources byte by byte.
struct MappedInput {
    files: Rc<RefCell<Files>>,
    name: MappedName,
    position: usize,
    size: usize,
    buffer: Vec<u8>,
    buffer_start: usize,
}

const MAPPED_BUFFER_BYTES: usize = 1 << 14;

impl MappedInput {
    fn open(files: &Rc<RefCell<Files>>, name: MappedName) -> Self {
        let mut input = Self {
            files: files.clone(),
            name,
            position: 0,
            size: 0,
            buffer: Vec::new(),
            buffer_start: 0,
        };
        input.size = input.with_bytes(<[u8]>::len);
        input
    }

    fn with_bytes<T>(&self, read: impl FnOnce(&[u8]) -> T) -> T {
        let files = self.files.borrow();
        match &self.name {
            MappedName::Bundle(name) => read(files.bundle_bytes(name).unwrap_or_default()),
            MappedName::Format => read(files.format_bytes()),
        }
    }

    fn refill(&mut self) {
        let start = self.position.min(self.size);
        let end = (start + MAPPED_BUFFER_BYTES).min(self.size);
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        self.with_bytes(|bytes| buffer.extend_from_slice(&bytes[start..end]));
        self.buffer = buffer;
        self.buffer_start = start;
    }
}

impl Read for MappedInput {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.len() > MAPPED_BUFFER_BYTES {
            let start = self.position.min(self.size);
            let count = buf.len().min(self.size - start);
            self.with_bytes(|bytes| {
                buf[..count].copy_from_slice(&bytes[start..start + count]);
            });
            self.position = start + count;
            return Ok(count);
        }
        let buffered = self.buffer_start..self.buffer_start + self.buffer.len();
        if !buffered.contains(&self.position) {
            self.refill();
        }
        let available = &self.buffer[self.position.min(self.size) - self.buffer_start..];
        let count = buf.len().min(available.len());
        buf[..count].copy_from_slice(&available[..count]);
        self.position += count;
        Ok(count)
    }
}

impl InputFeatures for MappedInput {
    fn get_size(&mut self) -> Result<usize> {
        Ok(self.size)
    }

    fn try_seek(&mut self, pos: SeekFrom) -> Result<u64> {
        self.position = sought(pos, self.position, self.size)?;
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
                let input = MappedInput::open(&self.0, MappedName::Bundle(file));
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
        let input = MappedInput::open(&self.0, MappedName::Format);
        OpenResult::Ok(InputHandle::new_read_only(name, input, InputOrigin::Other))
    }
}

impl DriverHooks for EngineFiles {
    fn io(&mut self) -> &mut dyn IoProvider {
        self
    }
}
