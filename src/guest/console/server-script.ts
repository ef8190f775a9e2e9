// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are those of the guest's shell
/**
 * The server that the guest's shell becomes: a loop that reads requests from the terminal and runs them. It is typed at
 * the prompt in two steps, since a prompt echoes, edits and wraps what is typed: a short line (`knock`) that starts a
 * plain `sh` and turns the echo off, then the rest, a function a line. Nothing but a POSIX `sh` is needed for this much.
 */
import { createHash } from 'node:crypto';
import { HAS_PROC, JOBS } from '../shell/jobs.ts';
import { AHEAD, SMALL_PART } from './part.ts';

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

/**
 * Commands chosen by what is there: `E` and `D`, bytes to text and back; `S`, a checksum; `P`, a packer. Words rather than
 * functions: a substitution starts a word as it is, but forks once more for a function's command.
 */
const TOOLS = [
  'has() { command -v "$1" >/dev/null 2>&1; }',
  'hexes() { hexdump -v -e \'32/1 "%02x" "\\n"\'; }',
  'tools() { e=none; if has base64; then e=base64 E=base64; elif has openssl; then e=base64 E="openssl base64"; elif has uuencode; then e=base64 E="uuencode -m -"; elif has od; then e=hex E="od -An -v -tx1"; elif has hexdump; then e=hex E=hexes; fi; }',
  'back() { x=no; for D in "base64 -d" "openssl base64 -d"; do [ "$(echo aGk= | $D)" = hi ] && x=yes && break; done; } 2>/dev/null',
  'seals() { c=none; if has md5sum; then c=md5 S=md5sum; elif has cksum; then c=cksum S=cksum; fi; }',
  'packs() { if has gzip; then z=yes P="gzip -1 -c"; else z=no P=cat; fi; }',
];

/**
 * `begin` quiets what would print between our lines: the shell's own messages, and the kernel where that is allowed (an oops
 * or a panic raises the level again by itself). `turn HOW ID LENGTH [LENGTH]` runs the request in `q`, or repeats the last
 * answer. A request answers in `a`. A terminal that is gone gives nothing but ends of file.
 */
const REQUESTS = [
  'say() { printf \'\\n~%s %s %s ~\\n\' "$i" "${#a}" "$a"; }',
  'turn() { t=$q; q=; if [ "$2" = "$i" ]; then say; else case ${#t} in "$3" | "$4") i=$2; a=; [ $1 = plain ] || t=$(printf %b "$t"); keep; eval "$t"; say;; *) printf \'\\n~%s 1 ! ~\\n\' "$2";; esac; fi; }',
  `begin() { exec 2>/dev/null; cd /; folder; tools; back; seals; packs; ${HAS_PROC}; dmesg -n 1 >/dev/null; w="enc=$e dec=$x sum=$c gzip=$z tty=\${o:+set} version=$h folder=$d"; a=$w; say; serve; }`,
  `serve() { y=0; while [ $y -lt 9 ]; do if IFS= read -r l; then y=0; case $l in +*) q=$q\${l#+};; :*) turn plain \${l#:};; =*) turn escaped \${l#=};; @*) q=$($D); turn plain \${l#@};; exit) break;; ' sh -c '*) eval "$l";; *) echo '${GREETING}';; esac; else y=$((y+1)); fi; done; bye; }`,
  'tidy() { [ ! -d $d/m ] || umount $d/m; rm -rf "$d"; }',
  'bye() { tidy; [ -z "$o" ] || stty "$o"; exit; }',
];

/** With the end of job N come the beginnings of the files that `wN` names. */
const AHEADS = [
  `ahead() { for f; do b='?'; if [ -s $f ]; then dd bs=${AHEAD} count=1 <$f >$d/q && text && b=$t; elif [ -f $f ]; then b=; fi; a="$a|$b"; done; }`,
];

/**
 * `part FILE OFFSET LENGTH` prints a part of a file, or answers it when it is small; `take FILE SEAL` appends what comes
 * after it, up to an end of file. `lend` and `fetch` are the same by the folder shared with the host, which `share TAG` mounts unless that was done. Large
 * blocks: each costs a message to the host and back, and nothing of it is cached.
 */
const FILES = [
  'text() { t=$($E <$d/q) && set -- $t && t=$* && [ -n "$t" ]; }',
  'cutout() { if [ ! -f "$1" ]; then a=missing; elif [ $2 = 0 ] && [ ! -s "$1" ]; then a=empty; elif { { [ $2 = 0 ] || dd bs=1 skip=$2 count=0; dd bs=$3 count=1; } <"$1" >$d/q; } 2>/dev/null; then [ -s $d/q ] || a=empty; else a=failed; fi; [ -z "$a" ]; }',
  `part() { if cutout "$@"; then if [ $3 -le ${SMALL_PART} ]; then if text; then a="is $t"; else a=failed; fi; else printf '\\n<%s\\n' $i; $P <$d/q | $E; a=$($S <$d/q); fi; fi; }`,
  'take() { $D >$d/in 2>/dev/null; add "$@"; }',
  'share() { a=no; [ -f $d/m/in ] || { mkdir -p $d/m && mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 "$1" $d/m; }; [ -f $d/m/in ] && a=ok; } 2>/dev/null',
  'lend() { if cutout "$@"; then if dd bs=262144 <$d/q >$d/m/out; then a=$($S <$d/q); else a=failed; fi; fi; } 2>/dev/null',
  'fetch() { dd bs=262144 <$d/m/in >$d/in 2>/dev/null; add "$@"; }',
  'add() { case $($S <$d/in) in "$2"*) if { cat $d/in >>"$1"; } 2>/dev/null; then a=ok; else a=failed; fi;; *) a=again;; esac; }',
];

const FUNCTIONS = [...FOLDER, ...TOOLS, ...REQUESTS, ...JOBS, ...AHEADS, ...FILES];

/** A clean state may hold the server of another release of this program; that one is not talked to. */
export const SERVER_VERSION = createHash('md5').update(FUNCTIONS.join('\n')).digest('hex').slice(0, 8);
