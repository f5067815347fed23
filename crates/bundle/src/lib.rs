//! The TeX support files that Quire installs: one read-only, sorted, memory-mappable pack with a
//! manifest, and the recipes that build it from a TeX Live tree.
