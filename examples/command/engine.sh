#!/bin/sh
# An engine for vmtest: QEMU, started directly. vmtest runs this script for every verb, with the verb as its argument and
# what it has to know in VMTEST_ variables; the answer is one JSON object on stdout. See docs/engines/command.md.
# Needs Linux, where every machine gets a loopback address of its own, QEMU and pgrep.
set -eu

die() { echo "$*" >&2; exit 1; }

disk=${VMTEST_FOLDER:-}/disk.qcow2
monitor=${VMTEST_FOLDER:-}/monitor
accel=${VMTEST_WITH_ACCEL:-tcg}

# The machine's process, known by its name: so it is found even if this script was killed right after it had started it.
process() { pgrep -f -- "-name $VMTEST_MACHINE " || true; }

# A loopback address that no other machine has.
address() {
  n=$(printf %s "$VMTEST_LEASE" | cksum | cut -d ' ' -f 1)
  echo "127.$((n / 65536 % 254 + 1)).$((n / 256 % 256)).$((n % 254 + 1))"
}

# How is this target? Asked before anything starts, and again for every cell.
probe() {
  for file in "$VMTEST_WITH_KERNEL" "$VMTEST_WITH_INITRD" "$VMTEST_WITH_DISK"; do
    [ -r "$file" ] || die "$file cannot be read: build the guest first"
  done
  version=$(qemu-system-x86_64 -version | sed -n 's/.*version \([0-9.]*\).*/\1/p')
  slowdown=1
  [ "$accel" = kvm ] || slowdown=5
  cat <<JSON
{
  "verbs": ["address", "status", "stop", "screenshot"],
  "slowdown": $slowdown,
  "cleanState": "disk overlay, cold boot",
  "notes": ["QEMU $version, $accel"]
}
JSON
}

# A machine of its own in the clean state, not running yet.
restore() {
  case $VMTEST_WITH_DISK in
    *.qcow2) format=qcow2 ;;
    *) format=raw ;;
  esac
  qemu-img create -q -f qcow2 -F "$format" -b "$(realpath "$VMTEST_WITH_DISK")" "$disk"
  mkfifo "$monitor.in" "$monitor.out"
}

# Answers nothing, which is an answer: it runs. (-daemonize: a verb must end, and the machine must not.)
start() {
  qemu-system-x86_64 -name "$VMTEST_MACHINE" -daemonize -pidfile "$VMTEST_FOLDER/pid" \
    -machine "accel=$accel" -cpu max -smp "$VMTEST_CPUS" -m "$((VMTEST_MEMORY / 1048576))" \
    -kernel "$VMTEST_WITH_KERNEL" -initrd "$VMTEST_WITH_INITRD" -append "$VMTEST_WITH_APPEND" \
    -drive "file=$disk,format=qcow2,if=virtio" -nic "user,model=virtio,hostfwd=tcp:$(address):2222-:22" \
    -display none -serial "file:$VMTEST_CONSOLE_LOG" \
    -chardev "pipe,id=monitor,path=$monitor" -mon chardev=monitor
}

# Where its SSH server is. Had it to be found out, `{}` would mean: not known yet, ask again.
ssh_address() { printf '{ "host": "%s", "port": 2222 }\n' "$(address)"; }

status() {
  if [ -n "$(process)" ]; then echo '{ "state": "running" }'
  elif [ -e "$disk" ]; then echo '{ "state": "stopped", "reason": "QEMU has ended" }'
  else echo '{ "state": "absent" }'; fi
}

# Its power button, as long as there is time for that.
stop() {
  left=$((VMTEST_GRACE_MS / 100))
  [ "$left" = 0 ] || [ -z "$(process)" ] || echo system_powerdown >"$monitor.in"
  while [ "$left" -gt 0 ] && [ -n "$(process)" ]; do sleep 0.1; left=$((left - 1)); done
  kill_it
}

kill_it() {
  while pid=$(process) && [ -n "$pid" ]; do
    # shellcheck disable=SC2086 # one word a process
    kill -KILL $pid 2>/dev/null || true
    sleep 0.05
  done
}

# QEMU writes it in its own time; the last part of a PNG is called IEND.
screenshot() {
  [ -n "$(process)" ] || die "it does not run"
  echo "screendump \"$VMTEST_PATH\" -f png" >"$monitor.in"
  until tail -c 8 "$VMTEST_PATH" 2>/dev/null | grep -q IEND; do sleep 0.1; done
}

# Everything is gone, whatever there was: also half a machine, also nothing.
release() {
  kill_it
  rm -f "$disk" "$monitor.in" "$monitor.out" "$VMTEST_FOLDER/pid"
}

case $1 in
  address) ssh_address ;;
  probe | restore | start | status | stop | screenshot | release) "$1" ;;
  *) die "there is no verb $1" ;;
esac
