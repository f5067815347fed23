//! What a container may do, as a pure function to the request that makes it: no network, nothing to write to
//! but its build folder and a small `/tmp`, no rights, and bounds on all it can use up.

use bollard::models::{ContainerCreateBody, HostConfig, HostConfigLogConfig, ResourcesUlimits};
use std::{collections::HashMap, path::PathBuf};

/// Where the project is in a container: read-only.
pub const PROJECT: &str = "/project";
/// Where a compile writes.
pub const BUILD: &str = "/build";

/// Keeps the container alive and buries the processes whose parents died. Everything else is run beside it.
const REST: &str = "trap 'exit 0' TERM INT; while :; do sleep 86400 & wait $!; done";

/// More than any process here opens, less than would hurt the computer.
const OPEN_FILES: i64 = 1024;
/// Of a user of the whole computer, not of the container, which has a bound of its own.
const PROCESSES_OF_USER: i64 = 4096;
/// What programs may share between them.
const SHARED_MEMORY_BYTES: i64 = 16 << 20;

/// What a container may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxLimits {
    /// Memory of all processes together, in bytes; there is no swap beside it.
    pub memory_bytes: u64,
    /// Thousandths of a processor.
    pub milli_cpus: u32,
    /// Processes and threads at once.
    pub processes: u32,
    /// Size of `/tmp`, in bytes; it counts as memory.
    pub tmp_bytes: u64,
    /// The largest single file that may be written, in bytes.
    pub file_bytes: u64,
    /// All files of the build folder together, in bytes.
    pub build_bytes: u64,
    /// Files and folders in the build folder.
    pub build_entries: u64,
}

impl Default for SandboxLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 2 << 30,
            milli_cpus: 2000,
            processes: 256,
            tmp_bytes: 256 << 20,
            file_bytes: 512 << 20,
            build_bytes: 2 << 30,
            build_entries: 100_000,
        }
    }
}

/// One container: what it is made from and what it sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    /// The image's name or id.
    pub image: String,
    /// The folder on this computer that is [`PROJECT`].
    pub project: PathBuf,
    /// The folder on this computer that is [`BUILD`]; the container's user must be able to write to it.
    pub build: PathBuf,
    /// Its bounds.
    pub limits: SandboxLimits,
}

/// How a runtime maps users: who a container runs as follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Users {
    /// Numbers are those of this computer.
    Same,
    /// Rootless Podman: the author can be kept as himself.
    KeepId,
    /// Rootless Docker: root inside is the author outside, and nobody else can write to his files.
    RootIsAuthor,
}

impl Sandbox {
    /// The runtime's request. `user` is the author's number and that of his group.
    pub(crate) fn request(
        &self,
        users: Users,
        user: (u32, u32),
        labels: HashMap<String, String>,
    ) -> ContainerCreateBody {
        let (uid, gid) = match (users, user) {
            (Users::RootIsAuthor, _) => (0, 0),
            // Nothing runs as root, whoever starts it.
            (_, (0, _)) => (1000, 1000),
            (_, user) => user,
        };
        ContainerCreateBody {
            image: Some(self.image.clone()),
            user: Some(format!("{uid}:{gid}")),
            entrypoint: Some(["/bin/sh", "-c", REST].map(str::to_owned).to_vec()),
            cmd: Some(Vec::new()),
            env: Some(vec!["HOME=/tmp".to_owned(), "LC_ALL=C.UTF-8".to_owned()]),
            working_dir: Some(BUILD.to_owned()),
            hostname: Some("tex".to_owned()),
            network_disabled: Some(true),
            labels: Some(labels),
            stop_timeout: Some(0),
            host_config: Some(self.host(users)),
            ..ContainerCreateBody::default()
        }
    }

