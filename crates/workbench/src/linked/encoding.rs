//! Files that are not UTF-8. Old sources are often Latin-1, which reads any bytes and gives them back
//! unchanged; a file stays in it as long as its text fits.

/// How a file's text is written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Latin1,
}

/// The text of a file; `None` when it is not text.
pub(super) fn decode(bytes: &[u8]) -> Option<(String, Encoding)> {
    if bytes.contains(&0) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some((text.to_owned(), Encoding::Utf8)),
        Err(_) => Some((bytes.iter().map(|byte| char::from(*byte)).collect(), Encoding::Latin1)),
    }
}

/// The bytes of a text, in UTF-8 when it does not fit in its encoding any more.
pub(super) fn encode(text: &str, encoding: Encoding) -> (Vec<u8>, Encoding) {
    if encoding == Encoding::Latin1 {
        let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
        // Read again, it must not look like UTF-8 all of a sudden: then it is written as such.
        if let Some(bytes) =
            bytes.filter(|bytes| bytes.is_ascii() || std::str::from_utf8(bytes).is_err())
        {
            return (bytes, Encoding::Latin1);
        }
    }
    (text.as_bytes().to_vec(), Encoding::Utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin1_stays_as_long_as_it_can() {
        let (text, encoding) = decode(b"caf\xe9").unwrap();
        assert_eq!((text.as_str(), encoding), ("café", Encoding::Latin1));
        assert_eq!(encode("cafés", encoding), (b"caf\xe9s".to_vec(), Encoding::Latin1));
        assert_eq!(encode("café €", encoding), ("café €".as_bytes().to_vec(), Encoding::Utf8));
        // `Ã©` in Latin-1 reads as `é` in UTF-8.
        assert_eq!(encode("Ã©", encoding).1, Encoding::Utf8);
        assert_eq!(decode(b"a\0b"), None);
    }
}
