/**
 * Draws the terminal of a real run as SVG, for the README.
 *
 *     node --import ./scripts/ts.mjs scripts/picture.ts OUT.svg [--at SECONDS] [--size COLUMNSxROWS] -- COMMAND…
 *
 * The command runs on a pseudo-terminal (`script`, of util-linux). Drawn is the screen so many seconds after the start, or
 * at the end.
 */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import xterm from '@xterm/headless';
import { drawScreen } from './picture/draw.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { at: { type: 'string' }, size: { type: 'string', default: '100x30' } },
});
const [out, ...command] = positionals;
if (out === undefined || command.length === 0) throw new Error('usage: picture.ts OUT.svg … -- COMMAND…');
const [cols = 100, rows = 30] = values.size.split('x').map(Number);

const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true });
const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
const child = spawn('script', ['-qefc', `stty cols ${cols} rows ${rows}; exec ${line}`, '/dev/null'], {
  env: { ...process.env, TERM: 'xterm-256color', CI: '', NO_COLOR: '' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
child.stdout.on('data', (chunk: Buffer) => terminal.write(chunk));

let picture: string | undefined;
if (values.at !== undefined) {
  setTimeout(() => {
    picture = drawScreen(terminal, command.join(' '));
  }, Number(values.at) * 1000).unref();
}
child.once('close', async () => {
  // What was written last may not have been taken in yet.
  await new Promise<void>((resolve) => terminal.write('', resolve));
  await writeFile(out, picture ?? drawScreen(terminal, command.join(' ')));
});
