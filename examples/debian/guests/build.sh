#!/bin/bash
# Builds a Debian 12 or 13 guest for QEMU out of Debian packages. No root needed, no image downloaded.
#
#   build.sh 12|13 [OUTDIR]           OUTDIR: ${XDG_CACHE_HOME:-~/.cache}/vmtest/guests
#
# The last line printed is the folder with the guest; all else goes to stderr. The folder is named after
# a hash of this recipe, so nothing is built twice; guests/debian-12 (or -13), next to this file, links to
# it. To get newer packages delete the folder and build again.
#
#   disk.img          the root file system: ext4, raw, sparse, 1 GiB; boot overlays of it, never itself
#   vmlinuz initrd    for qemu -kernel and -initrd, with -append "$(cat cmdline)"
#   id_ed25519(.pub)  key of root and of tester
#   packages.txt      what is installed
#
# In the guest: systemd, sshd, the QEMU guest agent, a login on the serial console, DHCP on every wired
# interface. Root logs in by key only; the user "tester" has the password "tester". Clones have one
# machine-id and one set of ssh host keys, as it suits guests that are thrown away.
#
# VMTEST_DEBIAN_MIRROR chooses the Debian mirror; without it, the one that apt uses on this host is taken,
# and without that the default of mmdebstrap.
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
export PATH=$PATH:/usr/sbin:/sbin

say() { printf 'build: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

case ${1:-} in
  12) suite=bookworm ;;
  13) suite=trixie ;;
  *) die "usage: build.sh 12|13 [OUTDIR]" ;;
esac
name=debian-$1
out=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/vmtest/guests}
here=$(cd "$(dirname "$0")" && pwd)

# --- built already? -----------------------------------------------------------------------------------

mkdir -p "$out"
out=$(cd "$out" && pwd)
hash=$({ cat "$0"; echo "$name ${VMTEST_DEBIAN_MIRROR:-}"; } | sha256sum | cut -c1-16)
final=$out/$name-$hash
work=$out/.$name.partial

finish() {
  if ln -s "$final" "$here/.$name.$$" 2>/dev/null; then
    mv -T "$here/.$name.$$" "$here/$name"
  else
    say "$name: $here is not writable, so there is no link $here/$name"
  fi
  echo "$final"
  exit
}

if [ -d "$final" ]; then
  say "$name: the recipe has not changed, nothing to build"
  finish
fi

# --- what it takes ------------------------------------------------------------------------------------

for tool in mmdebstrap:mmdebstrap fakeroot:fakeroot mkfs.ext4:e2fsprogs ssh-keygen:openssh-client flock:util-linux; do
  command -v "${tool%%:*}" >/dev/null || die "needs ${tool%%:*} (package ${tool##*:}): run scripts/setup.sh"
done
if [ -z "${VMTEST_DEBIAN_KEYRING:-}" ]; then
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r "$keyring" ] || die "needs the package debian-archive-keyring: run scripts/setup.sh"
  compgen -G "/usr/share/keyrings/debian-archive-$suite-*" >/dev/null ||
    die "the installed debian-archive-keyring is older than $suite and lacks its key: upgrade that package, or set VMTEST_DEBIAN_KEYRING to a file with the key"
else
  keyring=$VMTEST_DEBIAN_KEYRING
fi

# Without root, mmdebstrap maps a range of user ids of its own.
mode=${VMTEST_MMDEBSTRAP_MODE:-}
if [ -z "$mode" ]; then
  mode=root
  if [ "$(id -u)" != 0 ]; then
    mode=unshare
    command -v newuidmap >/dev/null || die "needs newuidmap to build without root (package uidmap): run scripts/setup.sh"
    grep -Eqs "^($(id -un)|$(id -u)):" /etc/subuid ||
      die "you have no range of user ids in /etc/subuid; have one added: usermod --add-subuids 200000-265535 --add-subgids 200000-265535 $(id -un)"
  fi
fi

# One build at a time. Whatever lies in $work once the lock is ours was left by a build that died.
exec 9>"$out/.$name.lock"
flock -n 9 || { say "$name: another build is running, waiting for it"; flock 9; }
if [ -d "$final" ]; then
  say "$name: built meanwhile"
  finish
fi
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
rm -rf "$work"
mkdir -p "$work/guest" "$work/files"

# The Debian mirror of this host, as apt knows it (before its first update too).
find_mirror() { # runs in a subshell, where a source that fails is one that knows nothing
  set +e +o pipefail
  if [ -n "${VMTEST_DEBIAN_MIRROR:-}" ]; then
    echo "$VMTEST_DEBIAN_MIRROR"
    return
  fi
  command -v apt-get >/dev/null || return 0
  local uri
  # shellcheck disable=SC2016 # apt's own variables
  uri=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian Debian //p' | head -n 1)
  [ -n "$uri" ] || uri=$(apt-get update --print-uris 2>/dev/null |
    sed -n "s|^'\(.*/debian\)/dists/.*|\1|p" | head -n 1)
  echo "$uri"
}
mirror=$(find_mirror)

