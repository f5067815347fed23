//! XDV: the pages as the engine ships them, before they become PDF.
