//! What the log of a document tells beside the text: updates that follow one another as one, and which of them brought
//! which part of the text.

use crate::{DocumentError, replica::decode};
use std::collections::HashMap;
use yrs::{
    ClientID, Doc, OffsetKind, Options, Out, ReadTxn, Snapshot, Text, Transact, merge_updates_v1,
    types::text::YChange,
};

/// Part of a text, by the update that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Where it begins, in UTF-16 code units.
    pub at: u32,
    /// How long it is.
    pub length: u32,
    /// Which of the updates.
    pub by: usize,
}

/// Updates that follow one another, as one. Whoever throws them away for it tries first whether it is the same.
///
/// # Errors
/// When one of them is none.
pub fn merge(updates: &[&[u8]]) -> Result<Vec<u8>, DocumentError> {
    merge_updates_v1(updates).map_err(|error| DocumentError::Invalid(error.to_string()))
}

/// Which of the updates brought which part of the text that is there after all of them.
///
/// # Errors
/// When they do not come out whole.
pub fn brought<'u>(
    updates: impl IntoIterator<Item = &'u [u8]>,
) -> Result<Vec<Brought>, DocumentError> {
    let mut options = Options::with_client_id(ClientID::new(0));
    options.offset_kind = OffsetKind::Utf16;
    let doc = Doc::with_options(options);
    let text = doc.get_or_insert_text(crate::document::TEXT);
    // For each client, up to which of its clocks which update has brought what it wrote.
    let mut origins: HashMap<ClientID, Vec<(u32, usize)>> = HashMap::new();
    let mut txn = doc.transact_mut();
    for (nth, update) in updates.into_iter().enumerate() {
        let update = decode(update)?;
        let inserted = update.insertions(true);
        txn.apply_update(update).map_err(|error| DocumentError::HalfTaken(error.to_string()))?;
        for (client, _) in inserted.iter() {
            let end = txn.state_vector().get(client);
            let known = origins.entry(*client).or_default();
            if known.last().is_none_or(|(last, _)| *last < end) {
                known.push((end, nth));
            }
        }
    }
    let now = txn.snapshot();
    // Against nothing, every part is new, and has the id under which it was written.
    let parts =
        text.diff_range(&mut txn, Some(&now), Some(&Snapshot::default()), YChange::identity);
    let (mut found, mut at) = (Vec::<Brought>::new(), 0);
    for part in parts {
        let (Out::Any(yrs::Any::String(words)), Some(change)) = (part.insert, part.ychange) else {
            continue;
        };
        let mut left = u32::try_from(words.encode_utf16().count()).unwrap_or(u32::MAX);
        let mut clock = change.id.clock;
        let none = Vec::new();
        let origins = origins.get(&change.id.client).unwrap_or(&none);
        while left > 0 {
            let nth = origins.partition_point(|(end, _)| *end <= clock);
            let (end, by) = origins.get(nth).copied().unwrap_or((clock + left, 0));
            let length = left.min(end - clock);
            match found.last_mut() {
                Some(last) if last.by == by => last.length += length,
                _ => found.push(Brought { at, length, by }),
            }
            (at, clock, left) = (at + length, clock + length, left - length);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, ClientId, TextDocument};

    fn typed(document: &mut TextDocument, at: u32, removed: u32, text: &str) -> Vec<u8> {
        document.edit(&[Change { at, removed, inserted: text.to_owned() }]).unwrap()
    }

    #[test]
    fn each_part_is_of_the_update_that_brought_it() {
        let mut ann = TextDocument::new(ClientId::from_random(1));
        let mut bob = TextDocument::new(ClientId::from_random(2));
        let first = typed(&mut ann, 0, 0, "one three");
        bob.apply(&first).unwrap();
        let second = typed(&mut bob, 4, 0, "𝛂 ");
        ann.apply(&second).unwrap();
        let third = typed(&mut ann, 12, 0, "!");
        let fourth = typed(&mut ann, 0, 3, "1");
        let updates = [&*first, &*second, &*third, &*fourth];
        assert_eq!(ann.text(), "1 𝛂 three!");
        let found = brought(updates).unwrap();
        let found: Vec<_> = found.iter().map(|part| (part.at, part.length, part.by)).collect();
        assert_eq!(found, [(0, 1, 3), (1, 1, 0), (2, 3, 1), (5, 5, 0), (10, 1, 2)]);
        // Those that are merged are one.
        let one = merge(&[&third, &fourth]).unwrap();
        let found = brought([&*first, &*second, &*one]).unwrap();
        assert_eq!(found.iter().map(|part| part.by).collect::<Vec<_>>(), [2, 0, 1, 0, 2]);
    }
}
