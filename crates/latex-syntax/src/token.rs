//! Tokens of LaTeX: the parser asks for one at a time, since what a byte means depends on where it
//! stands (`\makeatletter`, verbatim text, `$$` within `$…$`).

/// What a token is. Together the tokens of a tree are its text, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `\name`.
    ControlWord,
    /// `\` and one character that is no letter; a lone `\` before a line end.
    ControlSymbol,
    /// `{`.
    LeftBrace,
    /// `}`.
    RightBrace,
    /// `[`.
    LeftBracket,
    /// `]`.
    RightBracket,
    /// `$`.
    Dollar,
    /// `$$`.
    DoubleDollar,
    /// `%` to the end of the line, without the line end.
    Comment,
    /// White space with at most one line end.
    Space,
    /// White space with an empty line in it: a paragraph ends.
    Blank,
    /// Anything else up to the next special character.
    Word,
    /// `#1`, `##1`, or a lone `#`.
    Parameter,
    /// `~`.
    Tilde,
    /// `&`.
    Ampersand,
    /// `^`.
    Superscript,
    /// `_`.
    Subscript,
    /// `^^M` and the like.
    CaretEscape,
    /// `*`.
    Star,
    /// Text that TeX does not look into: of a verbatim environment, of `\verb` with its delimiters.
    Verbatim,
    /// The name in `\begin{name}` and `\end{name}`.
    EnvironmentName,
    /// `<1->` of an overlay, `(0,0)` of a picture.
    Raw,
}

/// A token: it ends where the next one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Offset of the first byte.
    pub(crate) start: u32,
    /// What it is.
    pub(crate) kind: TokenKind,
}

/// Which characters besides letters belong to the names of commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Letters {
    /// `@`, between `\makeatletter` and `\makeatother` and in packages.
    pub(crate) at: bool,
    /// `_` and `:`, between `\ExplSyntaxOn` and `\ExplSyntaxOff`.
    pub(crate) expl: bool,
}

/// True for the bytes that end a word.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"\\{}[]$% \t\r\n#~&^_*";
    let mut i = 0;
    while i < bytes.len() {
        table[bytes[i] as usize] = true;
        i += 1;
    }
    table
};

/// The token at `pos`, which is before the end of `text`, and where it ends.
pub(crate) fn token_at(text: &str, pos: usize, letters: Letters) -> (TokenKind, usize) {
    let bytes = text.as_bytes();
    let one = |kind| (kind, pos + 1);
    match bytes[pos] {
        b'\\' => control(text, pos, letters),
        b'{' => one(TokenKind::LeftBrace),
        b'}' => one(TokenKind::RightBrace),
        b'[' => one(TokenKind::LeftBracket),
        b']' => one(TokenKind::RightBracket),
        b'$' if bytes.get(pos + 1) == Some(&b'$') => (TokenKind::DoubleDollar, pos + 2),
        b'$' => one(TokenKind::Dollar),
        b'%' => (TokenKind::Comment, line_end(bytes, pos)),
        b' ' | b'\t' | b'\r' | b'\n' => space(bytes, pos),
        b'#' => {
            let hashes = bytes[pos..].iter().take_while(|byte| **byte == b'#').count();
            let digit = bytes.get(pos + hashes).is_some_and(u8::is_ascii_digit);
            (TokenKind::Parameter, pos + hashes + usize::from(digit))
        }
        b'~' => one(TokenKind::Tilde),
        b'&' => one(TokenKind::Ampersand),
        b'^' if bytes.get(pos + 1) == Some(&b'^') => caret_escape(bytes, pos),
        b'^' => one(TokenKind::Superscript),
        b'_' => one(TokenKind::Subscript),
        b'*' => one(TokenKind::Star),
        _ => {
            let rest = &bytes[pos..];
            let length = rest.iter().position(|byte| SPECIAL[usize::from(*byte)]);
            (TokenKind::Word, pos + length.unwrap_or(rest.len()))
        }
    }
}

/// The end of the line that holds `pos`, before its line end.
fn line_end(bytes: &[u8], pos: usize) -> usize {
    let rest = &bytes[pos..];
    pos + rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
}

/// The end of the character at `pos`.
pub(crate) fn char_end(text: &str, pos: usize) -> usize {
    pos + text[pos..].chars().next().map_or(0, char::len_utf8)
}

fn control(text: &str, pos: usize, letters: Letters) -> (TokenKind, usize) {
    // XeTeX takes every letter of Unicode into a name.
    let is_letter = |c: char| {
        c.is_ascii_alphabetic()
            || letters.at && c == '@'
            || letters.expl && matches!(c, '_' | ':')
            || !c.is_ascii() && c.is_alphabetic()
    };
    let name = pos + 1;
    let length = text[name..].find(|c| !is_letter(c)).unwrap_or(text.len() - name);
    if length > 0 {
        return (TokenKind::ControlWord, name + length);
    }
    let ends_line = matches!(text.as_bytes().get(name), None | Some(b'\n' | b'\r'));
    (TokenKind::ControlSymbol, if ends_line { name } else { char_end(text, name) })
}

fn space(bytes: &[u8], pos: usize) -> (TokenKind, usize) {
    let mut end = pos;
    let mut line_ends = 0;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'\n' => line_ends += 1,
            b'\r' => line_ends += usize::from(bytes.get(end + 1) != Some(&b'\n')),
            b' ' | b'\t' => {}
            _ => break,
        }
        end += 1;
    }
    (if line_ends > 1 { TokenKind::Blank } else { TokenKind::Space }, end)
}

fn caret_escape(bytes: &[u8], pos: usize) -> (TokenKind, usize) {
    let is_hex = |byte: Option<&u8>| matches!(byte, Some(b'0'..=b'9' | b'a'..=b'f'));
    let end = match bytes.get(pos + 2) {
        Some(_) if is_hex(bytes.get(pos + 2)) && is_hex(bytes.get(pos + 3)) => pos + 4,
        Some(byte) if byte.is_ascii_graphic() => pos + 3,
        _ => pos + 2,
    };
    (TokenKind::CaretEscape, end)
}
