//! Identities that last: 128 random bits (UUIDv7 where order of creation helps), made by the
//! application and passed in, so that nothing below it needs a source of randomness.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A text is not 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id of 32 hexadecimal digits")]
pub struct IdError(pub String);

fn from_hex(text: &str) -> Result<[u8; 16], IdError> {
    let fault = || IdError(text.to_owned());
    let digits: Vec<u32> = text.chars().map_while(|digit| digit.to_digit(16)).collect();
    if digits.len() != 32 || text.len() != 32 {
        return Err(fault());
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::try_from(pair[0] * 16 + pair[1]).map_err(|_| fault())?;
    }
    Ok(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
        pub struct $name(pub [u8; 16]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                from_hex(&text).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    )*};
}

ids! {
    /// A project. Shown, and sent, as 32 lower-case hexadecimal digits like every id.
    ProjectId;
    /// A file of a project, whatever it is called.
    FileId;
    /// The lineage of a text: made once, together with the text's first state, and never given to
    /// another. Two texts that were seeded apart must not be merged, even when they read the same.
    DocumentId;
    /// A version of a document that has a name.
    VersionId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_from_what_is_shown() {
        let id = DocumentId(*b"\x00\xff0123456789abcd");
        assert_eq!(DocumentId::try_from(id.to_string()), Ok(id));
        assert!(DocumentId::try_from("00ff".to_owned()).is_err());
        assert!(DocumentId::try_from("ü".repeat(16)).is_err());
        assert!(DocumentId::try_from(format!("{}g", "0".repeat(31))).is_err());
    }
}
