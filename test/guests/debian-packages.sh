# shellcheck shell=bash
# What the recipes of the tests' guests have in common: a folder that is built once, and Debian packages of
# any architecture to build it from. To be sourced by a recipe that has set -euo pipefail, and $arch to
# Debian's name for it.
#
#   start_build NAME OUTDIR TOOL:PACKAGE...   sets $out, $name, $final and $work, an empty folder with
#                                             pkg, root and guest in it; exits if the guest is there
#   set_up_apt                                sets ${apt[@]}, the options of an apt that reads $SUITE
#   kernel_of METAPACKAGE                     prints the package that holds its newest kernel
#   fetch PACKAGE...                          unpacks them into $work/pkg; their versions are in guest/packages.txt
#   publish                                   makes $work/guest the folder that was wanted, and prints it
#
# The folder is named after a hash of the recipe, this file, the architecture and the mirror asked for.
umask 022
: "${arch:?}"
export LC_ALL=C TZ=UTC

SUITE=bookworm
KEYRING=${VMTEST_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
PRELUDE=${BASH_SOURCE[0]}

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }
die() { say "$*"; exit 1; }

# --- a folder that is built once ----------------------------------------------------------------------

start_build() {
  name=$1 out=$2
  shift 2
  mkdir -p "$out"
  out=$(cd "$out" && pwd)
  hash=$({ cat "$0" "$PRELUDE"; echo "$arch ${VMTEST_DEBIAN_MIRROR:-}"; } | sha256sum | cut -c1-16)
  final=$out/$name-$hash
  work=$out/.$name.partial
  if [ -d "$final" ]; then
    say "$name: the recipe has not changed, nothing to build"
    link_and_print
    exit
  fi
  need apt-get:apt dpkg-deb:dpkg flock:util-linux "$@"
  [ -r "$KEYRING" ] || die "needs $KEYRING (package debian-archive-keyring): run scripts/setup.sh"

  # One build at a time. Whatever lies in $work once the lock is ours was left by a build that died.
  exec 9>"$out/.$name.lock"
  flock -n 9 || { say "$name: another build is running, waiting for it"; flock 9; }
  if [ -d "$final" ]; then
    say "$name: built meanwhile"
    link_and_print
    exit
  fi
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM HUP
  rm -rf "$work"
  mkdir -p "$work"/{lists/partial,cache,debs,pkg,root,guest}
}

need() {
  local tool
  for tool; do
    command -v "${tool%%:*}" >/dev/null || die "needs ${tool%%:*} (package ${tool##*:}): run scripts/setup.sh"
  done
}

link_and_print() {
  ln -sfn "$name-$hash" "$out/.$name.$$"
  mv -T "$out/.$name.$$" "$out/$name"
  echo "$final"
}

publish() {
  mv -T "$work/guest" "$final"
  say "$name: done in ${SECONDS} s"
  link_and_print
}

# --- packages -----------------------------------------------------------------------------------------

# The Debian mirror of this host, as apt knows it (before its first update too).
find_mirror() { # runs in a subshell, where a source that fails is one that knows nothing
  set +e +o pipefail
  if [ -n "${VMTEST_DEBIAN_MIRROR:-}" ]; then
    echo "$VMTEST_DEBIAN_MIRROR"
    return
  fi
  local uri
  # shellcheck disable=SC2016 # apt's own variables
  uri=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian Debian //p' | head -n 1)
  [ -n "$uri" ] || uri=$(apt-get update --print-uris 2>/dev/null |
    sed -n "s|^'\(.*/debian\)/dists/.*|\1|p" | head -n 1)
  # On other systems than Debian: the default of mmdebstrap, which it writes down before it does anything.
  # shellcheck disable=SC2016 # $1 is of the hook
  [ -n "$uri" ] || uri=$(mmdebstrap --quiet --variant=custom --setup-hook='cat "$1"/etc/apt/sources.list; exit 1' \
    "$SUITE" /dev/null 2>&1 | sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | head -n 1)
  echo "$uri"
}

# An apt of its own: other architecture, other lists, no installed packages, nothing of the system's touched.
# A frozen mirror may be past the date of its Release file; signatures are always checked.
set_up_apt() {
  local mirror
  mirror=$(find_mirror)
  [ -n "$mirror" ] || die "no Debian mirror is known on this host: set VMTEST_DEBIAN_MIRROR to one"
  echo "deb [signed-by=$KEYRING] $mirror $SUITE main" >"$work/sources.list"
  touch "$work/status"
  apt=(
    -q=2
    -o "APT::Architecture=$arch" -o "APT::Architectures=$arch"
    -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State=$work" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache"
    -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false
  )
  [ "$(id -u)" != 0 ] || apt+=(-o APT::Sandbox::User=root)
  say "$name: fetching Debian packages"
  apt-get "${apt[@]}" update >&2 || die "apt could not read $SUITE from the Debian mirror"
}

kernel_of() {
  local kernel
  kernel=$(apt-cache "${apt[@]}" show "$1" | sed -n 's/^Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
  [ -n "$kernel" ] || die "$SUITE has no $1"
  echo "$kernel"
}

fetch() (
  cd "$work/debs" || exit
  apt-get "${apt[@]}" download "$@" >&2
  for deb in *.deb; do
    dpkg-deb -x "$deb" "$work/pkg"
    # shellcheck disable=SC2016 # dpkg's own variables
    dpkg-deb -W --showformat='${Package} ${Version}\n' "$deb"
  done >"$work/guest/packages.txt"
)

# What busybox's DHCP client runs with what it was told.
write_dhcp_script() {
  cat >"$1" <<'SH'
#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip addr flush dev "$interface"
ip addr add "$ip/${mask:-24}" dev "$interface"
[ -z "$router" ] || ip route add default via "${router%% *}"
: >/etc/resolv.conf
for server in $dns; do echo "nameserver $server" >>/etc/resolv.conf; done
SH
  chmod 755 "$1"
}
