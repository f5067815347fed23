//! The walls around a process that reads hostile TeX. Linux: Landlock for files, seccomp for system
//! calls, resource limits. macOS and Windows have the process boundary and the file interface only.

use crate::protocol::SandboxReport;
use std::path::PathBuf;

/// What a confined process may still do.
pub(super) struct Walls {
    /// Folders and files it may read.
    pub(super) read: Vec<PathBuf>,
    /// Folders and files it may read and execute.
    pub(super) execute: Vec<PathBuf>,
    /// Folders it may change.
    pub(super) write: Vec<PathBuf>,
    /// Folders it may change, but run nothing from.
    pub(super) scratch: Vec<PathBuf>,
    /// Address space, in bytes.
    pub(super) address_space_bytes: Option<u64>,
    /// Processor time, in seconds.
    pub(super) cpu_s: Option<u64>,
    /// Largest file, in bytes.
    pub(super) file_size_bytes: Option<u64>,
    /// Processes and threads of its user.
    pub(super) processes: Option<u64>,
    /// Which system calls remain.
    pub(super) calls: Calls,
}

/// Which system calls remain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    /// Only those on a short list: for our own worker.
    Listed,
    /// Those, and what a live run needs: copies of itself, and the sockets that are sent to it.
    ListedAndFork,
    /// All but those that reach the network, other processes or the kernel's configuration: for
    /// helper programs, whose needs we do not know call by call.
    NoNetwork,
    /// Without those either that open the way to more of the kernel: for programs that a document brings.
    Enclosed,
}

