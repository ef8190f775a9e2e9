/**
 * The first command in a guest: that it runs at all means the guest is ready, and it tells what the channel has to know.
 * Answers are marked lines, since an account's start-up files may print whatever they like.
 */
import { VmtestError } from '../../host/errors.ts';

/** What a channel knows about its guest. */
export interface GuestFacts {
  /** Our private folder for command files and output; a path without odd characters. */
  folder: string;
  /** Words before a program that make it lead a process group of its own; empty when a started program does already. */
  leader: string;
  /** `gzip` is there: uploads go compressed. */
  gzip: boolean;
}

/**
 * Makes the private folder and looks around. The folder is a hidden one, so that `rm -rf /tmp/*` leaves it alone; places
 * with odd characters are passed over, so that no path of ours ever needs quoting. A process leads its group when it has
 * the group's number: OpenSSH starts commands that way, dropbear and agents do not.
 */
export function probeScript(token: string): string {
  return `
d=; t=
for b in "\${TMPDIR:-/tmp}" /tmp /var/tmp "$HOME"; do
  t="$t $b"; b=\${b%/}
  case $b in *[!A-Za-z0-9/._-]* | [!/]* | "") continue ;; esac
  n=$b/.vmtest-${token}
  if mkdir -m 700 "$n" 2>/dev/null; then
    if { echo >"$n/probe"; } 2>/dev/null; then d=$n; break; fi
    rm -rf "$n"
  fi
done
if [ -r /proc/$$/stat ]; then
  read -r g </proc/$$/stat; set -- \${g##*")"}; g=$3
else
  g=$(($(ps -o pgid= -p $$ 2>/dev/null) + 0))
fi
l=none
if [ "$g" = $$ ]; then l=self
elif command -v setsid >/dev/null 2>&1; then l=setsid
elif command -v perl >/dev/null 2>&1; then l=perl; fi
z=no; if command -v gzip >/dev/null 2>&1; then z=yes; fi
printf '%s\\n' "" "${token} folder=$d" "${token} tried=$t" "${token} leader=$l" "${token} gzip=$z" "${token} end=1"
`;
}

const LEADERS: Record<string, string> = {
  self: '',
  setsid: 'setsid ',
  perl: `perl -MPOSIX -e 'POSIX::setsid(); exec {$ARGV[0]} @ARGV' `,
  // Only the command's own process can be ended then, not those that it started.
  none: '',
};

/**
 * Undefined when the guest's answer is not there or not whole: it is not ready yet.
 * @throws VmtestError `GUEST_NO_TEMP_FOLDER` when the guest has no folder that can be written.
 */
export function parseProbe(output: string, token: string): GuestFacts | undefined {
  const answers = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [, name, value] = line.match(/^(?:\S+) (\w+)=(.*)$/) ?? [];
    if (line.startsWith(`${token} `) && name !== undefined && value !== undefined) answers.set(name, value);
  }
  if (!answers.has('end')) return undefined;
  const folder = answers.get('folder') ?? '';
  if (!/^\/[\w./-]+$/.test(folder)) {
    throw new VmtestError('GUEST_NO_TEMP_FOLDER', 'no folder of the guest can be written', {
      hint: `vmtest needs one for its scripts and tried ${(answers.get('tried') ?? '').trim()}. Make one of them writable, or set TMPDIR for the guest's user.`,
    });
  }
  return {
    folder,
    leader: LEADERS[answers.get('leader') ?? 'none'] ?? '',
    gzip: answers.get('gzip') === 'yes',
  };
}
