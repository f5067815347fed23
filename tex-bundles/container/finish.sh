#!/bin/sh
# Run as root inside the image once its packages are there: the user that everything runs as, and what TeX
# would otherwise make anew in each container.
set -eu

# The number is another where the runtime is told so; nothing depends on it.
id tex >/dev/null 2>&1 || {
    echo 'tex:x:1000:1000::/tmp:/bin/sh' >>/etc/passwd
    echo 'tex:x:1000:' >>/etc/group
}

# TeX Live's fonts by their family names, for XeTeX and LuaTeX.
cat >/etc/fonts/conf.d/09-texlive.conf <<'CONF'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/texlive/texmf-dist/fonts/opentype</dir>
  <dir>/usr/share/texlive/texmf-dist/fonts/truetype</dir>
</fontconfig>
CONF
fc-cache --system-only --force

# luaotfload's table of fonts takes a minute to make: /build/cache begins as a copy of this.
mkdir -p /usr/share/quire/texmf-var
TEXMFVAR=/usr/share/quire/texmf-var TEXMFCACHE=/usr/share/quire/texmf-var HOME=/tmp \
    luaotfload-tool --update --force --quiet
chmod -R a+rX /usr/share/quire

# Where the sandbox mounts the project and what a compile writes.
mkdir -p /project /build

# No program of the image changes who runs it.
find / -xdev -type f -perm /6000 -exec chmod a-s {} +

rm -rf /tmp/* /var/tmp/* /var/log/* /var/cache/apt/* /var/lib/apt/lists/* /var/cache/debconf/*-old
dpkg-query --show --showformat='${Package} ${Version}\n' >/usr/share/quire/packages
