//! The document that a window shows. A new build replaces it in one step: who renders goes on with the
//! document it has, who asks next gets the new one, and nobody ever finds none.

use crate::Document;
use std::sync::{Arc, PoisonError, RwLock};

/// A document that can be replaced while others use it.
#[derive(Debug)]
pub struct DocumentSlot {
    current: RwLock<(u64, Arc<Document>)>,
}

impl DocumentSlot {
    /// With the first document, as revision zero.
    pub fn new(document: Document) -> Self {
        Self { current: RwLock::new((0, Arc::new(document))) }
    }

    /// The document and its revision. What was rendered of an earlier revision is stale.
    pub fn current(&self) -> (u64, Arc<Document>) {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Show another document from now on, and tell its revision. The old one is closed when nobody
    /// uses it any more.
    pub fn replace(&self, document: Document) -> u64 {
        let document = Arc::new(document);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let revision = current.0 + 1;
        let old = std::mem::replace(&mut *current, (revision, document));
        drop(current);
        // Closing waits for the PDF thread; not under the lock.
        drop(old);
        revision
    }
}
