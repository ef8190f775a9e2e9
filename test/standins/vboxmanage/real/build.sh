#!/usr/bin/env bash
# The real VBoxManage, in a folder to chroot into: the stand-in is compared with it. It manages machines, clones and
# snapshots; only starting one needs a kernel driver, which no chroot brings.
#
#   test/standins/vboxmanage/real/build.sh [OUTDIR]    prints the folder with "root" in it
#
# The default of OUTDIR is ~/.cache/vmtest/guests. VirtualBox is in the component "contrib" of Debian's newest suite
# only. Its packages are unpacked, not set up: their scripts would build kernel modules.
set -euo pipefail

arch=amd64 # there is no VirtualBox for others in Debian
# shellcheck source=test/guests/debian-packages.sh
. "$(dirname "$0")/../../../guests/debian-packages.sh"
SUITE=sid

start_build vboxmanage "${1:-${XDG_CACHE_HOME:-$HOME/.cache}/vmtest/guests}" mmdebstrap:mmdebstrap
mirror=$(find_mirror)
[ -n "$mirror" ] || die "no Debian mirror is known on this host: set VMTEST_DEBIAN_MIRROR to one"

# virtualbox-source stands for the kernel modules that the package wants, without building any. A frozen mirror may be
# past the date of its Release file; signatures are always checked.
root=$work/guest/root
say "$name: fetching Debian packages"
mmdebstrap --quiet --variant=extract --architectures="$arch" --components=main,contrib --keyring="$KEYRING" \
  --include=base-files,coreutils,libc-bin,virtualbox,virtualbox-source \
  --aptopt='Acquire::Check-Valid-Until "false"' "$SUITE" "$root" "$mirror" >&2
[ -x "$root/usr/lib/virtualbox/VBoxManage" ] || die "the package virtualbox holds no VBoxManage"

# What the module's sources and the windows want, two thirds of it all.
lib=$root/usr/lib/x86_64-linux-gnu
rm -rf "$root"/usr/{include,libexec,src} "$root"/usr/share/{doc,groff,info,locale,man,perl} \
  "$root"/usr/lib/{file,gcc,systemd} "$root"/usr/lib/python3* "$root"/var/{cache,lib/apt} \
  "$lib"/{perl,systemd} "$lib"/lib{LLVM,gallium,z3}* "$lib"/*.a

publish
