#!/bin/sh
# A small test suite that runs inside a guest: does $VMTEST_CODEC give back what it was given? Writes reports/junit.xml
# and exits with 1 if a test failed. Needs no more than busybox.
set -u
codec=${VMTEST_CODEC:-gzip}

is_a_clean_machine() {
  # Whoever runs this suite leaves a mark, so it fails where a machine is used for the second time.
  [ ! -e /tmp/ran ] && touch /tmp/ran
}

runs_the_expected_kernel() {
  case $(uname -r) in "${VMTEST_TARGET#linux-}"*) ;; *) uname -r; return 1 ;; esac
}

gives_back_what_it_was_given() {
  head -c 65536 /dev/urandom >in && "$codec" <in >packed && "$codec" -d <packed | cmp - in
}

packs_what_repeats() {
  yes vmtest | head -c 65536 | "$codec" >packed && [ "$(wc -c <packed)" -lt 6554 ]
}

refuses_what_it_did_not_pack() {
  ! echo 'no archive' | "$codec" -d >/dev/null 2>&1
}

keeps_time_stamps() {
  echo 'a stream has none'
  return 77
}

fails_on_purpose() {
  echo "FAIL_ON_PURPOSE is $FAIL_ON_PURPOSE, as you wished"
  return 1
}

tests='is_a_clean_machine runs_the_expected_kernel gives_back_what_it_was_given packs_what_repeats
  refuses_what_it_did_not_pack keeps_time_stamps'
[ -z "${FAIL_ON_PURPOSE:-}" ] || tests="$tests fails_on_purpose"

mkdir -p reports
total=0 failed=0 skipped=0 cases=
for test in $tests; do
  total=$((total + 1))
  why=$("$test" 2>&1)
  code=$?
  why=$(echo "$why" | tr '<>&"' '    ') # in XML they would be markup
  case $code in
    0) verdict=passed end='/>' ;;
    77) verdict=skipped end="><skipped message=\"$why\"/></testcase>" skipped=$((skipped + 1)) ;;
    *) verdict=FAILED end="><failure message=\"$why\"/></testcase>" failed=$((failed + 1)) ;;
  esac
  echo "$verdict  $test${why:+: $why}"
  cases="$cases<testcase classname=\"codec.$codec\" name=\"$(echo "$test" | tr _ ' ')\"$end"
done
echo "<testsuite name=\"codec\" tests=\"$total\" failures=\"$failed\" skipped=\"$skipped\">$cases</testsuite>" >reports/junit.xml
[ "$failed" = 0 ]
