import { expect, test } from 'vitest';
import { usualReporters } from '../../../src/cli/reporters.ts';
import { VirtualTerminal } from '../reporters/terminal/virtual-terminal.ts';

const terminal = new VirtualTerminal().asStream;
const pipe = Object.assign(new VirtualTerminal(), { isTTY: false }).asStream;

test.each([
  ['a terminal', terminal, { TERM: 'xterm' }, ['terminal', 'junit', 'json', 'html']],
  ['a pipe', pipe, { TERM: 'xterm' }, ['plain', 'junit', 'json', 'html']],
  ['a dumb terminal', terminal, { TERM: 'dumb' }, ['plain', 'junit', 'json', 'html']],
  ['a terminal in CI', terminal, { TERM: 'xterm', CI: 'true' }, ['plain', 'junit', 'json', 'html']],
  [
    'GitHub Actions',
    pipe,
    { CI: 'true', GITHUB_ACTIONS: 'true' },
    ['github', 'plain', 'junit', 'json', 'html'],
  ],
])('%s', (_what, stdout, env, expected) => {
  expect(usualReporters(stdout, env)).toEqual(expected);
});
