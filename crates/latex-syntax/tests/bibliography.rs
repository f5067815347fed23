//! BibTeX: entries, values, broken ones, names.

use expect_test::{Expect, expect};
use quire_latex_syntax::bib::{self, ItemKind};

fn check(text: &str, expected: Expect) {
    let bibliography = bib::parse(text);
    let slice = |range: quire_text::ByteRange| &text[range.as_range()];
    let field = |field: &bib::Field| {
        let pieces: Vec<_> =
            field.pieces.iter().map(|p| format!("{:?}({})", p.kind, slice(p.content))).collect();
        format!("{} = {}", slice(field.name), pieces.join(" # "))
    };
    let mut drawn = String::new();
    for item in &bibliography.items {
        drawn += &match &item.kind {
            ItemKind::Text if slice(item.range).trim().is_empty() => continue,
            ItemKind::Text => format!("text {:?}\n", slice(item.range)),
            ItemKind::Comment => format!("comment {:?}\n", slice(item.range)),
            ItemKind::Preamble(pieces) => format!("preamble of {}\n", pieces.len()),
            ItemKind::String(string) => {
                format!("string {}\n", string.as_ref().map(field).unwrap_or_default())
            }
            ItemKind::Entry(entry) => {
                let fields: Vec<_> =
                    entry.fields.iter().map(|f| format!("  {}\n", field(f))).collect();
                format!("{} {}\n{}", slice(entry.entry_type), slice(entry.key), fields.concat())
            }
        };
    }
    for error in &bibliography.errors {
        drawn += &format!("{:?} {:?}\n", error.kind, slice(error.range));
    }
    expected.assert_eq(&drawn);
}

#[test]
fn entries_strings_and_comments() {
    check(
        "A text with me@home. @string(jan = \"January\")\n@preamble{\"a\" # b}@comment{x {y}}\n\
         @Article{knuth:84, author = {Donald {E.} Knuth}, title = \"A {\"}B{\"}\" # jan # { c}, year = 1984,}\n\
         @book(k2,title={(x)})",
        expect![[r#"
            text "A text with me"
            text "@home."
            string jan = Quoted(January)
            preamble of 2
            comment "@comment{x {y}}"
            Article knuth:84
              author = Braced(Donald {E.} Knuth)
              title = Quoted(A {"}B{"}) # Name(jan) # Braced( c)
              year = Number(1984)
            book k2
              title = Braced((x))
        "#]],
    );
}

#[test]
fn a_broken_entry_does_not_take_the_next_one() {
    check(
        "@article{a, title = {A, year = 1\n@book{b, title = {B}}",
        expect![[r#"
        article a
          title = Braced(A, year = 1
        )
        book b
          title = Braced(B)
        UnclosedValue "{"
        UnclosedEntry "@article{"
    "#]],
    );
    check(
        "@article{a, title = {A} year = 1, pages 3}\n@book{b}",
        expect![[r#"
        article a
          title = Braced(A)
          year = Number(1)
          pages = 
          3 = 
        book b
        MissingComma ""
        MissingValue "pages"
        MissingValue "3"
    "#]],
    );
    check(
        "@article{title = {A}}\n@article\n@book{b, x = }\n@misc{c",
        expect![[r#"
        article 
          title = Braced(A)
        text "@article"
        book b
          x = 
        misc c
        MissingKey "{"
        BrokenEntry "@article"
        MissingValue "x"
        UnclosedEntry "@misc{"
    "#]],
    );
    check(
        "@article{a, ; = {A}, y = \"b}\n@book{b,}",
        expect![[r#"
            article a
              y = Quoted(b)
            book b
            Unexpected ";"
            Unexpected "="
            Unexpected "{A}"
            UnclosedValue "\""
        "#]],
    );
}

#[test]
fn values_are_joined() {
    let text = "@string{jan = \"January\"}@misc{a, Month = \"5~\" # JAN # {\n  x}}";
    let bibliography = bib::parse(text);
    let entry = bibliography.entries().next().unwrap();
    let field = entry.field(text, "month").unwrap();
    assert_eq!(bib::value_text(&bibliography, text, &field.pieces), "5~January x");
}

#[test]
fn names_have_parts() {
    let parts = |value: &str| {
        let names = bib::split_names(value).into_iter();
        names
            .map(|n| format!("{}|{}|{}|{}", n.first, n.von, n.last, n.jr))
            .collect::<Vec<_>>()
            .join(" & ")
    };
    assert_eq!(parts("Donald E. Knuth"), "Donald E.||Knuth|");
    assert_eq!(parts("Ludwig van Beethoven and Plato"), "Ludwig|van|Beethoven| & ||Plato|");
    assert_eq!(
        parts("de la Vall{\\'e}e Poussin, Charles Louis"),
        "Charles Louis|de la|Vall{\\'e}e Poussin|"
    );
    assert_eq!(parts("King, Jr, Martin Luther"), "Martin Luther||King|Jr");
    assert_eq!(parts("{Barnes and Noble} and others"), "||{Barnes and Noble}| & ||others|");
    assert_eq!(parts("Jean de~La Fontaine"), "Jean|de|La Fontaine|");
    assert_eq!(parts(""), "");
    assert_eq!(bib::split_names("van Gogh, Vincent")[0].display(), "Vincent van Gogh");
}
