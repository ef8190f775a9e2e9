#!/bin/sh
# A small test suite that runs inside a guest: is this the clean Debian it is meant to be? Writes
# reports/junit.xml under the current folder, and exits with 1 if a test failed. Any POSIX shell does,
# that of busybox too.
#
#   VMTEST_TARGET      the target's name, set by vmtest: "debian-12" means that Debian 12 is expected
#   VMTEST_HOST_TIME   the host's time in seconds since 1970, to compare the clock with
#   FAIL_ON_PURPOSE    if not empty, one more test, which fails
set -u

# --- the tests: each prints why, and returns 0 (passed), 77 (skipped) or anything else (failed) --------

skip() { echo "$*"; exit 77; }
fail() { echo "$*"; exit 1; }

is_the_expected_release() {
  case ${VMTEST_TARGET:-} in
    debian-[0-9]*) expected=${VMTEST_TARGET#debian-} expected=${expected%%[!0-9]*} ;;
    *) skip "the target is not called debian-<version>" ;;
  esac
  # shellcheck source=/dev/null
  . /etc/os-release
  [ "$ID $VERSION_ID" = "debian $expected" ] || fail "expected Debian $expected, this is ${PRETTY_NAME:-$ID $VERSION_ID}"
}

is_a_clean_machine() {
  # Whoever runs this suite leaves a mark, so it fails where a machine is used for the second time.
  mark=/var/tmp/vmtest-example-ran
  [ ! -e "$mark" ] || fail "this machine has run the suite before, on $(cat "$mark")"
  mkdir -p /var/tmp && date >"$mark"
}

uptime_is_readable() {
  read -r up _ </proc/uptime || fail "/proc/uptime cannot be read"
  [ "${up%.*}" -ge 0 ] || fail "/proc/uptime says '$up'"
}

clock_agrees_with_the_host() {
  [ -n "${VMTEST_HOST_TIME:-}" ] || skip "VMTEST_HOST_TIME is not set"
  off=$(($(date +%s) - ${VMTEST_HOST_TIME%.*}))
  [ "${off#-}" -le 60 ] || fail "the clock is $off s off the host's"
}

locale_has_utf8() {
  command -v locale >/dev/null || skip "there is no locale command"
  locale -a | grep -qi '^C\.utf-\{0,1\}8$' || fail "no C.UTF-8 among: $(locale -a | tr '\n' ' ')"
}

umask_keeps_others_from_writing() {
  : >"$scratch/umask"
  # shellcheck disable=SC2012 # the mode is wanted, and stat is not everywhere
  mode=$(ls -l "$scratch/umask" | cut -c1-10)
  case $mode in
    -rw-??-?-?) ;;
    *) fail "a new file has the mode $mode" ;;
  esac
}

tmp_is_writable() {
  file=$(mktemp /tmp/vmtest.XXXXXX) || fail "no file can be made in /tmp"
  dd if=/dev/urandom of="$file" bs=1024 count=1024 2>/dev/null
  cp "$file" "$file.copy"
  cmp "$file" "$file.copy"
  same=$?
  rm -f "$file" "$file.copy"
  return "$same"
}

there_is_room_on_the_disk() {
  free=$(df -Pk "$scratch" | awk 'NR == 2 { print $4 }')
  [ "${free:-0}" -ge 51200 ] || fail "only ${free:-?} KiB are free in $scratch"
}

no_unit_has_failed() {
  [ -d /run/systemd/system ] || skip "systemd does not run here"
  [ "$(id -u)" = 0 ] || skip "only root may ask systemd here"
  failed=$(systemctl --failed --no-legend --plain) || fail "systemctl: $failed"
  [ -z "$failed" ] || fail "$failed"
}

upgrade_keeps_settings() {
  skip "needs a snapshot of the release before"
}

fails_on_purpose() {
  fail "FAIL_ON_PURPOSE is \"$FAIL_ON_PURPOSE\", as you wished"
}

# --- running and reporting ----------------------------------------------------------------------------

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
tests=0 failures=0 skipped=0

now() { # hundredths of a second since boot
  read -r up _ </proc/uptime
  echo "${up%.*}${up#*.}"
}

seconds() { # seconds HUNDREDTHS
  printf '%d.%02d' $(($1 / 100)) $(($1 % 100))
}

# As XML text or attribute: markup escaped, and what XML cannot hold (control characters, bytes that may
# not be UTF-8) left out or replaced.
escape() {
  LC_ALL=C tr -d '\000-\010\013\014\016-\037\177' | LC_ALL=C tr '\200-\377' '?' |
    sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'
}

check() { # check FUNCTION
  begin=$(now)
  ("$1") >"$scratch/output" 2>&1
  code=$?
  took=$(seconds $(($(now) - begin)))
  text=$(escape <"$scratch/output")
  # An attribute holds the first line only.
  short=$(printf '%s\n' "$text" | head -n 1)
  tests=$((tests + 1))
  printf '    <testcase classname="debian" name="%s" time="%s"' "$(echo "$1" | tr _ ' ')" "$took" >>"$scratch/cases"
  case $code in
    0)
      echo "passed   $1 ($took s)"
      echo '/>' >>"$scratch/cases"
      ;;
    77)
      skipped=$((skipped + 1))
      echo "skipped  $1: $(cat "$scratch/output")"
      printf '><skipped message="%s"/></testcase>\n' "$short" >>"$scratch/cases"
      ;;
    *)
      failures=$((failures + 1))
      echo "FAILED   $1 ($took s): $(cat "$scratch/output")"
      printf '><failure type="exit %s" message="%s">%s</failure></testcase>\n' "$code" "$short" "$text" >>"$scratch/cases"
      ;;
  esac
}

: >"$scratch/cases"
started=$(date -u +%Y-%m-%dT%H:%M:%S)
first=$(now)

check is_the_expected_release
check is_a_clean_machine
check uptime_is_readable
check clock_agrees_with_the_host
check locale_has_utf8
check umask_keeps_others_from_writing
check tmp_is_writable
check there_is_room_on_the_disk
check no_unit_has_failed
check upgrade_keeps_settings
[ -z "${FAIL_ON_PURPOSE:-}" ] || check fails_on_purpose

mkdir -p reports || exit 2
host=$(uname -n | escape)
{
  echo '<?xml version="1.0" encoding="UTF-8"?>'
  echo '<testsuites>'
  printf '  <testsuite name="debian" tests="%d" failures="%d" errors="0" skipped="%d" time="%s" timestamp="%s" hostname="%s">\n' \
    "$tests" "$failures" "$skipped" "$(seconds $(($(now) - first)))" "$started" "$host"
  cat "$scratch/cases"
  echo '  </testsuite>'
  echo '</testsuites>'
} >reports/.junit.xml && mv reports/.junit.xml reports/junit.xml || exit 2

echo "$tests tests, $failures failed, $skipped skipped"
[ "$failures" = 0 ]
