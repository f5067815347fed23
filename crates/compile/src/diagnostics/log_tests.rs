//! Logs of our worker and classic ones, taken apart.

use super::*;

#[test]
fn an_error_with_its_context() {
    let log = b"x\n./a b.tex:12: Undefined control sequence.\nl.12 \\foo\n         {bar}\nThe control\n\n";
    let found = messages(log, &[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].text, "Undefined control sequence.");
    assert_eq!(found[0].file.as_deref(), Some("./a b.tex"));
    assert_eq!(found[0].first_line, Some(12));
    assert_eq!(found[0].context, Some(("\\foo".into(), "{bar}".into())));
}

#[test]
fn a_warning_goes_on_in_parentheses() {
    let log = b"Package hyperref Warning: Token not allowed in a PDF string (Unicode):\n\
                (hyperref)                removing `math shift' on input line 7.\n\nx";
    let found = messages(log, &[]);
    assert!(found[0].text.ends_with("removing `math shift' on input line 7."));
    assert_eq!(found[0].first_line, Some(7));
}

#[test]
fn classic_logs_name_files_in_parentheses() {
    let log = b"(./main.tex (./ch/one.tex\n! Missing $ inserted.\n<inserted text> \n$\nl.3 a_\n     b\n\n) )";
    let found = messages(log, &[]);
    assert_eq!(found[0].file.as_deref(), Some("./ch/one.tex"));
    assert_eq!(found[0].first_line, Some(3));
}

#[test]
fn boxes_have_a_range_of_lines() {
    let found =
        messages(b"Overfull \\hbox (5.02pt too wide) in paragraph at lines 668--679\n", &[]);
    assert_eq!((found[0].first_line, found[0].last_line), (Some(668), Some(679)));
}

#[test]
fn no_log_panics() {
    let seed =
        b"./a.tex:1: ! l.3 x\nLaTeX Warning: a\n(x)  b\nOverfull \\hbox at lines 1--\n((.tex)";
    let mut state = 7_u64;
    for _ in 0..3_000 {
        let mut log = seed.to_vec();
        for _ in 0..6 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % log.len();
            log[at] = (state >> 20) as u8;
        }
        messages(&log, &[]);
    }
}

/// As TeX Live writes it: `max_print_line` is 79.
#[test]
fn names_of_files_may_be_broken_at_79_characters() {
    let open = "(./main.tex (./chapters-of-the-first-part/a-chapter-with-quite-a-long-name-ind";
    assert_eq!(open.len(), 78);
    let log = format!("{open}e\ned.tex\n! Missing $ inserted.\nl.3 a_\n     b\n\n))\n");
    let found = messages(log.as_bytes(), &[]);
    let name = "./chapters-of-the-first-part/a-chapter-with-quite-a-long-name-indeed.tex";
    assert_eq!(found[0].file.as_deref(), Some(name));
}

#[test]
fn a_full_line_before_a_message_does_not_swallow_it() {
    let log = format!("{}\n! Missing $ inserted.\nl.3 a_\n     b\n\n", "x".repeat(79));
    assert_eq!(messages(log.as_bytes(), &[]).len(), 1);
}

#[test]
fn pdftex_has_warnings_and_errors_of_its_own() {
    let log = "(./main.tex\npdfTeX warning: pdflatex (file ./plot.pdf): PDF inclusion: found PDF version \n\
               <1.7>, but at most version <1.5> allowed\n\n\
               pdfTeX warning (ext4): destination with the same identifier (name{page.1}) has \n\
               been already used, duplicate ignored\n<to be read again> \n\n\
               !pdfTeX error: pdflatex (file ./bad.png): reading image file failed\n\
                ==> Fatal error occurred, no output PDF file produced!\n";
    let log = log.replace("version \n<", "version <").replace("has \nbeen", "has been");
    let found = messages(log.as_bytes(), &[]);
    let kinds: Vec<Kind> = found.iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [Kind::Warning, Kind::Warning, Kind::Error]);
    let codes =
        found.iter().map(|message| super::super::rules::find(&message.text).unwrap().0.code);
    let codes: Vec<&str> = codes.collect();
    assert_eq!(codes, ["newer-pdf-picture", "destination-twice", "damaged-picture"]);
    assert_eq!(found[2].file.as_deref(), Some("./main.tex"));
}
