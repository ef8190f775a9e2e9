#!/bin/bash
# Builds the tiny guest that the tests boot: a Debian kernel, and an initramfs with busybox, dropbear
# and the QEMU guest agent. It needs no root, builds in seconds, and is up in seconds even where the
# processor is emulated.
#
#   build-tiny.sh [amd64|arm64] [OUTDIR]
#
# The last line printed is the folder with the guest; all else goes to stderr. The folder is named after
# a hash of its recipe, so nothing is built twice, and OUTDIR/tiny-ARCH links to the newest.
#
#   vmlinuz initrd   for qemu -kernel and -initrd, with -append "$(cat cmdline)"; 128M of memory do
#   boot.img         the same two on a raw FAT disk that starts by itself: BIOS (amd64) and UEFI
#   id_ed25519(.pub) key of root; the password of root is "tiny"
#
# The guest takes 10.0.2.15/24 (QEMU's user-mode network), prints "tiny: ready" on the console when its
# services are up, and leaves a root shell there. On the kernel command line it knows
#
#   tiny.delay=N     waits N seconds before it starts anything
#   tiny.panic=1     panics instead of starting anything
#   tiny.sshd=0      no ssh          tiny.agent=0   no guest agent
#   tiny.login=1     asks for a login on the console instead of giving a shell
#   tiny.dhcp=1      asks a DHCP server for its address, for 5 s at first, then in the background
#
# VMTEST_DEBIAN_MIRROR chooses the Debian mirror; without it, the one that apt uses on this host is taken,
# and without that the default of mmdebstrap.
set -euo pipefail

arch=${1:-amd64}
# shellcheck source=test/guests/debian-packages.sh
. "$(dirname "$0")/debian-packages.sh"

tools=(cpio:cpio ssh-keygen:openssh-client mformat:mtools)
case $arch in
  # clearcpuid: QEMU 7.2, emulating a processor, leaves wrong flags behind the instruction cmpxchg16b, which
  # Linux uses to allocate memory. Debian 13 panics from it in one boot of ten.
  amd64) libdir=x86_64-linux-gnu efi=x64 args='console=ttyS0 quiet clearcpuid=cx16' tools+=(syslinux:syslinux) ;;
  arm64) libdir=aarch64-linux-gnu efi=aa64 args='console=ttyAMA0 quiet' ;;
  *) die "unknown architecture '$arch'; it builds amd64 and arm64" ;;
esac

start_build "tiny-$arch" "${2:-${XDG_CACHE_HOME:-$HOME/.cache}/vmtest/guests}" "${tools[@]}"
set_up_apt
kernel=$(kernel_of "linux-image-cloud-$arch")
fetch "$kernel" systemd-boot-efi busybox-static \
  qemu-guest-agent libglib2.0-0 libpcre2-8-0 libnuma1 libudev1 liburing2 \
  dropbear-bin libtomcrypt1 libtommath1 libgmp10 libcrypt1 zlib1g libc6 libgcc-s1

# --- the root file system -----------------------------------------------------------------------------

say "$name: building"
pkg=$work/pkg root=$work/root
release=${kernel#linux-image-}
mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,mnt,etc/dropbear,var/log,var/run,lib/modules,usr/bin,usr/sbin}
mkdir -m 1777 "$root/tmp"
mkdir -m 700 "$root/root" "$root/root/.ssh"

cp "$pkg/bin/busybox" "$root/bin/busybox"
cp "$pkg/usr/sbin/dropbear" "$pkg/usr/sbin/qemu-ga" "$root/usr/sbin/"

# The libraries of those two, and the loader at the path their headers name.
mkdir -p "$root/lib/$libdir"
cp -a "$pkg/lib/$libdir"/ld-linux-* "$root/lib/$libdir/"
for lib in libc libm libcrypt libgcc_s libz libglib-2.0 libgmodule-2.0 libpcre2-8 libnuma \
  libudev liburing libtomcrypt libtommath libgmp; do
  found=
  for file in "$pkg/lib/$libdir/$lib".so.* "$pkg/usr/lib/$libdir/$lib".so.*; do
    [ -e "$file" ] || continue
    cp -a "$file" "$root/lib/$libdir/"
    found=1
  done
  [ -n "$found" ] || die "the packages hold no $lib for $arch"
