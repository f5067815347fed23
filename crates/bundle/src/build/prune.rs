//! What biber's Perl brings and biber never touches: half of it by number, four fifths by weight.

use super::{BuildError, io_at};
use std::{fs, path::Path};
use walkdir::WalkDir;

/// Parts of paths below the tool's root. A library goes together with the modules that load it.
const UNUSED: [&str; 62] = [
    // administration and documentation
    "/etc/",
    "/var/",
    "/sbin/",
    "/usr/share/apport/",
    "/usr/share/bug/",
    "/usr/share/doc/",
    "/usr/share/gcc/",
    "/usr/share/gdb/",
    "/usr/share/libgcrypt20/",
    "/usr/share/lintian/",
    "/usr/share/man/",
    "/usr/share/texmf/",
    // Perl for developers; `perl-base` is a copy of parts of the rest
    "/CORE/",
    "/cross-config-",
    "/perl-base/",
    "/App/",
    "/CPAN",
    "/Devel/PPPort",
    "/Devel/Peek",
    "/Module/CoreList",
    "/Perl/OSType",
    "/Pod/Perldoc",
    "/TAP/",
    "/Test.pm",
    "/Test/",
    "/Test2",
    "/libperl.so",
    "/perl5db.pl",
    "/pod/",
    // networks, archives, databases
    "/Archive/",
    "/Compress/",
    "/DB_File",
    "/GDBM_File",
    "/HTML/",
    "/HTTP/",
    "/IO/Compress/",
    "/IO/Socket/SSL",
    "/IO/Uncompress/",
    "/LWP",
    "/NDBM_File",
    "/Net/",
    "/ODBM_File",
    "/SDBM_File",
    "/WWW/",
    "/libcrypto.so",
    "/libdb-",
    "/libgcrypt.so",
    "/libgdbm",
    "/libgpg-error.so",
    "/libssl.so",
    // XML other than reading it
    "/XML/LibXSLT",
    "/libexslt.so",
    "/libicui18n.so",
    "/libicuio.so",
    "/libicutest.so",
    "/libicutu.so",
    "/libxslt.so",
    // names of months and clocks of the whole world; dates in bibliographies have offsets at most
    "/dist/DateTime-Locale/",
    "/DateTime/TimeZone/A",
    "/DateTime/TimeZone/Europe/",
    "/DateTime/TimeZone/Indian/",
    "/DateTime/TimeZone/Pacific/",
];

/// Endings of C headers and their Perl forms.
const HEADERS: [&str; 2] = [".h", ".ph"];

/// Remove what biber does not need from its root.
pub(crate) fn prune(root: &Path) -> Result<(), BuildError> {
    let bin = root.join("usr/bin");
    for entry in WalkDir::new(root).contents_first(true).into_iter().flatten() {
        let path = entry.path();
        let below = path.strip_prefix(root).unwrap_or(path);
        if entry.file_type().is_dir() {
            // Fails where something was left, as it should.
            let _ = fs::remove_dir(path);
            continue;
        }
        let other_program = path.parent() == Some(&bin)
            && !["perl", "biber"].iter().any(|keep| entry.file_name() == *keep);
        // A link to the machine's own files would be another on every machine.
        let leads_out = fs::read_link(path).is_ok_and(|target| target.is_absolute());
        if other_program || leads_out || is_unused(&below.to_string_lossy()) {
            fs::remove_file(path).map_err(io_at(path))?;
        } else if entry.file_name().to_string_lossy().starts_with("libicudata.so.")
            && entry.file_type().is_file()
        {
            blank_data(path)?;
        }
    }
    Ok(())
}

fn is_unused(below_root: &str) -> bool {
    let path = format!("/{below_root}");
    UNUSED.iter().any(|part| path.contains(part)) || HEADERS.iter().any(|end| path.ends_with(end))
}

/// Fill ICU's 30 MB of locale data with zeros. libxml2 needs the library to be there and asks it only
/// for encodings that it does not know itself; control files of biblatex are UTF-8.
fn blank_data(path: &Path) -> Result<(), BuildError> {
    let mut bytes = fs::read(path).map_err(io_at(path))?;
    if let Some(section) = largest_section(&bytes)
        && let Some(data) = bytes.get_mut(section)
    {
        data.fill(0);
    }
    fs::write(path, bytes).map_err(io_at(path))
}

/// Where the largest section with contents of a 64-bit little-endian ELF file lies.
fn largest_section(elf: &[u8]) -> Option<std::ops::Range<usize>> {
    const PROGBITS: u64 = 1;
    let number = |at: usize, bytes: usize| {
        let field = elf.get(at..at.checked_add(bytes)?)?;
        Some(field.iter().rev().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte)))
    };
    if elf.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let (table, size, count) = (number(0x28, 8)?, number(0x3a, 2)?, number(0x3c, 2)?);
    let sections = (0..count).filter_map(|i| {
        let at = usize::try_from(table.checked_add(i.checked_mul(size)?)?).ok()?;
        let field = |offset: usize, bytes| number(at.checked_add(offset)?, bytes);
        let (kind, start, length) = (field(4, 4)?, field(0x18, 8)?, field(0x20, 8)?);
        let start = usize::try_from(start).ok()?;
        (kind == PROGBITS).then_some(start..start.checked_add(usize::try_from(length).ok()?)?)
    });
    sections.max_by_key(ExactSizeIterator::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_biber_loads_stays() {
        for unused in [
            "usr/lib/x86_64-linux-gnu/perl/5.36.0/CORE/perl.h",
            "usr/lib/x86_64-linux-gnu/libcrypto.so.3",
            "usr/share/perl5/DateTime/TimeZone/America/Lima.pm",
        ] {
            assert!(is_unused(unused), "{unused}");
        }
        for used in [
            "usr/share/perl5/DateTime/TimeZone/UTC.pm",
            "usr/share/perl5/Devel/StackTrace.pm",
            "usr/share/perl/5.36.0/Module/Load.pm",
            "usr/share/perl/5.36.0/Unicode/Collate/Locale/sv.pl",
            "usr/lib/x86_64-linux-gnu/libxml2.so.2",
        ] {
            assert!(!is_unused(used), "{used}");
        }
    }

    #[test]
    fn damaged_libraries_have_no_section() {
        let mut elf = b"\x7fELF\x02\x01".to_vec();
        assert_eq!(largest_section(&elf), None);
        elf.resize(0x40, 0xff);
        assert_eq!(largest_section(&elf), None);
    }
}
