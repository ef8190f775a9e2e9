import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { EXIT } from '../../../src/cli/exit-codes.ts';

const CRASH = new URL('../../../src/cli/crash.ts', import.meta.url).href;
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** A program that breaks down in some way, after `listenForCrash`. */
async function breakDown(how: string): Promise<{ exitCode: number; stderr: string }> {
  const code = `const { listenForCrash } = await import(${JSON.stringify(CRASH)}); listenForCrash(); ${how}`;
  const argv = ['--import', TSX, '--input-type=module', '--eval', code];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  const [exitCode] = await once(child, 'exit');
  return { exitCode, stderr: await said };
}

// Node would end with 1, which says that a test has failed.
test.each([
  ["throw new Error('oops');", /oops \[INTERNAL\]\nError: oops\n/],
  ["setTimeout(() => { throw new Error('oops'); }, 1);", /oops \[INTERNAL\]/],
  ["Promise.reject(new Error('oops')); await new Promise((r) => setTimeout(r, 1000));", /oops \[INTERNAL\]/],
  [
    "throw Object.assign(new Error('x'), { code: 'EMFILE', path: '/a.js' });",
    /\/a\.js: too many files are open \(EMFILE\) \[TOO_MANY_FILES\]\n.*ulimit -n/,
  ],
])('%s is no failed test', async (how, says) => {
  const { exitCode, stderr } = await breakDown(how);
  expect(exitCode).toBe(EXIT.error);
  expect(stderr).toMatch(says);
  expect(stderr).toContain('`vmtest clean`');
});
