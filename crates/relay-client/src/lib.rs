//! The desktop's way to a relay. An [`Account`] is somebody who is signed in there: it keeps its tokens fresh and asks
//! for projects, texts, members and links. A [`ProjectLine`] is made again whenever it is cut; it tells what is changed in
//! a project, and carries a [`Line`] for each of its documents. What goes over these is `quire-collab`'s business. [`plan`] decides what becomes of two lists of
//! texts and files.
//!
//! ```text
//! Account ── HTTP ──▶ relay                 tokens: the vault has the next refresh token before it is used
//! ProjectLine ════ WebSocket ════ relay     Lines in and out, back-off, renewal of the token
//! ```
//!
//! Refresh tokens are in the system's keyring, or in memory only, never in files, logs or addresses.

mod account;
mod address;
mod backoff;
mod browser;
mod choice;
mod connection;
mod error;
mod files;
#[cfg(feature = "fuzz")]
pub mod hostile;
mod http;
mod line;
mod model;
mod notifications;
mod past;
mod plan;
mod project_line;
mod sharing;
mod vault;

pub use account::{Account, SignedIn};
pub use address::{AddressError, Coming, JoinLink, RelayAddress};
pub use backoff::Backoff;
pub use browser::{About, BrowserSignIn, SignInWay};
pub use choice::{BuildChoice, settle};
pub use connection::Ended;
pub use error::{ProblemKind, RelayError};
pub use files::{ComingBytes, PART_BYTES, Sent};
pub use http::Http;
pub use line::{Line, LineEvent, Taken};
pub use model::{
    DocumentInfo, FileInfo, InvitationInfo, LinkInfo, MadeLink, Member, Offer, ProjectInfo, Role,
    User,
};
pub use notifications::{Digest, NotificationInfo, NotificationKind, NotificationList};
pub use past::{AuthorInfo, TextThen, VersionInfo, WrittenInfo};
pub use plan::{Agreed, At, Item, Known, List, Plan, Step, plan};
pub use project_line::ProjectLine;
pub use vault::{Keeping, Vault};
