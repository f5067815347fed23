//! SyncTeX records, parsed into an index: source → page and page → source.
