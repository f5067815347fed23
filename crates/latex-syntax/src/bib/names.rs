//! Names of people, taken apart as BibTeX does (Patashnik, “BibTeXing”, section 4): `First von Last`,
//! `von Last, First`, `von Last, Jr, First`.

/// A name in its parts; any may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// First names.
    pub first: String,
    /// `von`, `de la`: words in lower case before the last name.
    pub von: String,
    /// Last name.
    pub last: String,
    /// `Jr.`, `III`.
    pub jr: String,
}

impl Name {
    /// As one would write it: `Ludwig van Beethoven`.
    pub fn display(&self) -> String {
        let parts = [&self.first, &self.von, &self.last, &self.jr];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
    }
}

/// The names in the value of an `author` or `editor` field, divided by `and`.
pub fn split_names(value: &str) -> Vec<Name> {
    let words = words(value);
    let names = words.split(|word| word.text.eq_ignore_ascii_case("and") && !word.ends_part);
    names.filter(|words| !words.is_empty()).map(name).collect()
}

/// A word, and whether a comma follows it.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    ends_part: bool,
}

/// Words divided by white space, `~` and commas outside braces.
fn words(value: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (i, c) in value.char_indices().chain([(value.len(), ' ')]) {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let divides = c.is_whitespace() || c == '~' || c == ',';
        if i < value.len() && (depth > 0 || !divides) {
            continue;
        }
        if start < i {
            words.push(Word { text: &value[start..i], ends_part: false });
        }
        if c == ','
            && let Some(last) = words.last_mut()
        {
            last.ends_part = true;
        }
        start = i + c.len_utf8();
    }
    words
}

fn name(words: &[Word<'_>]) -> Name {
    let mut parts = words.split_inclusive(|word| word.ends_part);
    let first_part = parts.next().unwrap_or_default();
    let rest: Vec<&[Word<'_>]> = parts.collect();
    match rest.as_slice() {
        [] if !words.iter().any(|word| word.ends_part) => first_von_last(words),
        [] => von_last(first_part, String::new(), String::new()),
        [first] => von_last(first_part, String::new(), join(first)),
        [jr, first @ ..] => von_last(first_part, join(jr), join(&first.concat())),
    }
}

fn first_von_last(words: &[Word<'_>]) -> Name {
    let Some((last, before)) = words.split_last() else { return Name::default() };
    match before.iter().position(is_lower) {
        Some(von) => {
            let behind = before.iter().rposition(is_lower).map_or(von, |i| i + 1);
            Name {
                first: join(&before[..von]),
                von: join(&before[von..behind]),
                last: join(&words[behind..]),
                jr: String::new(),
            }
        }
        None => Name { first: join(before), last: last.text.to_owned(), ..Name::default() },
    }
}

fn von_last(words: &[Word<'_>], jr: String, first: String) -> Name {
    let before = words.split_last().map_or(words, |(_, before)| before);
    let behind = before.iter().rposition(is_lower).map_or(0, |i| i + 1);
    Name { first, von: join(&words[..behind]), last: join(&words[behind..]), jr }
}

/// True if the first letter outside braces, or of a command's argument at the start, is in lower case.
fn is_lower(word: &Word<'_>) -> bool {
    if word.text.starts_with('{') && !word.text.starts_with("{\\") {
        return false;
    }
    let text = word.text.strip_prefix("{\\").map_or(word.text, |special| {
        special.trim_start_matches(|c: char| c.is_ascii_punctuation())
    });
    text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase)
}

fn join(words: &[Word<'_>]) -> String {
    words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
}