# --- the guest's own files ----------------------------------------------------------------------------

ssh-keygen -q -t ed25519 -N '' -C "root of $name" -f "$work/guest/id_ed25519"

put() { # put PATH: a file of the guest, from stdin
  mkdir -p "$work/files$(dirname "$1")"
  cat >"$work/files$1"
}
put /etc/fstab <<'FILE'
/dev/vda / ext4 defaults 0 0
FILE
echo "$name" | put /etc/hostname
put /etc/hosts <<FILE
127.0.0.1 localhost $name
::1 localhost
FILE
put /etc/default/locale <<'FILE'
LANG=C.UTF-8
FILE
# The name server of QEMU's user-mode network.
put /etc/resolv.conf <<'FILE'
nameserver 10.0.2.3
FILE
put /etc/systemd/network/wired.network <<'FILE'
[Match]
Name=en* eth*

[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
FILE
put /etc/ssh/sshd_config.d/vmtest.conf <<'FILE'
PermitRootLogin prohibit-password
PasswordAuthentication yes
UseDNS no
PrintMotd no
PrintLastLog no
FILE
# Without a journal on disk there is less to flush, and logs end with the guest.
put /etc/systemd/journald.conf.d/vmtest.conf <<'FILE'
[Journal]
Storage=volatile
FILE
# The power button, without logind and the D-Bus that it needs.
put /etc/acpi/events/power <<'FILE'
event=button/power.*
action=/bin/systemctl poweroff
FILE
# For guest-shutdown the agent calls "shutdown -h -P +0", and for "+0" Debian 12 asks logind too.
put /usr/local/sbin/shutdown <<'FILE'
#!/bin/sh
for arg; do
  shift
  [ "$arg" != +0 ] || arg=now
  set -- "$@" "$arg"
done
exec /sbin/shutdown.systemd "$@"
FILE
chmod 755 "$work/files/usr/local/sbin/shutdown"
# A very small initrd: it loads these modules, mounts the disk and starts systemd. The last five are
# for devices that a QEMU guest has anyway: like this they are there sooner.
put /etc/tiny-initramfs/tiny-initramfs.conf <<'FILE'
AUTO_MODULES=no
MICROCODE=no
INCLUDE_MODULES=virtio_pci,virtio_blk,ext4,virtio_net,virtio_console,virtio_rng,evdev,button
FILE
# At start udev looks only at devices for which there is something to do; the rest takes it seconds.
put /etc/systemd/system/systemd-udev-trigger.service.d/vmtest.conf <<'FILE'
[Service]
ExecStart=
ExecStart=udevadm trigger --type=devices --action=add --prioritized-subsystem=virtio-ports,net,block \
  --subsystem-nomatch=cpu --subsystem-nomatch=module --subsystem-nomatch=tty --subsystem-nomatch=vc \
  --subsystem-nomatch=mem --subsystem-nomatch=memory --subsystem-nomatch=workqueue --subsystem-nomatch=bdi
ExecStart=udevadm trigger --type=devices --action=add --subsystem-match=tty --sysname-match=ttyS0 --sysname-match=hvc*
FILE
put /root/.ssh/authorized_keys <"$work/guest/id_ed25519.pub"
put /home/tester/.ssh/authorized_keys <"$work/guest/id_ed25519.pub"
chmod 700 "$work/files/root" "$work/files/root/.ssh" "$work/files/home/tester/.ssh"
chmod 600 "$work/files/root/.ssh/authorized_keys" "$work/files/home/tester/.ssh/authorized_keys"
tar -C "$work/files" --owner=0 --group=0 --numeric-owner -cf "$work/files.tar" .

# Units that only cost time in a guest that lives for minutes.
mask=(
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service
  fstrim.timer systemd-tmpfiles-clean.timer
  systemd-logind.service getty@tty1.service getty-static.service systemd-networkd-wait-online.service
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-pstore.service
  systemd-binfmt.service systemd-journal-flush.service systemd-rfkill.socket
  dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount
  sys-kernel-config.mount sys-fs-fuse-connections.mount
  modprobe@configfs.service modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service
  modprobe@loop.service modprobe@dm_mod.service kmod-static-nodes.service systemd-modules-load.service
  systemd-sysusers.service systemd-network-generator.service systemd-firstboot.service
  systemd-creds.socket systemd-sysext.socket systemd-hostnamed.socket tmp.mount
  systemd-networkd-persistent-storage.service systemd-udev-load-credentials.service
)

# --- packages -----------------------------------------------------------------------------------------

say "$name: installing Debian packages (a minute or two)"
# A frozen mirror may be past the date of its Release file; signatures are always checked.
# shellcheck disable=SC2054 # the commas are mmdebstrap's
options=(
  --mode="$mode" --variant=apt --architectures=amd64 --keyring="$keyring"
  --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"'
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*'
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*'
  --include=systemd,systemd-sysv,udev,linux-image-cloud-amd64,tiny-initramfs,kmod,cpio,xz-utils
  --include=openssh-server,qemu-guest-agent,acpid,passwd,login,procps,util-linux-extra
)
for setting in Acquire::http::Proxy Acquire::https::Proxy; do
  if command -v apt-config >/dev/null && proxy=$(apt-config shell value "$setting" | sed -n "s/^value='\(.*\)'$/\1/p") && [ -n "$proxy" ]; then
    options+=(--aptopt="$setting \"$proxy\"")
  fi
done
source_args=()
[ -z "$mirror" ] || source_args=("$mirror")
# shellcheck disable=SC2016 # $1 is the root folder, filled in by mmdebstrap
mmdebstrap --quiet "${options[@]}" \
  --essential-hook="tar-in $work/files.tar /" \
  --customize-hook="tar-in $work/files.tar /" \
  --customize-hook='chroot "$1" useradd --shell /bin/bash --home-dir /home/tester tester' \
  --customize-hook='cp -a "$1"/etc/skel/. "$1"/home/tester/ && chroot "$1" chown -R tester:tester /home/tester' \
  --customize-hook='echo tester:tester | chroot "$1" chpasswd' \
  --customize-hook='chroot "$1" passwd -q -d root && chroot "$1" usermod -p "*" root' \
  --customize-hook='chroot "$1" systemctl -q enable systemd-networkd.service ssh.service acpid.service qemu-guest-agent.service' \
  --customize-hook='chroot "$1" systemctl -q set-default multi-user.target' \
  --customize-hook="chroot \"\$1\" systemctl -q mask ${mask[*]}" \
  --customize-hook="echo $(echo "$hash" | sha256sum | cut -c1-32) >\"\$1/etc/machine-id\"" \
  --customize-hook='mkdir -p "$1"/etc/systemd/system-generators && ln -s /dev/null "$1"/etc/systemd/system-generators/systemd-ssh-generator' \
  --customize-hook='chroot "$1" dpkg-divert --quiet --local --rename --divert /sbin/shutdown.systemd --add /sbin/shutdown' \
  --customize-hook='mv "$1"/usr/local/sbin/shutdown "$1"/sbin/shutdown' \
  --customize-hook='rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/var/lib/dbus/machine-id' \
  --customize-hook='chroot "$1" dpkg-query -W >"$1/packages.txt"' \
  "$suite" "$work/root.tar" "${source_args[@]}" >&2 ||
  die "mmdebstrap failed, see above. Without root it wants user namespaces; where they are shut off, run this as root"

# --- the disk -----------------------------------------------------------------------------------------

say "$name: making the disk"
mkdir "$work/root"
truncate -s 1G "$work/guest/disk.img"
# In fakeroot's pretence the files unpack with the owners that they have in the guest, and so mkfs sees
# them. Devices come from the kernel. Nothing is left for the guest to initialise at first boot.
# shellcheck disable=SC2016 # $1 is of the inner shell
fakeroot bash -euc '
  tar -C "$1/root" --numeric-owner --exclude="./dev/*" -xf "$1/root.tar"
  cp -L "$1/root/vmlinuz" "$1/root/initrd.img" "$1/root/packages.txt" "$1/guest/"
  touch "$1/root/etc/.updated" "$1/root/var/.updated" # nothing for systemd to update at first boot
  rm -rf "$1/root/packages.txt" "$1"/root/boot/initrd.img-*
  mkfs.ext4 -q -F -L root -m 0 -E lazy_itable_init=0,lazy_journal_init=0 -J size=8 -d "$1/root" "$1/guest/disk.img"
' bash "$work" >&2
mv "$work/guest/initrd.img" "$work/guest/initrd"
fallocate -d "$work/guest/disk.img" 2>/dev/null || true

# --- publish ------------------------------------------------------------------------------------------

# TERM keeps systemd from asking the console for its size. clearcpuid: QEMU 7.2, emulating a processor, leaves
# wrong flags behind the instruction cmpxchg16b, and without it Debian 13 panics in one boot of ten.
echo 'root=/dev/vda rw console=ttyS0 quiet TERM=dumb clearcpuid=cx16' >"$work/guest/cmdline"
chmod 444 "$work/guest/disk.img"
chmod 644 "$work/guest/vmlinuz" "$work/guest/initrd" "$work/guest/packages.txt"
chmod 600 "$work/guest/id_ed25519"
mv -T "$work/guest" "$final"
say "$name: done in $SECONDS s"
finish
