#!/usr/bin/env bash
# ./dev package: twind_VERSION_ARCH.deb from the release build, by Debian's own tools.
# tools/package.sh [BUILD [TO]]: another build, another folder to put it into.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build}
to=${2:-.}
maintainer='The twind authors <twind@example.org>'
version=$(sed -n 's/^project(twind VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
arch=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/root
doc=$root/usr/share/doc/twind

install -D -m 755 -s "$build/twind" "$root/usr/bin/twind"
install -D -m 755 -s "$build/twinctl" "$root/usr/bin/twinctl"
install -D -m 644 systemd/twind.service "$root/lib/systemd/system/twind.service"
install -D -m 644 config/twind.json "$root/etc/twind/twind.json"
install -d "$root/etc/twind/twins.d" "$doc/examples"
cp -r config/twins.d config/mosquitto-twind.conf config/demo "$doc/examples/"
install -D -m 644 -t "$doc" README.md
install -D -m 644 -t "$doc/docs" docs/*.md docs/*.svg
gzip -9n < CHANGELOG.md > "$doc/CHANGELOG.md.gz"
{
    printf 'twind (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n' "$version"
    printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -R -u -r CHANGELOG.md)"
} | gzip -9n > "$doc/changelog.gz"
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n'
    printf 'Upstream-Name: twind\n\nFiles: *\nCopyright: 2026 the twind authors\nLicense: Apache-2.0\n'
    printf ' See /usr/share/common-licenses/Apache-2.0.\n'
} > "$doc/copyright"
for page in docs/*.[1-8]; do
    section=${page##*.}
    install -d "$root/usr/share/man/man$section"
    gzip -9n < "$page" > "$root/usr/share/man/man$section/$(basename "$page").gz"
done

mkdir -p "$stage/debian" "$root/DEBIAN"
printf 'Source: twind\n\nPackage: twind\nArchitecture: any\n' > "$stage/debian/control"
depends=$(cd "$stage" && dpkg-shlibdeps -O root/usr/bin/twind root/usr/bin/twinctl 2>/dev/null |
    sed 's/^shlibs:Depends=//')
cat > "$root/DEBIAN/control" <<END
Package: twind
Version: $version
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $(du -sk "$root" | cut -f1)
Depends: $depends, libsqlite3-0 (>= 3.38), init-system-helpers (>= 1.54)
Recommends: mosquitto, mosquitto-clients, sqlite3
Section: net
Priority: optional
Description: digital twins of greenhouses, buildings and city air
 A daemon that takes sensor readings over MQTT into physics models, keeps them
 true with a Kalman filter, raises alerts that any MQTT client can subscribe to,
 and keeps the history in SQLite.
END
echo /etc/twind/twind.json > "$root/DEBIAN/conffiles"
cat > "$root/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    deb-systemd-helper unmask twind.service >/dev/null || true
    if deb-systemd-helper --quiet was-enabled twind.service; then
        deb-systemd-helper enable twind.service >/dev/null || true
    fi
    if [ -d /run/systemd/system ]; then
        systemctl --system daemon-reload >/dev/null || true
        if [ -n "$2" ]; then action=restart; else action=start; fi
        deb-systemd-invoke $action twind.service >/dev/null || true
    fi
fi
END
cat > "$root/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
if [ -d /run/systemd/system ] && [ "$1" = remove ]; then
    deb-systemd-invoke stop twind.service >/dev/null || true
fi
END
cat > "$root/DEBIAN/postrm" <<'END'
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = remove ] && command -v deb-systemd-helper >/dev/null; then
    deb-systemd-helper mask twind.service >/dev/null || true
fi
if [ "$1" = purge ]; then
    rm -rf /var/lib/twind /var/lib/private/twind
    if command -v deb-systemd-helper >/dev/null; then
        deb-systemd-helper purge twind.service >/dev/null || true
        deb-systemd-helper unmask twind.service >/dev/null || true
    fi
fi
END
chmod 755 "$root/DEBIAN/"{postinst,prerm,postrm}
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z |
    xargs -0 md5sum) > "$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +
package=$to/twind_${version}_${arch}.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" >/dev/null
if command -v lintian >/dev/null; then
    lintian --fail-on error,warning "$package" 2> >(grep -v 'root privileges' >&2)
fi
echo "$package"
