#!/bin/sh
# Installs what vmtest's tests and examples need besides Node and npm packages. Asks nothing, changes
# nothing that is there already, and may be run again at any time.
#
#   scripts/setup.sh [GROUP...]     groups: quickstart qemu v86 guests reports
#                                   shells libvirt virtualbox faults; without any, all but the last
#
# On Debian and its relatives it installs packages (as root, or through sudo). Elsewhere it says what to
# install, and fails only if something is missing.
set -eu

# quickstart: the guests of examples/quickstart.
quickstart='cpio debian-archive-keyring'
# qemu: the engine, for amd64 and arm64 guests, with the firmware of both; procps has the pgrep of examples/command.
qemu='qemu-system-x86 qemu-system-arm qemu-utils seabios ipxe-qemu ovmf qemu-efi-aarch64 openssh-client procps'
# v86: the embedded engine is an npm package; its BIOS is a Debian one.
v86='seabios'
# guests: what builds them, see examples/debian/guests/build.sh, test/guests/build-tiny.sh and build-i386.sh.
# uidmap lets mmdebstrap do without root; syslinux and mtools make the disks that boot by themselves.
guests='mmdebstrap debian-archive-keyring fakeroot mount uidmap e2fsprogs cpio xz-utils openssh-client mtools syslinux'
# reports: xmllint, which checks the JUnit files, and the browser that opens report.html.
reports='libxml2-utils chromium'
# shells: those that completion is tested in besides bash, and one that guests have: busybox.
shells='zsh fish busybox'
# virtualbox: what builds and runs the real VBoxManage that its stand-in is compared with, see
# test/standins/vboxmanage/real/build.sh.
virtualbox='mmdebstrap debian-archive-keyring util-linux'
# libvirt: the engine of that name. It needs no init system: "virtlogd -d" and "libvirtd -d" start it. util-linux and
# openssh-server make another host of a corner of this one; that server is started by tests only. libvirt-l10n and
# locales let a libvirt speak German.
libvirt='libvirt-daemon-system libvirt-clients libvirt-daemon-driver-qemu dnsmasq-base iproute2 openssh-client openssh-server util-linux libvirt-l10n locales'
# faults: what the whole campaign of test/fault/host makes a host ill with. The tests do without.
faults='faketime strace bindfs exfat-fuse exfatprogs'

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

[ $# -gt 0 ] || set -- quickstart qemu v86 guests reports shells libvirt virtualbox
packages=
for group; do
  case $group in
    quickstart) packages="$packages $quickstart" ;;
    qemu) packages="$packages $qemu" ;;
    v86) packages="$packages $v86" ;;
    guests) packages="$packages $guests" ;;
    reports) packages="$packages $reports" ;;
    shells) packages="$packages $shells" ;;
    virtualbox) packages="$packages $virtualbox" ;;
    libvirt) packages="$packages $libvirt" ;;
    faults) packages="$packages $faults" ;;
    *) die "unknown group '$group'; there are: quickstart qemu v86 guests reports shells virtualbox libvirt faults" ;;
  esac
done

# --- systems without apt: say what to do -------------------------------------------------------------

if ! command -v apt-get >/dev/null 2>&1; then
  case $(uname -s) in
    Darwin) how='brew install qemu' ;;
    MINGW* | MSYS* | CYGWIN*)
      how='winget install SoftwareFreedomConservancy.QEMU (and add its folder to PATH); ssh is the optional feature "OpenSSH Client" of Windows' ;;
    *)
      if command -v dnf >/dev/null 2>&1; then
        how='dnf install qemu-system-x86 qemu-system-aarch64 qemu-img edk2-ovmf edk2-aarch64 openssh-clients libxml2 chromium'
      elif command -v pacman >/dev/null 2>&1; then
        how='pacman -S qemu-system-x86 qemu-system-aarch64 qemu-img edk2-ovmf edk2-aarch64 openssh libxml2 chromium'
      elif command -v zypper >/dev/null 2>&1; then
        how='zypper install qemu-x86 qemu-arm qemu-tools qemu-ovmf-x86_64 qemu-uefi-aarch64 openssh-clients libxml2-tools chromium'
      else
        how='install QEMU (system emulation for x86_64 and aarch64, qemu-img, UEFI firmware) and an ssh client'
      fi ;;
  esac
  missing=
  for tool in qemu-system-x86_64 qemu-system-aarch64 qemu-img ssh; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
  done
  say "this is not Debian, so nothing is installed by this script"
  say "the Debian and tiny guests are built with Debian's own tools: build them on Debian or Ubuntu (a container will do), and copy the folder"
  [ -z "$missing" ] || die "missing:$missing. To install: $how"
  say "QEMU and ssh are there, nothing to do"
  exit
fi

# --- Debian -------------------------------------------------------------------------------------------

# There is a BIOS boot loader only where there is a BIOS.
case $(dpkg --print-architecture) in
  amd64 | i386) ;;
  *)
    say "there is no syslinux for this architecture, so boot.img of the tiny amd64 guest cannot be built here"
    packages=$(printf '%s' "$packages" | sed 's/ syslinux//')
    ;;
esac

present='' missing=''
for package in $(printf '%s\n' "$packages" | tr ' ' '\n' | sort -u); do
  # shellcheck disable=SC2016 # dpkg's own variable
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ]; then
    present="$present $package"
  else
    missing="$missing $package"
  fi
done

[ -z "$present" ] || say "there already:$present"
if [ -z "$missing" ]; then
  say "nothing to install"
  exit
fi

as_root=
if [ "$(id -u)" != 0 ]; then
  as_root=sudo
  command -v sudo >/dev/null 2>&1 || die "not root, and there is no sudo. As root: apt-get install --no-install-recommends$missing"
fi

apt() { # apt SUBCOMMAND...: waits for another apt rather than failing
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 "$@"
}

# Package lists are fetched only if apt does not know a package, or if what it knows is no longer there.
known=yes
for package in $missing; do
  apt-cache show "$package" >/dev/null 2>&1 || known=no
done
say "installing:$missing"
if [ "$known" = no ]; then
  say "fetching package lists first"
  apt update
fi
# Nobody asked for a way into this host. This file is how Debian's packages are told not to start their services.
case " $missing " in
  *' openssh-server '*)
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      say "the SSH server is installed without being started"
      # shellcheck disable=SC2016 # its own arguments
      printf '%s\n' '#!/bin/sh' 'case " $* " in *" ssh "* | *" ssh."*) exit 101 ;; esac' | $as_root tee "$policy" >/dev/null
      $as_root chmod 755 "$policy"
      # shellcheck disable=SC2064 # as it is now
      trap "$as_root rm -f $policy" EXIT
    fi
    ;;
esac
# shellcheck disable=SC2086 # a list
if ! apt install --no-install-recommends $missing; then
  [ "$known" = yes ] || die "apt could not install the packages, see above"
  say "trying again with fresh package lists"
  apt update
  apt install --no-install-recommends $missing || die "apt could not install the packages, see above"
fi
case " $missing " in
  *' openssh-server '*)
    if command -v systemctl >/dev/null 2>&1; then $as_root systemctl disable ssh.service ssh.socket >/dev/null 2>&1 || :; fi
    ;;
esac
say "done"
