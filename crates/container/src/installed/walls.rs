//! The walls around one program, as a pure function to the words that start it: systemd's bounds where there are
//! any, then bubblewrap, then the worker program, which closes the last walls from inside, then what is to run.

use super::{
    Found,
    bwrap::{Who, apart},
};
use crate::{BUILD, Execution, PROJECT, Sandbox};
use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

/// Where the worker program is inside.
const WORKER: &str = "/quire/worker";
/// What the author's LuaTeX knows of fonts, to begin with; `QUIRE_TEXMF_VAR` names the folder above it.
const LUA_CACHE: &str = "/quire/texmf-var/luatex-cache";

/// Programs and libraries, wherever distributions have them.
const SYSTEM: [&str; 9] =
    ["/bin", "/gnu/store", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/sbin", "/usr"];
/// What programs of TeX Live, Perl, Python and Ghostscript read of the system's settings; nothing of its users.
const SETTINGS: [&str; 21] = [
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ghostscript",
    "/etc/gnuplot",
    "/etc/ImageMagick-6",
    "/etc/ImageMagick-7",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/libpaper.d",
    "/etc/localtime",
    "/etc/papersize",
    "/etc/paperspecs",
    "/etc/perl",
    "/etc/python3",
    "/etc/texlive",
    "/etc/texmf",
    "/var/cache/fontconfig",
    "/var/lib/ghostscript",
    "/var/lib/texlive",
    "/var/lib/texmf",
];
/// Of devices only these can be opened.
const DEVICES: [&str; 6] =
    ["/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero"];

/// Numbers of users that no system gives out, one for each document: where root starts a build, bounds on what a
/// user may have are then that document's alone.
const USERS_FROM: u32 = 1_900_000_000;
const USERS: u32 = 200_000_000;

/// Where programs and libraries are on this computer.
#[derive(Debug, Default)]
pub(super) struct System {
    /// Links (`/bin` to `usr/bin`): place and target.
    links: Vec<(PathBuf, PathBuf)>,
    folders: Vec<PathBuf>,
}

impl System {
    pub(super) fn here() -> Self {
        let mut system = Self::default();
        for place in SYSTEM.map(PathBuf::from) {
            match fs::read_link(&place) {
                Ok(target) => system.links.push((place, target)),
                Err(_) if place.is_dir() => system.folders.push(place),
                Err(_) => {}
            }
        }
        system
    }
}

/// What a process may map: more than all of them may use together, since not all that is mapped is used. It ends
/// what grows faster than anybody looks.
pub(crate) fn address_space(memory_bytes: u64) -> u64 {
    memory_bytes.saturating_mul(4).max(4 << 30)
}

/// The words that run a program within its walls.
pub(super) fn command(found: &Found, sandbox: &Sandbox, execution: &Execution) -> Vec<OsString> {
    let mut words = Words::default();
    if let Some(scopes) = &found.scopes {
        words.0.extend(scopes.words(&sandbox.limits));
    }
    words.add([found.bwrap.program.as_os_str()]);
    words.add(apart(found.bwrap.who));
    words.add(["--die-with-parent", "--new-session", "--hostname", "tex", "--clearenv"]);
    environment(found, execution, &mut words);
    let shown = mounts(found, sandbox, &mut words);
    words.add(["--chdir", execution.folder.as_str(), "--", WORKER, "enclose"]);
    enclosure(found, sandbox, &shown, &mut words);
    words.add(["--"]);
    words.add(&execution.command);
    words.0
}

#[derive(Default)]
struct Words(Vec<OsString>);

impl Words {
    fn add<W: AsRef<OsStr>>(&mut self, words: impl IntoIterator<Item = W>) {
        self.0.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
    }
}

fn environment(found: &Found, execution: &Execution, words: &mut Words) {
    let mut path = found.tex.bin.clone().into_os_string();
    path.push(":/usr/local/bin:/usr/bin:/bin");
    words.add([OsStr::new("--setenv"), OsStr::new("PATH"), &path]);
    words.add(["--setenv", "HOME", "/tmp", "--setenv", "LC_ALL", "C.UTF-8"]);
    if let Some(own) = &found.tex.own_tree {
        words.add([OsStr::new("--setenv"), OsStr::new("TEXMFHOME"), own.as_os_str()]);
    }
    if found.tex.lua_cache.is_some() {
        let above = LUA_CACHE.rsplit_once('/').map_or("/", |(above, _)| above);
        words.add(["--setenv", "QUIRE_TEXMF_VAR", above]);
    }
    for (name, value) in execution.env.iter().filter_map(|pair| pair.split_once('=')) {
        words.add(["--setenv", name, value]);
    }
}

/// What can be seen inside; returns what of it can be read and run.
fn mounts(found: &Found, sandbox: &Sandbox, words: &mut Words) -> Vec<PathBuf> {
    let System { links, folders } = &found.system;
    for (place, target) in links {
        words.add([OsStr::new("--symlink"), target.as_os_str(), place.as_os_str()]);
    }
    let mut shown: Vec<PathBuf> = folders.clone();
    for place in folders {
        words.add([OsStr::new("--ro-bind"), place.as_os_str(), place.as_os_str()]);
    }
    // Folders above what is shown: bubblewrap would make them for their owner alone.
    let mut above: BTreeSet<PathBuf> = BTreeSet::from(["/".into(), "/tmp".into()]);
    let mut bind = |words: &mut Words, how: &str, from: &Path, to: &Path| {
        let missing: Vec<&Path> =
            to.ancestors().skip(1).take_while(|folder| !above.contains(*folder)).collect();
        for folder in missing.into_iter().rev() {
            words.add([OsStr::new("--perms"), OsStr::new("0755"), OsStr::new("--dir")]);
            words.add([folder]);
            above.insert(folder.to_owned());
        }
        words.add([OsStr::new(how), from.as_os_str(), to.as_os_str()]);
    };
    for place in SETTINGS.map(PathBuf::from) {
        bind(words, "--ro-bind-try", &place, &place);
        shown.push(place);
    }
    let size = sandbox.limits.tmp_bytes.to_string();
    // Nothing can be made in `/dev`: it would be memory that nobody counts.
    words.add(["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]);
    words.add(["--size", &size, "--perms", "1777", "--tmpfs", "/tmp"]);
    let tex = &found.tex;
    for tree in tex.trees.iter().chain(&tex.own_tree).chain([&tex.bin]) {
        // What is in a folder that is shown already is shown with it.
        if !shown.iter().any(|place| tree.starts_with(place)) {
            bind(words, "--ro-bind", tree, tree);
            shown.push(tree.clone());
        }
    }
    if let Some(cache) = &tex.lua_cache {
        bind(words, "--ro-bind", cache, Path::new(LUA_CACHE));
    }
    bind(words, "--ro-bind", &found.worker, Path::new(WORKER));
    bind(words, "--ro-bind", &sandbox.project, Path::new(PROJECT));
    bind(words, "--bind", &sandbox.build, Path::new(BUILD));
    words.add(["--remount-ro", "/"]);
    shown.push("/quire".into());
    shown.push(PROJECT.into());
    shown
}

/// What the worker program is told to close.
fn enclosure(found: &Found, sandbox: &Sandbox, shown: &[PathBuf], words: &mut Words) {
    let mut tell = |name: &str, value: &OsStr| {
        let mut word = OsString::from(name);
        word.push("=");
        word.push(value);
        words.add([word]);
    };
    shown.iter().for_each(|place| tell("execute", place.as_os_str()));
    tell("read", OsStr::new("/proc"));
    tell("write", OsStr::new(BUILD));
    // What is written there cannot be run.
    tell("scratch", OsStr::new("/tmp"));
    DEVICES.iter().for_each(|device| tell("scratch", OsStr::new(device)));
    let limits = sandbox.limits;
    for (name, value) in [
        ("memory", address_space(limits.memory_bytes)),
        ("file", limits.file_bytes),
        // Beyond what is told as too much: who watches then still sees it.
        ("processes", u64::from(limits.processes) * 5 / 4),
        ("processors", u64::from(limits.milli_cpus.div_ceil(1000).max(1))),
    ] {
        tell(name, OsStr::new(&value.to_string()));
    }
    if found.bwrap.who == Who::Root {
        tell("user", OsStr::new(&user_of(&sandbox.build).to_string()));
    }
}

/// Always the same for the same document (FNV-1a of its folder).
fn user_of(build: &Path) -> u32 {
    let bytes = build.as_os_str().as_encoded_bytes();
    let mix = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(16_777_619);
    USERS_FROM + bytes.iter().fold(2_166_136_261, mix) % USERS
}

#[cfg(test)]
mod tests {
    use super::{super::bwrap::Bwrap, super::tex::Tex, *};
    use crate::SandboxLimits;
    use std::time::Duration;

    fn words(who: Who) -> Vec<String> {
        let tex = Tex {
            bin: "/home/a/tl/2024/bin/x86_64-linux".into(),
            release: "2024".to_owned(),
            trees: vec!["/home/a/tl/2024".into(), "/usr/share/texmf".into()],
            own_tree: None,
            lua_cache: None,
            stamp: String::new(),
        };
        let bwrap = Bwrap { program: "/usr/bin/bwrap".into(), version: "0.8.0".to_owned(), who };
        let system =
            System { links: vec![("/bin".into(), "usr/bin".into())], folders: vec!["/usr".into()] };
        let worker = "/opt/quire/worker".into();
        let found = Found { tex, bwrap, worker, system, scopes: None };
        let sandbox = Sandbox {
            image: String::new(),
            project: "/cache/d/project".into(),
            build: "/cache/d/build".into(),
            limits: SandboxLimits::default(),
        };
        let execution = Execution {
            command: vec!["latexmk".to_owned(), "a b.tex".to_owned()],
            env: vec!["NAME=a=b".to_owned()],
            folder: "/".to_owned(),
            wall: Duration::from_secs(1),
            output_bytes: 1,
            suspect: false,
        };
        let all = command(&found, &sandbox, &execution);
        all.into_iter().map(|word| word.into_string().unwrap()).collect()
    }

    fn has(words: &[String], row: &[&str]) -> bool {
        words.windows(row.len()).any(|window| window == row)
    }

    #[test]
    fn nothing_is_shown_but_what_tex_reads_and_nothing_written_but_the_build() {
        let words = words(Who::Author);
        for row in [
            &["--unshare-user", "--uid", "1000"][..],
            &["--unshare-net"],
            &["--cap-drop", "ALL"],
            &["--die-with-parent", "--new-session"],
            &["--symlink", "usr/bin", "/bin"],
            &["--perms", "0755", "--dir", "/home/a/tl", "--ro-bind", "/home/a/tl/2024"],
            &["--size", "268435456", "--perms", "1777", "--tmpfs", "/tmp"],
            &["--ro-bind", "/cache/d/project", "/project"],
            &["--bind", "/cache/d/build", "/build", "--remount-ro", "/"],
            &["--setenv", "NAME", "a=b"],
            &["processes=320", "processors=2", "--", "latexmk", "a b.tex"],
        ] {
            assert!(has(&words, row), "{row:?}: {words:?}");
        }
        let writable = words.iter().filter(|word| *word == "--bind").count();
        assert_eq!(writable, 1);
        // What is in a tree that is shown, or in `/usr`, is not shown twice.
        assert!(!words.contains(&"/usr/share/texmf".to_owned()));
        assert!(!has(&words, &["--ro-bind", "/home/a/tl/2024/bin/x86_64-linux"]));
        for closed in ["/etc", "/home/a", "/var"] {
            assert!(!has(&words, &[closed, closed]), "{closed}: {words:?}");
        }
    }

    #[test]
    fn who_builds_as_root_becomes_a_user_of_the_documents_own() {
        assert!(!words(Who::Author).iter().any(|word| word.starts_with("user=")));
        let as_root = words(Who::Root);
        let user = as_root.iter().find_map(|word| word.strip_prefix("user=")).unwrap();
        assert!((USERS_FROM..USERS_FROM + USERS).contains(&user.parse().unwrap()), "{user}");
        assert_ne!(user_of(Path::new("/a")), user_of(Path::new("/b")));
        assert!(!as_root.contains(&"--unshare-user".to_owned()));
    }
}
