// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are those of the guest's shell
/**
 * The server that the guest's shell becomes: a loop that reads requests from the terminal and runs them. It is typed at
 * the prompt in two steps, since a prompt echoes, edits and wraps what is typed: a short line (`knock`) that starts a
 * plain `sh` and turns the echo off, then the rest, a function a line. Nothing but a POSIX `sh` is needed for this much.
 */
import { createHash } from 'node:crypto';

/** Printed by the server when a line comes that is no request, for a person who opens this console. */
export const GREETING = 'vmtest uses this console; type exit for the shell';

/** What `knock` makes the guest print. In what is typed (and echoed) a blank stands in the middle of it. */
export function markOf(nonce: string): string {
  return `vmtest-${nonce}`;
}

/**
 * Typed at a prompt of any shell: one line without a newline, single quote or `!` inside its quotes, which csh and fish
 * treat in ways of their own. The blank in front keeps it out of bash's history. `echonl` is what paces us: the terminal
 * tells of each line that it has taken, without any program in the guest.
 */
export function knock(nonce: string): string {
  return ` sh -c 'o=$(stty -g 2>/dev/null);stty -echo echonl icanon 2>/dev/null;printf "\\n%s%s\\n" vmtest- ${nonce};while read -r l;do eval "$l";done'`;
}

/** Follows a knock that was answered. Ends with the answer to the request `${nonce}.0`. */
export function serverLines(nonce: string): string[] {
  return [...FUNCTIONS, `i=${nonce}.0 n0=${nonce} h=${SERVER_VERSION}; begin`];
}

/** Like the probe's: hidden, and in a place whose path needs no quoting. */
const FOLDER = [
  'keep() { [ -d "$d" ] || mkdir -m 700 "$d" 2>/dev/null; }',
  'folder() { for b in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm /run "$HOME"; do b=${b%/}; case $b in *[!A-Za-z0-9/._-]* | [!/]* | "") continue;; esac; d=$b/.vmtest-$n0; keep && return; done; d=; }',
];

/** `enc` and `dec`: bytes to text and back; `seal`: a checksum. Chosen by what is there. */
const TOOLS = [
  'has() { command -v "$1" >/dev/null 2>&1; }',
  'tools() { e=none; if has base64; then e=base64; enc() { base64; }; elif has openssl; then e=base64; enc() { openssl base64; }; elif has uuencode; then e=base64; enc() { uuencode -m -; }; elif has od; then e=hex; enc() { od -An -v -tx1; }; elif has hexdump; then e=hex; enc() { hexdump -v -e \'32/1 "%02x" "\\n"\'; }; fi; }',
  'back() { x=no; if [ "$(echo aGk= | base64 -d)" = hi ]; then x=yes; dec() { base64 -d; }; elif [ "$(echo aGk= | openssl base64 -d)" = hi ]; then x=yes; dec() { openssl base64 -d; }; fi; } 2>/dev/null',
  'seals() { c=none; if has md5sum; then c=md5; seal() { md5sum; }; elif has cksum; then c=cksum; seal() { cksum; }; fi; }',
  'packs() { if has gzip; then z=yes; pack() { gzip -1 -c; }; else z=no; pack() { cat; }; fi; }',
];

/**
 * `begin` quiets what would print between our lines: the shell's own messages, and the kernel where that is allowed (an oops
 * or a panic raises the level again by itself). `turn ID LENGTH` runs the request whose pieces have come, or repeats the last answer. A request answers in `a`.
 * A terminal that is gone gives nothing but ends of file.
 */
const REQUESTS = [
  'say() { printf \'\\n~%s %s %s ~\\n\' "$i" "${#a}" "$a"; }',
  'turn() { t=$q; q=; if [ "$1" = "$i" ]; then say; elif [ "${#t}" != "$2" ]; then printf \'\\n~%s 1 ! ~\\n\' "$1"; else i=$1; a=; keep; eval "$(printf %b "$t")"; say; fi; }',
  'begin() { exec 2>/dev/null; folder; tools; back; seals; packs; g=no; [ -r /proc/self/stat ] && g=yes; dmesg -n 1 >/dev/null; w="enc=$e dec=$x sum=$c gzip=$z tty=${o:+set} version=$h folder=$d"; a=$w; say; serve; }',
  `serve() { y=0; while [ $y -lt 9 ]; do if IFS= read -r l; then y=0; case $l in +*) q=$q\${l#+};; =*) turn \${l#=};; exit) break;; ' sh -c '*) eval "$l";; *) echo '${GREETING}';; esac; else y=$((y+1)); fi; done; bye; }`,
  'tidy() { [ ! -d $d/m ] || umount $d/m; rm -rf "$d"; }',
  'bye() { tidy; [ -z "$o" ] || stty "$o"; exit; }',
];

