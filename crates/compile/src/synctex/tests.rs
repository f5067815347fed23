//! Small files written by hand, in scaled points of 1/65,536 pt; and the answers they must give.

use super::{Source, SyncTex, SyncTexError};
use quire_project::ProjectPath;
use quire_text::LineNumber;

/// 10 points in the file's unit.
const TEN: i32 = 655_360;
/// The same in PDF points.
const TEN_BP: f64 = 10.0 * 72.0 / 72.27;

fn project(name: &str) -> Option<ProjectPath> {
    name.ends_with(".tex").then(|| ProjectPath::new(name).ok()).flatten()
}

fn read(content: &str) -> Result<SyncTex, SyncTexError> {
    let text = format!(
        "SyncTeX Version:1\nInput:1:main.tex\nInput:2:article.cls\nOutput:pdf\nMagnification:1000\n\
         Unit:1\nX Offset:0\nY Offset:0\nContent:\n{content}Postamble:\nCount:0\nPost scriptum:\n"
    );
    SyncTex::read(text.as_bytes(), &project)
}

/// One page: two lines of text from lines 3 to 5 of the source, and a foot from line 9, where the
/// page was shipped out.
fn page() -> SyncTex {
    let line = |v: i32, left: u32, right: u32| {
        format!(
            "(1,5:{TEN},{v}:{w},{TEN},0\ng1,{left}:{a},{v}\ng1,{right}:{b},{v}\ng1,5:{end},{v}\n)\n",
            w = 30 * TEN,
            a = 10 * TEN,
            b = 20 * TEN,
            end = 31 * TEN,
        )
    };
    let foot =
        format!("(1,9:{TEN},{}:{},{TEN},0\ng1,9:{},{}\n)\n", 70 * TEN, 30 * TEN, 2 * TEN, 70 * TEN);
    let body = format!("{}{}", line(10 * TEN, 3, 3), line(12 * TEN, 4, 5));
    read(&format!("{{1\n[1,9:0,{}:{},{},0\n{body}{foot}]\n}}1\n", 80 * TEN, 40 * TEN, 80 * TEN))
        .unwrap()
}

fn main_tex() -> ProjectPath {
    ProjectPath::new("main.tex").unwrap()
}

/// Line of the source at a point, in units of ten TeX points.
fn line_at(synctex: &SyncTex, x: f64, y: f64) -> Option<u32> {
    synctex.source_at(0, x * TEN_BP, y * TEN_BP).map(|spot| spot.line.0)
}

#[test]
fn a_line_of_the_source_finds_its_line_of_text() {
    let synctex = page();
    let areas = synctex.areas(&main_tex(), LineNumber(4));
    assert_eq!(areas.len(), 1);
    let rect = areas[0].rect;
    let close = |a: f64, b: f64| (a - b * TEN_BP).abs() < 1e-6;
    assert!(close(rect.x, 1.0) && close(rect.y, 11.0), "{rect:?}");
    assert!(close(rect.width, 30.0) && close(rect.height, 1.0), "{rect:?}");
}

#[test]
fn a_line_without_a_record_stands_for_the_nearest() {
    let synctex = page();
    let line = |line| synctex.areas(&main_tex(), LineNumber(line))[0].line.0;
    assert_eq!([line(1), line(6), line(3)], [3, 5, 3]);
}

#[test]
fn a_foot_is_found_only_when_nothing_else_is() {
    let synctex = page();
    let foot = synctex.areas(&main_tex(), LineNumber(9));
    assert_eq!(foot.len(), 1, "nothing but the foot came from there: {foot:?}");
    let other = ProjectPath::new("other.tex").unwrap();
    assert!(synctex.areas(&other, LineNumber(1)).is_empty());
}

#[test]
fn a_point_finds_the_line_of_the_word_there() {
    let synctex = page();
    // The first word of each line of text, the second, and the last.
    assert_eq!(line_at(&synctex, 5.0, 9.5), Some(3));
    assert_eq!(line_at(&synctex, 5.0, 11.5), Some(4));
    assert_eq!(line_at(&synctex, 15.0, 11.5), Some(5));
    assert_eq!(line_at(&synctex, 25.0, 9.5), Some(3), "not what the paragraph's end left there");
}

#[test]
fn a_point_between_lines_finds_the_nearest_and_far_away_nothing() {
    let synctex = page();
    assert_eq!(line_at(&synctex, 5.0, 10.4), Some(3));
    assert_eq!(line_at(&synctex, 5.0, 30.0), None);
    assert_eq!(synctex.source_at(7, 0.0, 0.0), None);
}

