//! What does not close, or closes nothing. TeX says so late and elsewhere; here it is said at its place.

use quire_text::ByteRange;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyntaxErrorKind {
    /// An environment without its `\end`.
    UnclosedEnvironment,
    /// An `\end` of another name than the `\begin` that it closes.
    MismatchedEnd,
    /// An `\end` without `\begin`.
    StrayEnd,
    /// `{` without `}`.
    UnclosedBrace,
    /// `}` without `{`.
    StrayBrace,
    /// `[` of an argument without `]`.
    UnclosedBracket,
    /// A formula that does not end.
    UnclosedMath,
    /// `\)` or `\]` without its beginning.
    StrayMathEnd,
    /// `\verb` whose delimiter does not come again on the line.
    UnclosedVerbatim,
}

/// A fault of structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// The token at fault: what opens and is not closed, what closes and was not opened.
    pub range: ByteRange,
    /// Where the parser noticed or what it belongs to: the `\begin` of a mismatched `\end`, the place
    /// at which an unclosed thing was taken to end.
    pub related: ByteRange,
}