done
case $arch in
  amd64) mkdir "$root/lib64" && ln -s "/lib/$libdir/ld-linux-x86-64.so.2" "$root/lib64/" ;;
  arm64) ln -s "$libdir/ld-linux-aarch64.so.1" "$root/lib/" ;;
esac

# Kernel modules, each after those it needs; what a kernel has built in is left out.
modules=(af_packet virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_mmio
  failover net_failover virtio_net virtio_blk virtio_console rng-core virtio-rng
  evdev button pvpanic pvpanic-mmio pvpanic-pci)
for module in "${modules[@]}"; do
  file=$(find "$pkg/lib/modules/$release" -name "$module.ko*" | head -n 1)
  case $file in
    '')
      case $module in virtio_pci | virtio_net | virtio_blk | virtio_console)
        grep -q "/$module.ko" "$pkg/lib/modules/$release/modules.builtin" || die "$kernel has no $module" ;;
      esac
      continue
      ;;
    *.xz) xz -dc "$file" >"$root/lib/modules/$module.ko" ;;
    *) cp "$file" "$root/lib/modules/" ;;
  esac
  echo "$module"
done >"$work/order"
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
echo 'nameserver 10.0.2.3' >"$root/etc/resolv.conf"
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

# The host key. Dropbear keeps an ed25519 key as two fields which OpenSSH's file has too, always at the
# same offsets: the type's name (15 bytes at 106) and the private key (68 bytes at 157). So no program of
# the guest's architecture has to run here.
ssh-keygen -q -t ed25519 -N '' -C tiny -f "$work/host_key"
sed '/-----/d' "$work/host_key" | base64 -d >"$work/host_key.bin"
{
  tail -c +107 "$work/host_key.bin" | head -c 15
  tail -c +158 "$work/host_key.bin" | head -c 68
} >"$root/etc/dropbear/host_ed25519"
chmod 600 "$root/etc/dropbear/host_ed25519"
cp "$work/host_key.pub" "$work/guest/ssh_host_ed25519.pub"

# The guest agent calls this for guest-shutdown, as do people.
cat >"$root/sbin/shutdown" <<'SH'
#!/bin/sh
# shutdown [-h|-P|-H|-r] ...: at once, whatever the time asked for; but in the background, for who asked
# is to see it succeed
how=poweroff
for arg; do
  case $arg in
    -r) how=reboot ;;
    -H) how=halt ;;
  esac
done
setsid sh -c "sleep 0.2; exec $how" </dev/null >/dev/null 2>&1 &
SH

# The power button, pressed by "system_powerdown".
mkdir -p "$root/etc/acpi/PWRF"
printf '#!/bin/sh\nexec poweroff\n' >"$root/etc/acpi/PWRF/00000080"

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

