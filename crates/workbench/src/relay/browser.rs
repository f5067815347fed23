//! Signing in through others, in the system's browser: what a relay offers, and the one sign-in that is under way.

use super::{RelayAccount, accounts::DEVICE};
use crate::{Workbench, WorkbenchError};
use quire_relay_client::{Account, BrowserSignIn, Http, RelayAddress, RelayError};
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use ts_rs::TS;

/// A way to sign in at a relay besides e-mail address and password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInWay {
    /// Its id at the relay.
    pub id: String,
    /// What people call it: "Sign in with …".
    pub name: String,
}

/// The sign-in that is under way; there is one, and the next takes its place.
#[derive(Default)]
pub(crate) struct Browser(Mutex<State>);

#[derive(Default)]
struct State {
    begun: Option<BrowserSignIn>,
    /// Somebody waits for its end; dropped, he waits no more.
    waiting: Option<oneshot::Sender<()>>,
}

impl Browser {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address(relay: &str) -> Result<RelayAddress, WorkbenchError> {
    Ok(RelayAddress::parse(relay).map_err(RelayError::from)?)
}

impl Workbench {
    /// Through whom one can sign in at a relay.
    pub fn sign_in_ways(&self, relay: &str) -> Result<Vec<SignInWay>, WorkbenchError> {
        let http = Http::new(address(relay)?);
        let about = self.relays().wait(http.about())?;
        let told = |way: quire_relay_client::SignInWay| SignInWay { id: way.id, name: way.name };
        Ok(about.sign_in.into_iter().map(told).collect())
    }

    /// Begin to sign in through one of them: the address that the system's browser is to open.
    pub fn begin_browser_sign_in(&self, relay: &str, way: &str) -> Result<String, WorkbenchError> {
        self.give_up_browser_sign_in();
        let sign_in = self.relays().wait(BrowserSignIn::begin(address(relay)?, way))?;
        let url = sign_in.url().to_owned();
        self.relays().browser.state().begun = Some(sign_in);
        Ok(url)
    }

    /// Wait until the browser comes back, which takes as long as somebody needs to log in elsewhere.
    pub fn finish_browser_sign_in(&self) -> Result<RelayAccount, WorkbenchError> {
        let relays = self.relays();
        let (waiting, given_up) = oneshot::channel();
        let mut state = relays.browser.state();
        let sign_in = state.begun.take().ok_or(WorkbenchError::Cancelled)?;
        state.waiting = Some(waiting);
        drop(state);
        let vault = relays.vault();
        let account = relays.runtime()?.block_on(async {
            tokio::select! {
                account = Account::sign_in_in_browser(sign_in, vault, DEVICE) => {
                    account.map_err(WorkbenchError::from)
                }
                _ = given_up => Err(WorkbenchError::Cancelled),
            }
        })?;
        self.add_account(account)
    }

    /// Wait no more.
    pub fn give_up_browser_sign_in(&self) {
        *self.relays().browser.state() = State::default();
    }
}
