//! What the window and the application say to each other.
