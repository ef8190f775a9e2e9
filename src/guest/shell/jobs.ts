// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are those of the guest's shell
/**
 * Functions for a guest's shell that start programs which outlive the request that starts them, have SIGINT as it should be,
 * and have their end told exactly. Needed beforehand: `d`, a folder of ours whose path needs no quoting, and `g`, which is
 * `yes` where there is a /proc (`HAS_PROC`). `go NAME STDIN STDOUT STDERR PROGRAM…` starts one, `started NAME` answers in `a`
 * whether that worked, and `look NAME` how it is: `run`, `x STATUS` once, as `wait` has it, or `gone` when nobody knows any more.
 *
 * - A shell without job control (and a console often gives it none) starts `&` with SIGINT ignored, for ever. So a job (`j`)
 *   runs in the foreground, and ends the shell (`s`) that would wait for it.
 * - `$?` cannot tell `exit 137` from SIGKILL. The kernel can: the last field of /proc/PID/stat is the wait status of a process
 *   that has ended, until its parent asks. So the job first stops its parent, and waits for that: one that is only about to
 *   stop still asks. Whoever looks ends the parent when it has seen.
 *
 * A shell reads a line of /proc a byte at a time, which costs an emulated guest more than a process. So its own number is the
 * name of the folder behind /proc/self, states come from the first lines of `status`, and a program that still has its
 * executable has not ended. Without /proc it is `&` and `$?`.
 *
 * With the end of job N comes what the function `ahead` makes of the words in `wN`.
 */
export const JOBS: readonly string[] = [
  'self() { cd -P /proc/self; }',
  'state() { while read -r n t r && [ "$n" != State: ]; do :; done </proc/$1/status; }',
  'stopped() { while state $1 && [ "$t" != T ]; do :; done; }',
  'go() { n=$1 f=$2 u=$3 v=$4; shift 4; { :; } >$d/$n.p; if [ $g = yes ]; then ( self; s=${PWD##*/}; ( self; j=${PWD##*/}; ( self; echo ${PWD##*/} $j >$d/$n.p; cd /; kill -KILL $s && kill -STOP $j && stopped $j && exec "$@" ) <$f >$u 2>$v; : ); : ) 2>/dev/null; else ( echo 0 0 >$d/$n.p; "$@" <$f >$u 2>$v; echo x $(($? * 256)) >$d/$n.p ) 2>/dev/null & fi; }',
  'started() { if [ $g = no ] || [ -s $d/$1.p ]; then a=ok; else a=failed; fi; }',
  'look() { a=run; if read -r k j <$d/$1.p; then if [ "$k" = x ]; then a="x $j"; elif [ $g = no ] || [ -e /proc/$k/exe ]; then :; elif read -r l </proc/$k/stat; then l=${l##*") "}; case $l in [ZX]*) a="x ${l##* }"; kill -KILL $j;; esac; else a=gone; fi; fi; case $a in x*) eval "ahead \\$w$1";; esac; } 2>/dev/null',
];

export const HAS_PROC = 'g=no; [ -r /proc/self/stat ] && g=yes';