delay=0 panic=0 sshd=1 agent=1 login=0 dhcp=0
for word in $(cat /proc/cmdline); do
  case $word in
    tiny.delay=*) delay=${word#*=} ;;
    tiny.panic=*) panic=${word#*=} ;;
    tiny.sshd=*) sshd=${word#*=} ;;
    tiny.agent=*) agent=${word#*=} ;;
    tiny.login=*) login=${word#*=} ;;
    tiny.dhcp=*) dhcp=${word#*=} ;;
  esac
done

while read -r module; do insmod "/lib/modules/$module.ko" 2>/dev/null; done </lib/modules/order

if [ "$delay" != 0 ]; then
  echo "tiny: waiting for $delay s" >/dev/console
  sleep "$delay"
fi
if [ "$panic" = 1 ]; then
  echo "tiny: panic as asked" >/dev/console
  echo c >/proc/sysrq-trigger
fi

ip link set lo up
for nic in /sys/class/net/e*; do
  [ -e "$nic" ] || continue
  nic=${nic##*/}
  ip link set "$nic" up
  if [ "$dhcp" = 1 ]; then
    udhcpc -i "$nic" -b -t 5 -T 1 -s /sbin/udhcpc.script >/var/log/udhcpc.log 2>&1
  else
    ip addr add 10.0.2.15/24 dev "$nic"
    ip route add default via 10.0.2.2
  fi
  break
done

acpid

if [ "$sshd" = 1 ]; then
  dropbear -r /etc/dropbear/host_ed25519 -E -P /run/dropbear.pid 2>>/var/log/dropbear.log
fi

# The agent's port has no name without udev: look it up. The ports of a virtio-serial device (type 3)
# appear a moment after its driver.
if [ "$agent" = 1 ]; then
  port= tries=40
  while [ -z "$port" ] && [ "$tries" -gt 0 ] && grep -qs 0x0003 /sys/bus/virtio/devices/*/device; do
    for entry in /sys/class/virtio-ports/*; do
      [ "$(cat "$entry/name" 2>/dev/null)" != org.qemu.guest_agent.0 ] || port=/dev/${entry##*/}
    done
    tries=$((tries - 1))
    [ -n "$port" ] || sleep 0.05
  done
  [ -z "$port" ] || qemu-ga -d -m virtio-serial -p "$port" -t /run -f /run/qemu-ga.pid -l /var/log/qemu-ga.log
fi

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
write_dhcp_script "$root/sbin/udhcpc.script"
chmod 755 "$root/init" "$root/sbin/shutdown" "$root/etc/acpi/PWRF/00000080"

# Sorted names, one date and root as owner: the same packages and keys give the same bytes.
find "$root" -exec touch -h -d @1700000000 {} +
(cd "$root" && find . -mindepth 1 | sort | cpio -o -H newc -R 0:0 --reproducible --quiet) | gzip -n9 >"$work/guest/initrd"
cp "$pkg/boot/vmlinuz-$release" "$work/guest/vmlinuz"

# --- the disk that boots by itself --------------------------------------------------------------------

# A FAT file system without partitions. BIOS: syslinux. UEFI: systemd-boot, under the name that firmware
# looks for on any disk.
img=$work/guest/boot.img
append="console=tty0 $args"
kib=$(du -k --apparent-size -c "$work/guest/vmlinuz" "$work/guest/initrd" | sed -n 's/\ttotal//p')
mib=$(((kib / 1024 + 8 + 7) / 8 * 8))
truncate -s "${mib}M" "$img"
export MTOOLS_SKIP_CHECK=1
mformat -i "$img" -T $((mib * 2048)) -h 64 -s 32 -v TINY -N 7E577E57 ::
mmd -i "$img" ::EFI ::EFI/BOOT ::loader ::loader/entries
mcopy -i "$img" "$work/guest/vmlinuz" "$work/guest/initrd" ::
mcopy -i "$img" "$pkg/usr/lib/systemd/boot/efi/systemd-boot$efi.efi" "::EFI/BOOT/BOOT${efi^^}.EFI"
printf 'timeout 0\ndefault tiny.conf\n' | mcopy -i "$img" - ::loader/loader.conf
printf 'title tiny\nlinux /vmlinuz\ninitrd /initrd\noptions %s\n' "$append" | mcopy -i "$img" - ::loader/entries/tiny.conf
if [ "$arch" = amd64 ]; then
  printf 'DEFAULT tiny\nPROMPT 0\nLABEL tiny\n  LINUX /vmlinuz\n  INITRD /initrd\n  APPEND %s\n' "$append" |
    mcopy -i "$img" - ::syslinux.cfg
  syslinux --install "$img" >&2
fi
fallocate -d "$img" 2>/dev/null || true

# --- publish ------------------------------------------------------------------------------------------

echo "$args" >"$work/guest/cmdline"
echo "The tiny guest of vmtest's tests ($arch), built by test/guests/build-tiny.sh" >"$work/guest/README"
chmod 600 "$work/guest/id_ed25519"
publish
