#!/bin/bash
# Builds the i386 guest that the tests of the embedded engine boot: a Debian kernel for 32-bit PCs, and an
# initramfs with busybox and dropbear. It needs no root and builds in seconds.
#
#   build-i386.sh [OUTDIR]
#
# The last line printed is the folder with the guest; all else goes to stderr. The folder is named after
# a hash of its recipe, so nothing is built twice, and OUTDIR/tiny-i386 links to the newest.
#
#   vmlinuz initrd   to be booted with the command line "$(cat cmdline)"; 96M of memory do
#   boot.img         the same two on a raw FAT disk that starts by itself (BIOS)
#   id_ed25519(.pub) key of root; the password of root is "tiny"
#
# The guest asks for its address by DHCP when it has a network card, prints "tiny: ready" on the serial
# console when its services are up, and leaves a root shell there. On the kernel command line it knows
#
#   tiny.panic=1     panics instead of starting anything
#   tiny.login=1     asks for a login on the console instead of giving a shell
#
# VMTEST_DEBIAN_MIRROR chooses the Debian mirror; without it, the one that apt uses on this host is taken,
# and without that the default of mmdebstrap.
set -euo pipefail

arch=i386
# shellcheck source=test/guests/debian-packages.sh
. "$(dirname "$0")/debian-packages.sh"

start_build "tiny-$arch" "${1:-${XDG_CACHE_HOME:-$HOME/.cache}/vmtest/guests}" \
  cpio:cpio ssh-keygen:openssh-client mformat:mtools syslinux:syslinux
set_up_apt
# The kernel without PAE: that extension costs an emulated processor time, and 4G are out of reach anyway.
kernel=$(kernel_of linux-image-686)
fetch "$kernel" busybox-static dropbear-bin libtomcrypt1 libtommath1 libgmp10 libcrypt1 zlib1g libc6

# --- the root file system -----------------------------------------------------------------------------

say "$name: building"
pkg=$work/pkg root=$work/root libdir=i386-linux-gnu
release=${kernel#linux-image-}
mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,mnt,etc/dropbear,var/log,var/run,lib/modules,usr/bin,usr/sbin}
mkdir -m 1777 "$root/tmp"
mkdir -m 700 "$root/root" "$root/root/.ssh"

cp "$pkg/bin/busybox" "$root/bin/busybox"
cp "$pkg/usr/sbin/dropbear" "$root/usr/sbin/"

# The libraries of dropbear, and the loader at the path its header names.
mkdir -p "$root/lib/$libdir"
cp -aL "$pkg/lib/$libdir/ld-linux.so.2" "$root/lib/"
for lib in libc libcrypt libz libtomcrypt libtommath libgmp; do
  found=
  for file in "$pkg/lib/$libdir/$lib".so.* "$pkg/usr/lib/$libdir/$lib".so.*; do
    [ -e "$file" ] || continue
    cp -a "$file" "$root/lib/$libdir/"
    found=1
  done
  [ -n "$found" ] || die "the packages hold no $lib for $arch"
done

# Kernel modules, each after those it needs: the disk and the CD drive, the network card, the folder shared with the host.
modules=(scsi_common scsi_mod libata ata_piix crct10dif_common crc-t10dif crc64 crc64-rocksoft t10-pi sd_mod
  cdrom sr_mod 8390 ne2k-pci
  virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci 9pnet 9pnet_virtio netfs fscache 9p)
for module in "${modules[@]}"; do
  file=$(find "$pkg/lib/modules/$release" -name "$module.ko*" | head -n 1)
  case $file in
    '') continue ;; # built in, or not of this version
    *.xz) xz -dc "$file" >"$root/lib/modules/$module.ko" ;;
    *) cp "$file" "$root/lib/modules/" ;;
  esac
  echo "$module"
done >"$work/order"
for module in ata_piix sd_mod ne2k-pci 9pnet_virtio 9p; do
  grep -qx "$module" "$work/order" || die "$kernel has no $module"
done
cp "$work/order" "$root/lib/modules/order"

# Users. Dropbear lets in only those whose shell is in /etc/shells. The password is "tiny".
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
# shellcheck disable=SC2016 # the hash has dollar signs in it
echo 'root:$5$vmtest$qEW6yfS/xwLdCj8G29nltgMaMxKfk0trpYAY4KXaJ87:20000:0:99999:7:::' >"$root/etc/shadow"
chmod 600 "$root/etc/shadow"
echo 'root:x:0:' >"$root/etc/group"
echo /bin/sh >"$root/etc/shells"
echo tiny >"$root/etc/hostname"
echo '127.0.0.1 localhost tiny' >"$root/etc/hosts"
echo 'passwd: files' >"$root/etc/nsswitch.conf"
ln -s /proc/mounts "$root/etc/mtab"
cat >"$root/etc/os-release" <<OS
NAME="vmtest tiny guest"
ID=tiny
ID_LIKE=debian
VERSION_ID=1
PRETTY_NAME="vmtest tiny guest (Debian $SUITE, $arch)"
OS