/**
 * A job must outlive the request that starts it, have SIGINT as it should be, and have its end told exactly.
 *
 * - A shell without job control (and a console often gives it none) starts `&` with SIGINT ignored, for ever. The parts of
 *   a pipeline are spared that. So a job is a part of one (`j`), and ends the shell (`s`) that would wait for it.
 * - `$?` cannot tell `exit 137` from SIGKILL. The kernel can: the last field of /proc/PID/stat is the wait status of a process
 *   that has ended, until its parent asks. So the job first stops its parent, and waits for that: one that is only about to
 *   stop still asks. Whoever looks ends the parent when it has seen.
 *
 * Without /proc it is `&` and `$?`.
 */
const JOBS = [
  'stopped() { while read -r r r t r </proc/$1/stat && [ "$t" != T ]; do :; done; }',
  'go() { n=$1 f=$2 u=$3 v=$4; shift 4; rm -f $d/$n.p; if [ $g = yes ]; then { ( { read -r j r r s r </proc/self/stat; ( read -r k r </proc/self/stat; echo $k $j >$d/$n.p && kill -KILL $s && kill -STOP $j && stopped $j && exec "$@" ) <$f >$u 2>$v; :; } | : ); } 2>/dev/null; else ( echo 0 0 >$d/$n.p; "$@" <$f >$u 2>$v; echo x $(($? * 256)) >$d/$n.p ) 2>/dev/null & fi; }',
  'started() { if [ $g = no ] || [ -s $d/$1.p ]; then a=ok; else a=failed; fi; }',
  'look() { a=run; if read -r k j <$d/$1.p; then if [ "$k" = x ]; then a="x $j"; elif [ $g = no ]; then :; elif read -r l </proc/$k/stat; then l=${l##*") "}; case $l in [ZX]*) a="x ${l##* }"; kill -KILL $j;; esac; else a=gone; fi; fi; case $a in x*) [ ! -s $d/$1.o ] || a="$a o"; [ ! -s $d/$1.e ] || a="$a e";; esac; } 2>/dev/null',
];

/**
 * `part FILE OFFSET LENGTH` prints a part of a file; `take FILE SEAL` appends what comes after it, up to an end of file.
 * `lend` and `fetch` are the same by the folder shared with the host, which `share TAG` mounts unless that was done. Large
 * blocks: each costs a message to the host and back, and nothing of it is cached.
 */
const FILES = [
  'cutout() { if [ ! -f "$1" ]; then a=missing; elif [ $2 = 0 ] && [ ! -s "$1" ]; then a=empty; else { { dd bs=1 skip=$2 count=0; dd bs=$3 count=1; } <"$1" >$d/q; } 2>/dev/null; [ -s $d/q ] || a=empty; fi; [ -z "$a" ]; }',
  'part() { if cutout "$@"; then printf \'\\n<%s\\n\' $i; pack <$d/q | enc; a=$(seal <$d/q); fi; }',
  'take() { dec >$d/in 2>/dev/null; add "$@"; }',
  'share() { a=no; [ -f $d/m/in ] || { mkdir -p $d/m && mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 "$1" $d/m; }; [ -f $d/m/in ] && a=ok; } 2>/dev/null',
  'lend() { if cutout "$@"; then if dd bs=262144 <$d/q >$d/m/out; then a=$(seal <$d/q); else a=failed; fi; fi; } 2>/dev/null',
  'fetch() { dd bs=262144 <$d/m/in >$d/in 2>/dev/null; add "$@"; }',
  'add() { case $(seal <$d/in) in "$2"*) if { cat $d/in >>"$1"; } 2>/dev/null; then a=ok; else a=failed; fi;; *) a=again;; esac; }',
];

const FUNCTIONS = [...FOLDER, ...TOOLS, ...REQUESTS, ...JOBS, ...FILES];

/** A clean state may hold the server of another release of this program; that one is not talked to. */
export const SERVER_VERSION = createHash('md5').update(FUNCTIONS.join('\n')).digest('hex').slice(0, 8);
