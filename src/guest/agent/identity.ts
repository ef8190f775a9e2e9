/**
 * Who commands run as. An engine's agent runs as root; commands are those of `guest.user`, with that user's HOME. The
 * tools for becoming another user differ: `setpriv` (util-linux) replaces itself and keeps signals exact, `runuser` and
 * `su` stay in between.
 */
import { VmtestError } from '../../host/errors.ts';
import type { ConnectOptions } from '../channel.ts';
import { quotePosix } from '../shell/quote.ts';

export interface Identity {
  /** The program and arguments that run a script as this user. */
  argv(script: string): string[];
  /** The same, after a script that the agent runs as itself. */
  argvAfter(first: string, script: string): string[];
}

/** The agent itself: for the first look around. */
export const AGENT_ITSELF = identity((script) => ['/bin/sh', '-c', script]);

function identity(argv: Identity['argv']): Identity {
  return {
    argv,
    argvAfter: (first, script) => ['/bin/sh', '-c', `${first}\nexec "$@"`, 'sh', ...argv(script)],
  };
}

/** GNU's and busybox's way. */
export function setDate(epochSeconds = hostSeconds()): string {
  return `date -u -s @${epochSeconds} >/dev/null 2>&1`;
}

function hostSeconds(): number {
  return Math.round(Date.now() / 1000);
}

/** Whether that worked: busybox's `date` says nothing of a refusal. */
function setsDate(): string {
  const now = hostSeconds();
  return `${setDate(now)} && d=$(($(date -u +%s) - ${now})) && [ "\${d#-}" -le 5 ]`;
}

/**
 * Sets the clock, if that is how it is done here, and looks up the user in the guest. Run as the agent.
 * @param ifItself what to run at once when the agent is that user: it saves a round trip.
 */
export function identityScript(user: string, token: string, ifItself: string): string {
  checkUserName(user);
  // The `eval` is for `~name`; the name has been checked.
  return `
c=no; if ${setsDate()}; then c=yes; fi
u=${user}; a=$(id -un 2>/dev/null || id -u); i=; g=; t=none
eval "h=~$u"
if [ "$a" = "$u" ]; then t=self
elif ! { i=$(id -u "$u") && g=$(id -g "$u"); } 2>/dev/null; then t=none
elif setpriv --reuid="$i" --regid="$g" --init-groups true 2>/dev/null; then t=setpriv
elif command -v runuser >/dev/null 2>&1; then t=runuser
elif command -v su >/dev/null 2>&1; then t=su; fi
printf '%s\\n' "${token} agent=$a" "${token} uid=$i" "${token} gid=$g" "${token} home=$h" "${token} tool=$t" "${token} clock=$c"
if [ $t = self ]; then HOME=$h; export HOME
${ifItself}
fi
`;
}

/**
 * Undefined when the guest's answer is not there: it is not ready yet.
 * @throws VmtestError `GUEST_USER` when the guest has no such user, or the agent cannot become him.
 */
export function parseIdentity(
  output: string,
  token: string,
  user: string,
  os: ConnectOptions['os'],
): Identity | undefined {
  const answer = (name: string) => output.match(new RegExp(`^${token} ${name}=(.*)$`, 'm'))?.[1] ?? '';
  const home = answer('home');
  const tool = answer('tool');
  if (tool === '') return undefined;
  if (!home.startsWith('/') || (tool !== 'self' && answer('uid') === '')) {
    throw noUser(user, `the guest has no user ${user}`);
  }
  // An agent's umask may be a daemon's own, which keeps files from everybody else.
  const login = `umask 022; HOME=${quotePosix(home)} USER=${user} LOGNAME=${user}; export HOME USER LOGNAME\n`;
  const sh = (script: string) => ['/bin/sh', '-c', `${login}${script}`];
  switch (tool) {
    case 'self':
      return { argv: sh, argvAfter: (first, script) => sh(`${first}\n${script}`) };
    case 'setpriv': {
      const ids = [`--reuid=${answer('uid')}`, `--regid=${answer('gid')}`];
      return identity((script) => ['setpriv', ...ids, '--init-groups', ...sh(script)]);
    }
    case 'runuser':
      return identity((script) => ['runuser', '-u', user, '--', ...sh(script)]);
    case 'su': {
      // `-s` means something else to the BSDs' su, which runs the account's own shell.
      const shell = os === 'linux' ? ['-s', '/bin/sh'] : [];
      return identity((script) => ['su', ...shell, user, '-c', `${login}${script}`]);
    }
    default:
      throw noUser(user, `the guest agent runs as ${answer('agent')} and cannot become ${user}`);
  }
}

/** Whether the agent's `date` sets the clock. */
export function parseSetsClock(output: string, token: string): boolean {
  return output.split('\n').includes(`${token} clock=yes`);
}

/** Names that need no quoting anywhere. */
function checkUserName(user: string): void {
  if (/^[A-Za-z_][\w.-]*\$?$/.test(user)) return;
  throw noUser(user, `${JSON.stringify(user)} is no user name that the agent channel supports`);
}

function noUser(user: string, message: string): VmtestError {
  return new VmtestError('GUEST_USER', message, {
    hint: `Use \`user: root\`, or \`channel: ssh\`, or make an image in which ${user} exists and \`setpriv\`, \`runuser\` or \`su\` is installed.`,
  });
}
