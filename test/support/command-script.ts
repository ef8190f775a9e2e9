/** Engines of a few lines of shell, for what goes wrong. */

import { UserEngine } from '../../drivers/command/engine.ts';
import { targetSubject } from '../../drivers/command/request.ts';
import { createHost } from '../../src/host/create-host.ts';
import type { Host } from '../../src/host/host.ts';
import { scratchFolder } from './scratch.ts';
import { targetOf } from './targets.ts';

export interface ScriptedEngine {
  engine: UserEngine;
  folder: string;
  host: Host;
  /** What was written to the host's log. */
  log: string[];
}

/** @param script of every verb; `$1` is the verb. */
export async function scriptedEngine(script: string): Promise<ScriptedEngine> {
  const folder = await scratchFolder();
  const log: string[] = [];
  const paths = { state: `${folder}/state`, cache: `${folder}/cache` };
  const host = createHost({ paths, log: (line) => log.push(line) });
  const engine = new UserEngine(host, { program: ['sh', '-c', script, 'engine'], folder });
  return { engine, folder, host, log };
}

export const subject = targetSubject(
  targetOf('command', { with: { 'disk-size': '8.10', image: 'it\'s "here"' } }, { memory: 1024 }),
);
