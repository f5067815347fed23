//! The log, and the places in the sources of its lines.

use crate::report::LogMark;
use memchr::memmem;

/// The engine breaks lines that are longer than 10,000.
const LONGEST_LINE: usize = 9_000;

/// What a run has said, and where.
pub(super) struct Told<'t> {
    pub(super) log: &'t [u8],
    pub(super) marks: &'t [LogMark],
}

/// `begun`, and behind it what `earlier` said from an offset on; the XDV is so long.
pub(super) fn joined(
    begun: &Told<'_>,
    earlier: &Told<'_>,
    at: usize,
    xdv_bytes: usize,
) -> Option<(Vec<u8>, Vec<LogMark>)> {
    let (before, behind) = earlier.log.split_at_checked(at)?;
    let first_line = behind.iter().position(|byte| *byte == b'\n').unwrap_or(behind.len());
    let is_long = |before: &[u8]| open_line(before) + first_line > LONGEST_LINE;
    if is_long(before) || is_long(begun.log) || is_open(before) != is_open(begun.log) {
        return None;
    }
    let mut log = [begun.log, behind].concat();
    let moved = |offset: u64| offset - before.len() as u64 + begun.log.len() as u64;

    let mut marks = begun.marks.to_vec();
    let next_line = if is_open(before) { at + first_line + 1 } else { at };
    let (known, later) = earlier
        .marks
        .split_at(earlier.marks.partition_point(|mark| mark.log_offset <= next_line as u64));
    if next_line < earlier.log.len() {
        // A line that is at the place of the one before it has no mark.
        let place = known.last()?;
        if marks.last().is_none_or(|last| !is_same_place(last, place)) {
            marks.push(LogMark { log_offset: moved(next_line as u64), ..place.clone() });
        }
    }
    marks.extend(
        later.iter().map(|mark| LogMark { log_offset: moved(mark.log_offset), ..mark.clone() }),
    );
    tell_length(&mut log, &mut marks, xdv_bytes)?;
    Some((log, marks))
}

/// Two marks in a row are of two places.
pub(super) fn is_same_place(a: &LogMark, b: &LogMark) -> bool {
    a.line == b.line && a.file == b.file
}

/// How long the line is already that comes next.
fn open_line(log: &[u8]) -> usize {
    log.len() - log.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

fn is_open(log: &[u8]) -> bool {
    open_line(log) > 0
}

/// The log ends with how long the XDV is.
fn tell_length(log: &mut Vec<u8>, marks: &mut [LogMark], xdv_bytes: usize) -> Option<()> {
    let line = memmem::rfind(log, b"\nOutput written on ")?;
    let end = line + memmem::rfind(&log[line..], b" bytes).")?;
    let digits = log[..end].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let told = xdv_bytes.to_string();
    for mark in marks.iter_mut().filter(|mark| mark.log_offset > end as u64) {
        mark.log_offset = mark.log_offset + told.len() as u64 - digits as u64;
    }
    log.splice(end - digits..end, told.into_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{Told, joined};
    use crate::report::LogMark;

    fn mark(log_offset: u64, line: u32) -> LogMark {
        LogMark { log_offset, file: "main.tex".to_owned(), line }
    }

    #[test]
    fn what_follows_is_moved_and_marked_where_the_place_changes() {
        let behind = "[2]\nbox at 9\n[3]\nOutput written on main.xdv (3 pages, 999 bytes).\nend";
        let old = format!("start\n[1] {behind}");
        let new = "start\nan overfull box\n[1] ";
        let at = "start\n[1] ".len();
        let offset = |text: &str, of: &str| text.find(of).unwrap() as u64;
        let earlier = [
            mark(0, 1),
            mark(offset(&old, "[1]"), 5),
            mark(offset(&old, "box at"), 9),
            mark(offset(&old, "end"), 12),
        ];
        let begun = [mark(0, 1), mark(6, 4), mark(offset(new, "[1]"), 5)];
        let (log, marks) = joined(
            &Told { log: new.as_bytes(), marks: &begun },
            &Told { log: old.as_bytes(), marks: &earlier },
            at,
            1004,
        )
        .unwrap();
        let log = String::from_utf8(log).unwrap();
        assert_eq!(log, format!("{new}{}", behind.replace("999", "1004")));
        let expected = [mark(offset(&log, "box at"), 9), mark(offset(&log, "end"), 12)];
        assert_eq!(marks, [&begun[..], &expected[..]].concat());
    }

    #[test]
    fn a_line_that_has_begun_differently_is_not_joined() {
        let old = "start\n[1]\nOutput written on main.xdv (3 pages, 999 bytes).\n";
        let told = |log: &'static str| Told { log: log.as_bytes(), marks: &[] };
        assert_eq!(joined(&told("start\n[1]\n"), &told(old), 8, 1004), None);
    }
}