ssh-keygen -q -t ed25519 -N '' -C 'root of the tiny guest' -f "$work/guest/id_ed25519"
cp "$work/guest/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
chmod 600 "$root/root/.ssh/authorized_keys"

# The host key, from OpenSSH's format into dropbear's; build-tiny.sh tells how.
ssh-keygen -q -t ed25519 -N '' -C tiny -f "$work/host_key"
sed '/-----/d' "$work/host_key" | base64 -d >"$work/host_key.bin"
{
  tail -c +107 "$work/host_key.bin" | head -c 15
  tail -c +158 "$work/host_key.bin" | head -c 68
} >"$root/etc/dropbear/host_ed25519"
chmod 600 "$root/etc/dropbear/host_ed25519"
cp "$work/host_key.pub" "$work/guest/ssh_host_ed25519.pub"

write_dhcp_script "$root/sbin/udhcpc.script"

cat >"$root/init" <<'SH'
#!/bin/busybox sh
/bin/busybox --install -s
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=vt100
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=0,mode=620,ptmxmode=666 pts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
hostname tiny

panic=0 login=0
for word in $(cat /proc/cmdline); do
  case $word in
    tiny.panic=*) panic=${word#*=} ;;
    tiny.login=*) login=${word#*=} ;;
  esac
done

while read -r module; do insmod "/lib/modules/$module.ko"; done </lib/modules/order

if [ "$panic" = 1 ]; then
  echo "tiny: panic as asked" >/dev/console
  echo c >/proc/sysrq-trigger
fi

ip link set lo up
for nic in /sys/class/net/e*; do
  [ -e "$nic" ] || continue
  nic=${nic##*/}
  ip link set "$nic" up
  udhcpc -i "$nic" -q -n -t 5 -T 1 -s /sbin/udhcpc.script >/var/log/udhcpc.log 2>&1
  dropbear -r /etc/dropbear/host_ed25519 -E -P /run/dropbear.pid 2>>/var/log/dropbear.log
  break
done

{
  if [ "$login" = 1 ]; then
    echo '::respawn:/sbin/getty 0 console vt100'
  else
    echo '::respawn:/bin/cttyhack /bin/sh -l'
  fi
  echo '::ctrlaltdel:/sbin/reboot'
} >/etc/inittab
echo "tiny: ready" >/dev/console
echo "tiny: ready" 2>/dev/null >/dev/tty1 # for screenshots
exec /sbin/init
SH
chmod 755 "$root/init"

# Sorted names, one date and root as owner: the same packages and keys give the same bytes.
find "$root" -exec touch -h -d @1700000000 {} +
(cd "$root" && find . -mindepth 1 | sort | cpio -o -H newc -R 0:0 --reproducible --quiet) | gzip -n9 >"$work/guest/initrd"
cp "$pkg/boot/vmlinuz-$release" "$work/guest/vmlinuz"

# --- the disk that boots by itself --------------------------------------------------------------------

# A FAT file system without partitions, started by syslinux.
args='console=ttyS0 quiet'
img=$work/guest/boot.img
kib=$(du -k --apparent-size -c "$work/guest/vmlinuz" "$work/guest/initrd" | sed -n 's/\ttotal//p')
mib=$(((kib / 1024 + 8 + 7) / 8 * 8))
truncate -s "${mib}M" "$img"
export MTOOLS_SKIP_CHECK=1
mformat -i "$img" -T $((mib * 2048)) -h 64 -s 32 -v TINY -N 7E577E57 ::
mcopy -i "$img" "$work/guest/vmlinuz" "$work/guest/initrd" ::
printf 'DEFAULT tiny\nPROMPT 0\nLABEL tiny\n  LINUX /vmlinuz\n  INITRD /initrd\n  APPEND %s\n' "$args" |
  mcopy -i "$img" - ::syslinux.cfg
syslinux --install "$img" >&2
fallocate -d "$img" 2>/dev/null || true

# --- publish ------------------------------------------------------------------------------------------

echo "$args" >"$work/guest/cmdline"
echo "The i386 guest of vmtest's tests, built by test/guests/build-i386.sh" >"$work/guest/README"
chmod 600 "$work/guest/id_ed25519"
publish
