#!/bin/sh
# Build an image from Debian packages, without a registry: build.sh small|full OUT.tar [DEBS]
#
# OUT.tar is the image's file system: `podman import OUT.tar NAME` or `docker import OUT.tar NAME`. DEBS keeps
# the packages between builds. MIRROR names another archive, such as a snapshot of a day.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
size=$1 out=$2 debs=${3:-}
lists="$here/small.packages"
case $size in
small) ;;
full) lists="$lists $here/full.packages" ;;
*) echo "build.sh: the sizes are small and full" >&2; exit 2 ;;
esac
# shellcheck disable=SC2086
include=$(sed -e '/^#/d' -e '/^$/d' $lists | paste -s -d ,)

set -- --variant=essential --format=tar --include="$include" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --setup-hook="mkdir -p \"\$1\"/etc/dpkg/dpkg.cfg.d" \
    --setup-hook="cp '$here/without.dpkg' \"\$1\"/etc/dpkg/dpkg.cfg.d/quire" \
    --customize-hook="cp '$here/finish.sh' \"\$1\"/finish.sh" \
    --customize-hook='chroot "$1" sh /finish.sh' \
    --customize-hook='rm "$1"/finish.sh'
if [ -n "$debs" ]; then
    mkdir -p "$debs"
    set -- --skip=download/empty \
        --setup-hook="mkdir -p \"\$1\"/var/cache/apt/archives" \
        --setup-hook="find '$debs' -maxdepth 1 -name '*.deb' -exec cp -t \"\$1\"/var/cache/apt/archives {} +" \
        --customize-hook="cp -n \"\$1\"/var/cache/apt/archives/*.deb '$debs'/ || :" "$@"
fi
temp="$out.part"
if [ -n "${MIRROR:-}" ]; then
    mmdebstrap "$@" bookworm "$temp" "$MIRROR"
else
    # Debian's own archive with its updates and security fixes.
    mmdebstrap "$@" bookworm "$temp"
fi
mv "$temp" "$out"
