//! What keeps from using a TeX Live of this computer, and what to do about it.

use std::{fmt, path::PathBuf};

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// The system is another.
    Linux,
    /// There is no TeX Live.
    TexLive,
    /// There is one without latexmk.
    Latexmk {
        /// The folder with its other programs.
        folder: PathBuf,
    },
    /// There is no bubblewrap.
    Bubblewrap,
    /// It is too old to bound what is in memory.
    OldBubblewrap {
        /// Its version.
        version: String,
    },
    /// It may not do what it is for.
    Namespaces {
        /// Why, with what to do.
        refusal: Refusal,
    },
}

/// Why the system does not let bubblewrap put up its walls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// AppArmor, as Ubuntu has it since 24.04.
    AppArmor,
    /// Debian's own switch.
    Switch,
    /// None may be made at all.
    None,
    /// In its own words.
    Words(String),
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linux => f.write_str("it can be shut in on Linux only"),
            Self::TexLive => f.write_str("there is no TeX Live"),
            Self::Latexmk { folder } => {
                write!(f, "the TeX Live in {} has no latexmk", folder.display())
            }
            Self::Bubblewrap => f.write_str("there is no bubblewrap (`bwrap`) to shut it in"),
            Self::OldBubblewrap { version } => {
                write!(f, "bubblewrap {version} is too old, 0.7 is needed")
            }
            Self::Namespaces { refusal } => match refusal {
                Refusal::AppArmor => {
                    f.write_str("bubblewrap is kept by AppArmor from making user namespaces")
                }
                Refusal::Switch | Refusal::None => {
                    f.write_str("the system lets no user make user namespaces, as bubblewrap must")
                }
                Refusal::Words(words) => write!(f, "bubblewrap does not work here: {words}"),
            },
        }
    }
}

impl Lacking {
    /// What to do, as a sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Linux => "Install Podman or Docker.",
            Self::TexLive => {
                "Install TeX Live (Debian and Ubuntu: `apt install texlive-latex-extra latexmk`, Fedora: \
                 `dnf install texlive-scheme-medium latexmk`, Arch: `pacman -S texlive-basic \
                 texlive-binextra`), or put its folder into PATH."
            }
            Self::Latexmk { .. } => {
                "Install latexmk (`apt install latexmk`, `dnf install latexmk`, `tlmgr install latexmk`)."
            }
            Self::Bubblewrap | Self::OldBubblewrap { .. } => {
                "Install bubblewrap 0.7 or newer (`apt install bubblewrap`, `dnf install bubblewrap`, \
                 `pacman -S bubblewrap`)."
            }
            Self::Namespaces { refusal } => match refusal {
                Refusal::AppArmor => {
                    "Give bwrap a profile that allows `userns` (Ubuntu: `apt install apparmor-profiles`, \
                     copy /usr/share/apparmor/extra-profiles/bwrap-userns-restrict to /etc/apparmor.d \
                     and load it with `apparmor_parser -r`)."
                }
                Refusal::Switch => {
                    "Allow them: `sysctl kernel.unprivileged_userns_clone=1`, and in /etc/sysctl.d for good."
                }
                Refusal::None => {
                    "Allow some: `sysctl user.max_user_namespaces=10000`, and in /etc/sysctl.d for good."
                }
                Refusal::Words(_) => {
                    "Inside another container or sandbox bubblewrap often cannot work: build outside of it."
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_missing_there_is_something_to_do() {
        let refused = |refusal| Lacking::Namespaces { refusal };
        for lacking in [
            Lacking::TexLive,
            Lacking::Latexmk { folder: "/usr/bin".into() },
            Lacking::Bubblewrap,
            Lacking::OldBubblewrap { version: "0.4.1".into() },
            refused(Refusal::AppArmor),
            refused(Refusal::Switch),
            refused(Refusal::None),
            refused(Refusal::Words("Operation not permitted".into())),
        ] {
            assert!(!lacking.to_string().ends_with('.'), "a part of a sentence: {lacking}");
            assert!(lacking.advice().ends_with('.'), "{lacking:?}");
        }
    }
}