    fn host(&self, users: Users) -> HostConfig {
        let SandboxLimits { memory_bytes, milli_cpus, processes, tmp_bytes, file_bytes, .. } =
            self.limits;
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let ulimit = |name: &str, value: i64| ResourcesUlimits {
            name: Some(name.to_owned()),
            soft: Some(value),
            hard: Some(value),
        };
        // `Z`: where SELinux is on, these folders are this container's.
        let bind = |from: &PathBuf, to: &str, how: &str| format!("{}:{to}:{how},Z", from.display());
        HostConfig {
            network_mode: Some("none".to_owned()),
            ipc_mode: Some("private".to_owned()),
            userns_mode: (users == Users::KeepId).then(|| "keep-id".to_owned()),
            readonly_rootfs: Some(true),
            privileged: Some(false),
            cap_drop: Some(vec!["ALL".to_owned()]),
            // Beside the runtime's own list of system calls, which stays on.
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            binds: Some(vec![bind(&self.project, PROJECT, "ro"), bind(&self.build, BUILD, "rw")]),
            tmpfs: Some(HashMap::from([(
                "/tmp".to_owned(),
                format!("rw,noexec,nosuid,nodev,size={tmp_bytes},mode=1777"),
            )])),
            memory: Some(number(memory_bytes)),
            memory_swap: Some(number(memory_bytes)),
            nano_cpus: Some(i64::from(milli_cpus) * 1_000_000),
            pids_limit: Some(i64::from(processes)),
            shm_size: Some(SHARED_MEMORY_BYTES),
            ulimits: Some(vec![
                ulimit("core", 0),
                ulimit("fsize", number(file_bytes)),
                ulimit("nofile", OPEN_FILES),
                ulimit("nproc", PROCESSES_OF_USER),
            ]),
            // When the computer itself is short of memory, this goes first.
            oom_score_adj: Some(500),
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            ..HostConfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(users: Users, user: (u32, u32)) -> ContainerCreateBody {
        let sandbox = Sandbox {
            image: "tex".into(),
            project: "/home/a/mirror".into(),
            build: "/home/a/build".into(),
            limits: SandboxLimits::default(),
        };
        sandbox.request(users, user, HashMap::new())
    }

    #[test]
    fn a_container_has_no_network_no_rights_and_bounds_on_everything() {
        let request = request(Users::Same, (1234, 1234));
        assert_eq!(request.network_disabled, Some(true));
        assert_eq!(request.user.as_deref(), Some("1234:1234"));
        let host = request.host_config.unwrap();
        assert_eq!(host.network_mode.as_deref(), Some("none"));
        assert_eq!(host.readonly_rootfs, Some(true));
        assert_eq!(host.cap_drop, Some(vec!["ALL".to_owned()]));
        assert_eq!(host.cap_add, None);
        assert_eq!(host.devices, None);
        assert_eq!(host.security_opt, Some(vec!["no-new-privileges".to_owned()]));
        assert_eq!((host.memory, host.memory_swap), (Some(2 << 30), Some(2 << 30)));
        assert_eq!((host.nano_cpus, host.pids_limit), (Some(2_000_000_000), Some(256)));
        assert_eq!(host.userns_mode, None);
        let binds = ["/home/a/mirror:/project:ro,Z", "/home/a/build:/build:rw,Z"];
        assert_eq!(host.binds, Some(binds.map(str::to_owned).to_vec()));
        let tmp = &host.tmpfs.unwrap()["/tmp"];
        assert!(tmp.contains("noexec") && tmp.contains("size=268435456"), "{tmp}");
        let limited: Vec<_> = host.ulimits.unwrap().into_iter().filter_map(|l| l.name).collect();
        assert_eq!(limited, ["core", "fsize", "nofile", "nproc"]);
    }

    #[test]
    fn nobody_is_root_but_where_root_is_the_author_himself() {
        let user = |users, user| request(users, user).user.unwrap();
        assert_eq!(user(Users::Same, (0, 0)), "1000:1000");
        assert_eq!(user(Users::KeepId, (501, 20)), "501:20");
        assert_eq!(user(Users::RootIsAuthor, (1000, 1000)), "0:0");
        let kept = request(Users::KeepId, (501, 20)).host_config.unwrap();
        assert_eq!(kept.userns_mode.as_deref(), Some("keep-id"));
    }
}
