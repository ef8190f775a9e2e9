// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are those of the guest's shell
/**
 * The scripts by which a guest's shell acts as an agent. Each may run twice and does its work once. A program has a folder
 * of its own (its handle): `in out err`, the `job` that starts it, and its `code` at last, a wait status.
 */
import { HAS_PROC, JOBS } from '../../src/guest/shell/jobs.ts';
import { quotePosix } from '../../src/guest/shell/quote.ts';

/** Bytes and text: macOS, the BSDs and small systems do not all have the same program for it. */
const ENCODE = 'E() { if command -v base64 >/dev/null 2>&1; then base64; else openssl base64; fi; }';
const DECODE =
  'D() { if [ "$(echo aGk= | base64 -d 2>/dev/null)" = hi ]; then base64 -d; else openssl base64 -d; fi; }';

/** A fraction is not POSIX, but known wherever we have looked. */
const NAP = 'nap() { sleep 0.1 2>/dev/null || sleep 1; }';

/** Exit statuses of scripts with a meaning. */
export const STATUS = { missing: 66, elsewhere: 67 } as const;

/** What holds a program's captured output, in bytes of each stream. */
export const MOST_CAPTURED = 1024 * 1024;
/** What comes with a program's end of each file that was named for it. */
export const MOST_AHEAD = 64 * 1024;

export interface ProgramStart {
  handle: string;
  argv: readonly string[];
  input: Buffer | undefined;
  capture: boolean;
}

/** In a session of its own, so that it does not end with `prlctl exec`. Ends when the program runs. */
export function startScript({ handle, argv, input, capture }: ProgramStart): string {
  const [out, err] = capture ? ['$d/out', '$d/err'] : ['/dev/null', '/dev/null'];
  const end = `END-${handle.split('-').at(-1)}`;
  return `
${DECODE}
${NAP}
d=${handle}
if mkdir -m 700 $d 2>/dev/null; then
${input ? fromText(input, '$d/in', '>') : ': >$d/in'} || exit
: >$d/out; : >$d/err
cat >$d/job <<'${end}'
${preamble(handle)}
cd /
go j $d/in ${out} ${err} ${argv.map(quotePosix).join(' ')}
${end}
s=; if command -v setsid >/dev/null 2>&1; then s=setsid; fi
$s /bin/sh $d/job </dev/null >/dev/null 2>&1
fi
n=0; while [ ! -s $d/j.p ] && [ $n -lt 50 ]; do n=$((n + 1)); nap; done
[ -s $d/j.p ]`;
}

/**
 * Waits a second at most. Answers as `look` does, and `gone` also when it was never heard of; after an end follow, in turn, the
 * outputs that were captured and the beginnings of `ahead`, each as its size in bytes, its text, and a dot. An end is kept,
 * as `look` tells it only once.
 */
export function pollScript(handle: string, ahead: readonly string[]): string {
  const piece = (path: string, most: number) =>
    `if [ -f ${path} ]; then echo $(wc -c <${path}); head -c ${most} ${path} | E; else echo none; fi; echo; echo .`;
  return `
${ENCODE}
${NAP}
${preamble(handle)}
see() { if [ -s $d/code ]; then read -r a <$d/code; elif [ -e $d/j.p ]; then look j; case $a in x*) echo "$a" >$d/c; mv $d/c $d/code;; esac; else a=gone; fi; }
see; n=0; while [ "$a" = run ] && [ $n -lt 10 ]; do n=$((n + 1)); nap; see; done
echo "$a"
case $a in x*)
${piece('$d/out', MOST_CAPTURED)}
${piece('$d/err', MOST_CAPTURED)}
${ahead.map((path) => piece(quotePosix(path), MOST_AHEAD)).join('\n')}
;; esac`;
}

/** For `go` and `look`. */
function preamble(handle: string): string {
  return [...JOBS, 'ahead() { :; }', `d=${handle}; ${HAS_PROC}`].join('\n');
}

export function readScript(path: string, offset: number, length: number): string {
  const file = quotePosix(path);
  return `
${ENCODE}
[ -f ${file} ] && [ -r ${file} ] || exit ${STATUS.missing}
tail -c +${offset + 1} ${file} | head -c ${length} | E`;
}

/** @param at the size that the file has before; undefined: it is made anew. */
export function writeScript(path: string, data: Buffer, at: number | undefined): string {
  const file = quotePosix(path);
  if (at === undefined) return `${DECODE}\n${fromText(data, file, '>')}`;
  return `
${DECODE}
[ -f ${file} ] && s=$(($(wc -c <${file}))) || exit ${STATUS.missing}
[ "$s" -eq ${at + data.length} ] && exit 0
[ "$s" -eq ${at} ] || exit ${STATUS.elsewhere}
${fromText(data, file, '>>')}`;
}

export function sizeScript(path: string): string {
  return `wc -c <${quotePosix(path)}`;
}

export function removeScript(handles: readonly string[]): string {
  return handles.length === 0 ? '' : `rm -rf ${handles.join(' ')}`;
}

/** For programs of which nobody will ask again how they ended: whoever waits to tell it goes, too. */
export function abandonScript(handles: readonly string[]): string {
  if (handles.length === 0) return '';
  return `
${[...JOBS, 'ahead() { :; }', HAS_PROC].join('\n')}
for d in ${handles.join(' ')}; do
if [ $g = yes ] && [ ! -e $d/code ] && [ -s $d/j.p ]; then look j; [ "$a" = run ] && read -r k j <$d/j.p && kill -KILL $j; fi
rm -rf $d
done`;
}

/** Lines as short as encoders make them: some decoders take no longer ones. */
function fromText(data: Buffer, file: string, redirect: '>' | '>>'): string {
  const lines = data.toString('base64').replaceAll(/.{76}/g, '$&\n');
  return `D ${redirect}${file} <<'EOF'\n${lines}\nEOF\n[ $? -eq 0 ]`;
}
