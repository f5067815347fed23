//! Proof of who somebody is: passwords, secrets, access tokens, and how often one may try.

pub mod once;
pub mod password;
pub mod secret;
pub mod throttle;
pub mod tickets;
pub mod tokens;