#[test]
fn places_outside_the_project_say_so() {
    let content = format!("{{1\n(2,7:0,{TEN}:{TEN},{TEN},0\ng2,7:9,{TEN}\n)\n}}1\n");
    let synctex = read(&content).unwrap();
    let spot = synctex.source_at(0, 1.0, 1.0).unwrap();
    assert_eq!(spot.source, &Source::Other("article.cls".to_owned()));
}

#[test]
fn a_place_that_repeats_the_vertical_one_is_understood() {
    let content = format!("{{1\n(1,7,2:0,{TEN}:{TEN},{TEN},0\ng1,8,3:9,=\n)\n}}1\n");
    let synctex = read(&content).unwrap();
    assert_eq!(synctex.source_at(0, 1.0, 1.0).unwrap().line.0, 8);
}

#[test]
fn what_is_on_no_page_is_passed_over() {
    // As Beamer's logos and TikZ's shadings are written by pdfTeX.
    let beside = "k1,12:526254,526254:526254\n!37\n<1\n(1,3:0,0:1,1,0\nh1,3:0,0:1,1,0\n)\n>\n";
    let page = format!(
        "{{1\n[1,9:0,{TEN}:{TEN},{TEN},0\n(1,3:0,{TEN}:{TEN},{TEN},0\ng1,3:1,{TEN}\n)\n]\n}}1\n"
    );
    let alone = read(&page).unwrap().areas(&main_tex(), LineNumber(3));
    let with = read(&format!("{beside}{page}")).unwrap().areas(&main_tex(), LineNumber(3));
    assert!(!alone.is_empty());
    assert_eq!(format!("{with:?}"), format!("{alone:?}"));
}

#[test]
fn what_a_precompiled_preamble_has_laid_out_is_of_where_it_is_used() {
    let page = format!(
        "{{1\n[1,9:0,{TEN}:{TEN},{TEN},0\n(1,3:0,{TEN}:{TEN},{TEN},0\n(0,2:0,{TEN}:{TEN},{TEN},0\nh0,2:1,{TEN}:1,1,0\n)\n)\n]\n}}1\n"
    );
    let synctex = read(&page).unwrap();
    let spot = synctex.source_at(0, 1.0, TEN_BP - 1.0).unwrap();
    assert_eq!(spot.line, LineNumber(3));
    // It can stand for nothing where nothing is around it.
    assert!(read(&format!("{{1\n[0,9:0,{TEN}:{TEN},{TEN},0\n]\n}}1\n")).is_err());
}

#[test]
fn wrong_files_are_told_apart() {
    let told = |text: &str| SyncTex::read(text.as_bytes(), &project).unwrap_err().to_string();
    assert_eq!(told("%PDF-1.5"), "not a SyncTeX file of version 1");
    assert_eq!(told("SyncTeX Version:1\nContent:\n{1\n"), "the SyncTeX file is cut off");
    assert_eq!(
        told("SyncTeX Version:1\nContent:\n{1\n(9,1:0,0:0,0,0\n"),
        "line 4 of the SyncTeX file is not a valid record"
    );
    assert!(told("\u{1f}").contains("not a SyncTeX"));
    let cut = SyncTex::read(&[0x1f, 0x8b, 8, 0, 0], &project).unwrap_err();
    assert!(matches!(cut, SyncTexError::Compression(_)));
}

#[test]
fn a_point_in_a_picture_finds_the_picture_and_not_the_columns_around_it() {
    // A page of two columns; in the first a picture 300 points tall, which is one horizontal box.
    let tall = 300 * 65_536;
    let content = format!(
        "{{1\n(1,99:0,{bottom}:{wide},{bottom},0\n[1,99:0,{bottom}:{half},{bottom},0\n\
         (1,7:0,{tall}:{half},{tall},0\n)\n]\ng1,99:{half},{bottom}\n)\n}}1\n",
        bottom = 700 * 65_536,
        wide = 400 * 65_536,
        half = 200 * 65_536,
    );
    let synctex = read(&content).unwrap();
    let at = |x: f64, y: f64| synctex.source_at(0, x, y).map(|spot| spot.line.0);
    assert_eq!(at(100.0, 150.0), Some(7));
    assert_eq!(at(100.0, 600.0), None, "the column itself says nothing");
}

#[test]
fn a_rule_that_grows_with_its_box_covers_nothing() {
    let content = format!(
        "{{1\n[1,9:0,{v}:{v},{v},0\n(1,3:0,{v}:{v},{TEN},0\ng1,3:0,{v}\n)\n\
         r1,8:0,{TEN}:-1073741824,{TEN},0\n]\n}}1\n",
        v = 20 * TEN,
    );
    let synctex = read(&content).unwrap();
    assert_eq!(line_at(&synctex, 10.0, 19.5), Some(3));
    assert_eq!(line_at(&synctex, 10.0, 0.5), None);
}
