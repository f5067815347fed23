//! The parser of `.bib` files.

use super::{BibError, BibErrorKind, Bibliography, Entry, Field, Item, ItemKind, Piece, PieceKind};
use quire_text::ByteRange;

/// Parses a `.bib` file.
pub fn parse(text: &str) -> Bibliography {
    let mut parser = Parser { bytes: text.as_bytes(), pos: 0, errors: Vec::new() };
    let mut items = Vec::new();
    while parser.pos < text.len() {
        let start = parser.pos;
        let kind = if parser.peek() == Some(b'@') { parser.item() } else { parser.text() };
        items.push(Item { range: ByteRange::new(start, parser.pos), kind });
    }
    Bibliography { items, errors: parser.errors }
}

struct Parser<'a> {
    bytes: &'a [u8],
    pos: usize,
    errors: Vec<BibError>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn fault(&mut self, kind: BibErrorKind, start: usize, end: usize) {
        self.errors.push(BibError { kind, range: ByteRange::new(start, end) });
    }

    fn take_while(&mut self, test: impl Fn(u8) -> bool) -> ByteRange {
        let start = self.pos;
        while self.peek().is_some_and(&test) {
            self.pos += 1;
        }
        ByteRange::new(start, self.pos)
    }

    fn skip_space(&mut self) {
        self.take_while(|byte| byte.is_ascii_whitespace());
    }

    /// True where a line begins with `@` and a letter: an entry that is still open was broken off.
    fn at_next_entry(&self) -> bool {
        if self.peek() != Some(b'@')
            || !self.bytes.get(self.pos + 1).is_some_and(u8::is_ascii_alphabetic)
        {
            return false;
        }
        let before = self.bytes[..self.pos].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
        matches!(before, None | Some(b'\n' | b'\r'))
    }

    fn text(&mut self) -> ItemKind {
        self.take_while(|byte| byte != b'@');
        ItemKind::Text
    }

    fn item(&mut self) -> ItemKind {
        let at = self.pos;
        self.pos += 1;
        self.skip_space();
        let entry_type = self.take_while(is_name);
        let name = &self.bytes[entry_type.as_range()];
        if name.eq_ignore_ascii_case(b"comment") {
            return self.comment();
        }
        self.skip_space();
        let close = match self.peek() {
            Some(b'{') => b'}',
            Some(b'(') => b')',
            _ => {
                let end = entry_type.end.0.max(at + 1);
                // An address in a comment is none of our business.
                if !name.is_empty() && self.starts_line(at) {
                    self.fault(BibErrorKind::BrokenEntry, at, end);
                }
                self.pos = end;
                return ItemKind::Text;
            }
        };
        let open = self.pos;
        self.pos += 1;
        if name.eq_ignore_ascii_case(b"string") {
            let field = self.fields(close).into_iter().next();
            self.close(close, at, open);
            ItemKind::String(field)
        } else if name.eq_ignore_ascii_case(b"preamble") {
            let (_, pieces) = self.value();
            self.close(close, at, open);
            ItemKind::Preamble(pieces)
        } else {
            let key = self.key(close);
            if key.is_empty() {
                self.fault(BibErrorKind::MissingKey, open, open + 1);
            }
            let fields = self.fields(close);
            self.close(close, at, open);
            let range = ByteRange::new(at, self.pos);
            ItemKind::Entry(Entry { entry_type, key, fields, range })
        }
    }

    fn starts_line(&self, at: usize) -> bool {
        let before = self.bytes[..at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
        matches!(before, None | Some(b'\n' | b'\r'))
    }

    /// `@comment` with balanced braces behind it, or without.
    fn comment(&mut self) -> ItemKind {
        let end = self.pos;
        self.skip_space();
        if self.peek() != Some(b'{') {
            self.pos = end;
            return ItemKind::Comment;
        }
        self.pos += 1;
        if self.balanced(b'}').is_none() {
            self.fault(BibErrorKind::UnclosedEntry, end, end + 1);
        }
        ItemKind::Comment
    }

    /// The end of an entry, or what stands in its place.
    fn close(&mut self, close: u8, at: usize, open: usize) {
        self.skip_space();
        if self.peek() == Some(close) {
            self.pos += 1;
        } else {
            self.fault(BibErrorKind::UnclosedEntry, at, open + 1);
        }
    }

    fn key(&mut self, close: u8) -> ByteRange {
        self.skip_space();
        let start = self.pos;
        while let Some(byte) = self.peek() {
            let ends = byte == b',' || byte == close || byte.is_ascii_whitespace() || byte == b'=';
            if ends || self.at_next_entry() {
                break;
            }
            self.pos += 1;
        }
        let end = self.pos;
        self.skip_space();
        if self.peek() == Some(b'=') {
            // It was the name of a field.
            self.pos = start;
            return ByteRange::new(start, start);
        }
        if self.peek() == Some(b',') {
            self.pos += 1;
        } else if self.peek().is_some_and(|byte| byte != close) && !self.at_next_entry() {
            self.fault(BibErrorKind::MissingComma, end, end);
        }
        ByteRange::new(start, end)
    }

    fn fields(&mut self, close: u8) -> Vec<Field> {
        let mut fields = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => return fields,
                Some(byte) if byte == close => return fields,
                Some(b'@') if self.at_next_entry() => return fields,
                Some(b',') => self.pos += 1,
                Some(byte) if is_name(byte) => fields.push(self.field(close)),
                Some(b'{') => {
                    let start = self.pos;
                    self.pos += 1;
                    let end = self.balanced(b'}').unwrap_or(start);
                    self.fault(BibErrorKind::Unexpected, start, end + 1);
                }
                Some(_) => {
                    let start = self.pos;
                    self.take_while(|byte| {
                        byte != close
                            && byte != b','
                            && byte != b'@'
                            && byte != b'{'
                            && !byte.is_ascii_whitespace()
                    });
                    // Nothing was taken where an `@` begins no entry.
                    self.pos = self.pos.max(start + 1);
                    while !self.is_boundary(self.pos) {
                        self.pos += 1;
                    }
                    self.fault(BibErrorKind::Unexpected, start, self.pos);
                }
            }
        }
    }

    fn is_boundary(&self, pos: usize) -> bool {
        self.bytes.get(pos).is_none_or(|byte| byte & 0xc0 != 0x80)
    }

    fn field(&mut self, close: u8) -> Field {
        let name = self.take_while(is_name);
        let name_end = self.pos;
        self.skip_space();
        if self.peek() != Some(b'=') {
            self.pos = name_end;
            self.fault(BibErrorKind::MissingValue, name.start.0, name_end);
            return Field { name, value: ByteRange::new(name_end, name_end), pieces: Vec::new() };
        }
        self.pos += 1;
        let (value, pieces) = self.value();
        if pieces.is_empty() {
            self.fault(BibErrorKind::MissingValue, name.start.0, name_end);
        }
        let end = self.pos;
        self.skip_space();
        let is_divided = self.peek().is_none_or(|byte| byte == b',' || byte == close);
        if !is_divided && !self.at_next_entry() {
            self.fault(BibErrorKind::MissingComma, end, end);
        }
        Field { name, value, pieces }
    }

    /// Pieces with `#` between them.
    fn value(&mut self) -> (ByteRange, Vec<Piece>) {
        self.skip_space();
        let start = self.pos;
        let mut end = start;
        let mut pieces = Vec::new();
        loop {
            self.skip_space();
            let Some(piece) = self.piece() else { break };
            pieces.push(piece);
            end = self.pos;
            self.skip_space();
            if self.peek() != Some(b'#') {
                break;
            }
            self.pos += 1;
            end = self.pos;
        }
        self.pos = self.pos.min(end.max(start));
        (ByteRange::new(start, end), pieces)
    }

    fn piece(&mut self) -> Option<Piece> {
        let start = self.pos;
        let (kind, content) = match self.peek()? {
            delimiter @ (b'{' | b'"') => {
                self.pos += 1;
                let close = if delimiter == b'{' { b'}' } else { b'"' };
                let inner = start + 1;
                let end = self.balanced(close).unwrap_or_else(|| {
                    self.errors.push(BibError {
                        kind: BibErrorKind::UnclosedValue,
                        range: ByteRange::new(start, inner),
                    });
                    self.pos
                });
                let kind = if delimiter == b'{' { PieceKind::Braced } else { PieceKind::Quoted };
                (kind, ByteRange::new(inner, end))
            }
            b'0'..=b'9' => (PieceKind::Number, self.take_while(|byte| byte.is_ascii_digit())),
            byte if is_name(byte) => (PieceKind::Name, self.take_while(is_name)),
            _ => return None,
        };
        Some(Piece { kind, content })
    }

    /// Goes behind the `close` that matches, and says where it stands; nothing, and the place stays
    /// where the next entry begins, if there is none before it.
    fn balanced(&mut self, close: u8) -> Option<usize> {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            if depth == 0 && byte == close {
                self.pos += 1;
                return Some(self.pos - 1);
            }
            match byte {
                b'{' => depth += 1,
                b'}' => {
                    depth = depth.checked_sub(1)?;
                }
                b'@' if self.at_next_entry() => return None,
                _ => {}
            }
            self.pos += 1;
        }
        None
    }
}

/// True for the bytes of types, names of fields and strings.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_-:.+/!?*'&$^`|".contains(&byte)
}
