# What software often gets wrong on another system than its author's: three questions, answered as JUnit in reports/.
set -u
mkdir -p reports
cases='' failures=0

check() { # check NAME EXPECTED GOT
  if [ "$2" = "$3" ]; then
    result=''
  else
    result="<failure message=\"expected $2, got $3\"/>"
    failures=$((failures + 1))
  fi
  cases="$cases<testcase classname=\"system\" name=\"$1\">$result</testcase>"
}

check 'a file is kept byte by byte' '3' "$(printf 'a\0b' >bytes && wc -c <bytes | tr -d ' ')"
check 'the machine is clean' 'no' "$([ -e "$HOME/been-here" ] && echo yes || echo no)"
check 'the clock is of this decade' 'yes' "$([ "$(date +%Y)" -ge 2024 ] && echo yes || echo no)"
touch "$HOME/been-here"

printf '<testsuite name="system" failures="%s">%s</testsuite>\n' "$failures" "$cases" >reports/system.xml
[ "$failures" = 0 ]
