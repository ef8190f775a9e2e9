# One test: does the system under test answer? Replace it with your own, and leave JUnit files in reports/.
set -eu
mkdir -p reports
start=$(date +%s)
kernel=$(uname -sr)
cat >reports/kernel.xml <<XML
<testsuite name="kernel" tests="1">
  <testcase classname="kernel" name="answers" time="$(($(date +%s) - start))"><system-out>$kernel</system-out></testcase>
</testsuite>
XML
echo "$kernel"