#[cfg(target_os = "linux")]
pub(super) fn confine(walls: &Walls) -> SandboxReport {
    SandboxReport {
        rlimits: linux::limit_resources(walls),
        landlock: linux::restrict_files(walls),
        seccomp: linux::restrict_calls(walls.calls),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn confine(walls: &Walls) -> SandboxReport {
    let _ = (&walls.read, &walls.execute, &walls.write, &walls.scratch, walls.calls);
    SandboxReport { rlimits: limits::apply(walls), landlock: false, seccomp: false }
}

#[cfg(not(unix))]
pub(super) fn confine(walls: &Walls) -> SandboxReport {
    let _ = (&walls.read, &walls.execute, &walls.write, &walls.scratch, walls.calls);
    let _ = (walls.address_space_bytes, walls.cpu_s, walls.file_size_bytes);
    let _ = walls.processes;
    SandboxReport::default()
}

#[cfg(unix)]
mod limits {
    use super::Walls;
    use rustix::process::{Resource, Rlimit, setrlimit};

    pub(super) fn apply(walls: &Walls) -> bool {
        let bounds = [
            (Resource::As, walls.address_space_bytes),
            (Resource::Cpu, walls.cpu_s),
            (Resource::Fsize, walls.file_size_bytes),
            (Resource::Core, Some(0)),
            (Resource::Nofile, Some(512)),
            (Resource::Nproc, walls.processes),
        ];
        bounds.into_iter().all(|(resource, bound)| match bound {
            Some(n) => setrlimit(resource, Rlimit { current: Some(n), maximum: Some(n) }).is_ok(),
            None => true,
        })
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{Calls, Walls, limits};
    use landlock::{
        ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetStatus, Scope,
    };
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule,
    };
    use std::{collections::BTreeMap, path::Path};

    pub(super) fn limit_resources(walls: &Walls) -> bool {
        limits::apply(walls)
    }

    pub(super) fn restrict_files(walls: &Walls) -> bool {
        landlock(walls).is_ok_and(|status| status != RulesetStatus::NotEnforced)
    }

    fn landlock(walls: &Walls) -> Result<RulesetStatus, landlock::RulesetError> {
        let abi = ABI::V6;
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
            .scope(Scope::from_all(abi))?
            .create()?;
        let grants = walls
            .read
            .iter()
            .map(|path| (path, read))
            .chain(walls.execute.iter().map(|path| (path, read | AccessFs::Execute)))
            .chain(walls.write.iter().map(|path| (path, AccessFs::from_all(abi))))
            .chain(walls.scratch.iter().map(|path| {
                (path, AccessFs::from_all(abi) & !landlock::BitFlags::from(AccessFs::Execute))
            }));
        for (path, access) in grants {
            rules = grant(rules, path, access, abi)?;
        }
        Ok(rules.restrict_self()?.ruleset)
    }

    fn grant(
        rules: landlock::RulesetCreated,
        path: &Path,
        access: landlock::BitFlags<AccessFs>,
        abi: ABI,
    ) -> Result<landlock::RulesetCreated, landlock::RulesetError> {
        // A path that is not there needs no rule.
        let Ok(fd) = PathFd::new(path) else { return Ok(rules) };
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(abi) };
        rules.add_rule(PathBeneath::new(fd, access))
    }

    pub(super) fn restrict_calls(calls: Calls) -> bool {
        let (list, matched, otherwise) = match calls {
            Calls::Listed | Calls::ListedAndFork => {
                (LISTED, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32))
            }
            Calls::NoNetwork | Calls::Enclosed => {
                (FORBIDDEN, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)
            }
        };
        let mut rules: BTreeMap<i64, _> = list.iter().map(|&call| (call, Vec::new())).collect();
        if calls == Calls::Enclosed {
            rules.extend(FORBIDDEN_INSIDE.iter().map(|&call| (call, Vec::new())));
            let Ok(namespaces) = new_namespaces() else { return false };
            rules.insert(libc::SYS_clone, namespaces);
            // Its flags are in memory, where no filter sees them; without it the C library uses `clone`.
            let absent = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
            let missing = SeccompAction::Errno(libc::ENOSYS as u32);
            if !filter(absent, SeccompAction::Allow, missing) {
                return false;
            }
        }
        if calls == Calls::ListedAndFork {
            let Ok(fork) = plain_fork() else { return false };
            rules.insert(libc::SYS_clone, vec![fork]);
            rules.insert(libc::SYS_recvmsg, Vec::new());
            let Ok(own) = own_priority() else { return false };
            rules.insert(libc::SYS_sched_setscheduler, vec![own]);
        }
        filter(rules, otherwise, matched)
    }

    fn filter(
        rules: BTreeMap<i64, Vec<SeccompRule>>,
        otherwise: SeccompAction,
        matched: SeccompAction,
    ) -> bool {
        let Ok(arch) = std::env::consts::ARCH.try_into() else { return false };
        let filter = SeccompFilter::new(rules, otherwise, matched, arch);
        let Ok(program) = filter.and_then(BpfProgram::try_from) else { return false };
        seccompiler::apply_filter(&program).is_ok()
    }

    /// `clone` with any of the flags that make a namespace.
    fn new_namespaces() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
        let flags = [
            libc::CLONE_NEWUSER,
            libc::CLONE_NEWNS,
            libc::CLONE_NEWNET,
            libc::CLONE_NEWPID,
            libc::CLONE_NEWIPC,
            libc::CLONE_NEWUTS,
            libc::CLONE_NEWCGROUP,
        ];
        let rule = |flag: libc::c_int| {
            let flag = u64::from(flag.cast_unsigned());
            let is_set = SeccompCmpOp::MaskedEq(flag);
            let condition = SeccompCondition::new(0, SeccompCmpArgLen::Qword, is_set, flag)?;
            SeccompRule::new(vec![condition])
        };
        flags.into_iter().map(rule).collect()
    }

    /// `clone` as the C library's `fork` calls it: no threads, no namespaces.
    fn plain_fork() -> Result<SeccompRule, seccompiler::BackendError> {
        let flags = libc::CLONE_CHILD_CLEARTID | libc::CLONE_CHILD_SETTID | libc::SIGCHLD;
        let flags = u64::try_from(flags).unwrap_or_default();
        let is_fork = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, flags)?;
        SeccompRule::new(vec![is_fork])
    }

    /// Of this process and no other.
    fn own_priority() -> Result<SeccompRule, seccompiler::BackendError> {
        SeccompRule::new(vec![SeccompCondition::new(
            0,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::Eq,
            0,
        )?])
    }

    /// What the worker needs to read pipes, fonts and memory. Anything else fails with EPERM.
    #[rustfmt::skip]
    const LISTED: &[i64] = &[
        libc::SYS_read, libc::SYS_write, libc::SYS_readv, libc::SYS_writev, libc::SYS_pread64,
        libc::SYS_close, libc::SYS_fstat, libc::SYS_newfstatat, libc::SYS_statx, libc::SYS_lseek,
        libc::SYS_statfs, libc::SYS_fstatfs, libc::SYS_mmap, libc::SYS_munmap, libc::SYS_mprotect,
        libc::SYS_mremap, libc::SYS_madvise, libc::SYS_brk, libc::SYS_openat, libc::SYS_faccessat,
        libc::SYS_faccessat2, libc::SYS_getdents64, libc::SYS_readlinkat, libc::SYS_getcwd,
        libc::SYS_getpid, libc::SYS_gettid, libc::SYS_getuid, libc::SYS_geteuid, libc::SYS_getgid,
        libc::SYS_getegid, libc::SYS_getrandom, libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep, libc::SYS_nanosleep, libc::SYS_gettimeofday, libc::SYS_futex,
        libc::SYS_rt_sigaction, libc::SYS_rt_sigprocmask, libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack, libc::SYS_exit, libc::SYS_exit_group, libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity, libc::SYS_prlimit64, libc::SYS_getrusage, libc::SYS_fcntl,
        libc::SYS_ppoll, libc::SYS_uname, libc::SYS_sysinfo, libc::SYS_tgkill, libc::SYS_rseq,
        libc::SYS_set_robust_list, libc::SYS_membarrier, libc::SYS_dup,
        #[cfg(target_arch = "x86_64")] libc::SYS_open,
        #[cfg(target_arch = "x86_64")] libc::SYS_stat,
        #[cfg(target_arch = "x86_64")] libc::SYS_lstat,
        #[cfg(target_arch = "x86_64")] libc::SYS_access,
        #[cfg(target_arch = "x86_64")] libc::SYS_readlink,
        #[cfg(target_arch = "x86_64")] libc::SYS_poll,
        #[cfg(target_arch = "x86_64")] libc::SYS_time,
        #[cfg(target_arch = "x86_64")] libc::SYS_getrlimit,
        #[cfg(target_arch = "x86_64")] libc::SYS_arch_prctl,
    ];

    /// What no helper program has business with.
    #[rustfmt::skip]
    const FORBIDDEN: &[i64] = &[
        libc::SYS_socket, libc::SYS_socketpair, libc::SYS_connect, libc::SYS_bind,
        libc::SYS_listen, libc::SYS_accept, libc::SYS_accept4, libc::SYS_sendto,
        libc::SYS_sendmsg, libc::SYS_ptrace, libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev, libc::SYS_mount, libc::SYS_umount2, libc::SYS_pivot_root,
        libc::SYS_chroot, libc::SYS_unshare, libc::SYS_setns, libc::SYS_bpf,
        libc::SYS_perf_event_open, libc::SYS_keyctl, libc::SYS_add_key, libc::SYS_request_key,
        libc::SYS_init_module, libc::SYS_finit_module, libc::SYS_delete_module,
        libc::SYS_kexec_load, libc::SYS_reboot, libc::SYS_swapon, libc::SYS_swapoff,
        libc::SYS_settimeofday, libc::SYS_clock_settime, libc::SYS_mknodat,
        libc::SYS_io_uring_setup, libc::SYS_userfaultfd,
        #[cfg(target_arch = "x86_64")] libc::SYS_mknod,
    ];

    /// Nor have programs of a document with these.
    #[rustfmt::skip]
    const FORBIDDEN_INSIDE: &[i64] = &[
        libc::SYS_open_tree, libc::SYS_move_mount, libc::SYS_fsopen, libc::SYS_fsconfig,
        libc::SYS_fsmount, libc::SYS_fspick, libc::SYS_mount_setattr, libc::SYS_open_by_handle_at,
        libc::SYS_name_to_handle_at, libc::SYS_io_uring_enter, libc::SYS_io_uring_register,
        libc::SYS_pidfd_getfd, libc::SYS_kcmp, libc::SYS_quotactl, libc::SYS_acct, libc::SYS_syslog,
        libc::SYS_sched_setaffinity, libc::SYS_sethostname, libc::SYS_setdomainname,
        libc::SYS_kexec_file_load, libc::SYS_fanotify_init, libc::SYS_lookup_dcookie,
        libc::SYS_adjtimex, libc::SYS_clock_adjtime, libc::SYS_vhangup, libc::SYS_mbind,
        libc::SYS_migrate_pages, libc::SYS_move_pages, libc::SYS_set_mempolicy,
        #[cfg(target_arch = "x86_64")] libc::SYS_ioperm,
        #[cfg(target_arch = "x86_64")] libc::SYS_iopl,
        #[cfg(target_arch = "x86_64")] libc::SYS_modify_ldt,
    ];
}
