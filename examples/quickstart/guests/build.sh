#!/bin/bash
# Builds the two guests of the quickstart: small 32-bit Linux systems, of Debian 11 and Debian 12, each a kernel and an
# initramfs with busybox. Needs apt and cpio, no root, and seconds.
#
#   build.sh
#
# Leaves linux-5.10/ and linux-6.1/ beside itself (links into the cache), each with vmlinuz and initrd, and bios/ with the
# BIOS of the PC that they run on. What is built is kept in $XDG_CACHE_HOME/vmtest/guests under a hash of this recipe.
#
# On other systems than Debian and Ubuntu: run this script in a Debian container with this folder mounted and copy the
# results here, or let `kernel`, `initrd` and `append` in ../matrix.yml point at any 32-bit Linux with a shell on ttyS0.
set -euo pipefail
umask 022
export LC_ALL=C

cd "$(dirname "$0")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vmtest/guests
keyring=${VMTEST_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
hash=$({ cat build.sh; echo "${VMTEST_DEBIAN_MIRROR:-}"; } | sha256sum | cut -c1-16)
final=$cache/quickstart-$hash

say() { printf 'quickstart: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

link() {
  for name in linux-5.10 linux-6.1 bios; do ln -sfn "$final/$name" "$name"; done
}

if [ -d "$final" ]; then
  say 'the guests are there already'
  link
  exit
fi

for tool in apt-get:apt dpkg-deb:dpkg cpio:cpio flock:util-linux; do
  command -v "${tool%%:*}" >/dev/null || die "needs ${tool%%:*}: apt-get install ${tool##*:}"
done
[ -r "$keyring" ] || die "needs $keyring: apt-get install debian-archive-keyring"

mkdir -p "$cache"
exec 9>"$cache/.quickstart.lock"
flock 9
if [ -d "$final" ]; then link; exit; fi
work=$cache/.quickstart.partial
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
rm -rf "$work"
mkdir -p "$work/out"

# --- packages -----------------------------------------------------------------------------------------

# The Debian mirror of this host, as apt knows it (before its first update too).
find_mirror() { # runs in a subshell, where a source that fails is one that knows nothing
  set +e +o pipefail
  if [ -n "${VMTEST_DEBIAN_MIRROR:-}" ]; then
    echo "$VMTEST_DEBIAN_MIRROR"
    return
  fi
  # shellcheck disable=SC2016 # apt's own variables
  uri=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian Debian //p' | head -n 1)
  [ -n "$uri" ] || uri=$(apt-get update --print-uris 2>/dev/null |
    sed -n "s|^'\(.*/debian\)/dists/.*|\1|p" | head -n 1)
  echo "$uri"
}
mirror=$(find_mirror)
[ -n "$mirror" ] || die 'no Debian mirror is known on this host: set VMTEST_DEBIAN_MIRROR to one'

# fetch SUITE PACKAGE… unpacks i386 packages into $work/SUITE with an apt of its own: no root, nothing of the system's touched.
# A frozen mirror may be past the date of its Release file; signatures are always checked.
fetch() {
  local suite=$1 state=$work/$1.apt
  shift
  mkdir -p "$state/lists/partial" "$state/cache" "$state/debs"
  : >"$state/status"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$state/sources.list"
  apt=(
    -q=2 -o APT::Architecture=i386 -o APT::Architectures=i386
    -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State=$state" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache"
    -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false
  )
  [ "$(id -u)" != 0 ] || apt+=(-o APT::Sandbox::User=root)
  apt-get "${apt[@]}" update >&2 || die "apt could not read $suite from the Debian mirror"
  kernel=$(apt-cache "${apt[@]}" show linux-image-686 | sed -n 's/^Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
  [ -n "$kernel" ] || die "$suite has no linux-image-686"
  (cd "$state/debs" && apt-get "${apt[@]}" download "$kernel" busybox-static "$@" >&2)
  for deb in "$state"/debs/*.deb; do dpkg-deb -x "$deb" "$work/$suite"; done
}

# --- guests -------------------------------------------------------------------------------------------

# modules FROM TO: what the folder shared with the host needs, each after those it needs. Kernels differ in which they have.
modules() {
  mkdir -p "$2"
  for module in virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci 9pnet 9pnet_virtio netfs fscache 9p; do
    file=$(find "$1" -name "$module.ko*" | head -n 1)
    case $file in
      '') continue ;;
      *.xz) xz -dc "$file" >"$2/$module.ko" ;;
      *) cp "$file" "$2/$module.ko" ;;
    esac
    echo "$module.ko"
  done >"$2/order"
}

# guest NAME SUITE: a root file system that is nothing but busybox, with a shell on the serial console.
guest() {
  local root=$work/$1.root out=$work/out/$1
  mkdir -p "$out" "$root"/{bin,dev,etc,proc,root,sys,tmp}
  cp "$work/$2/bin/busybox" "$root/bin/busybox"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo "PRETTY_NAME=\"busybox on the kernel of Debian $2\"" >"$root/etc/os-release"
  modules "$work/$2/lib/modules" "$root/lib/modules"
  cat >"$root/init" <<'SH'
#!/bin/busybox sh
/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
while read -r module; do insmod "/lib/modules/$module"; done </lib/modules/order 2>/dev/null
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin
printf '::respawn:/bin/cttyhack /bin/sh -l\n::ctrlaltdel:/sbin/reboot\n' >/etc/inittab
exec /sbin/init
SH
  chmod 755 "$root/init"
  (cd "$root" && find . -mindepth 1 | sort | cpio -o -H newc -R 0:0 --quiet) | gzip -n9 >"$out/initrd"
  cp "$work/$2"/boot/vmlinuz-* "$out/vmlinuz"
}

say 'fetching packages of Debian 11 and 12 (about 100 MB)'
fetch bullseye
fetch bookworm seabios
say 'building'
guest linux-5.10 bullseye
guest linux-6.1 bookworm
mkdir "$work/out/bios"
cp "$work/bookworm/usr/share/seabios/bios.bin" "$work/bookworm/usr/share/seabios/vgabios-stdvga.bin" "$work/out/bios/"

mv -T "$work/out" "$final"
link
say "done in ${SECONDS} s"
