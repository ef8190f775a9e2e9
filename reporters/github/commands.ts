/**
 * Workflow commands of GitHub Actions: escaped as actions/toolkit does it (packages/core, command.ts), `%` first.
 * Guest-made text is cleaned of control characters as well.
 */
import { randomBytes } from 'node:crypto';
import { cleanText } from '../../src/results/sanitize.ts';

export type Level = 'error' | 'warning';

export interface Annotation {
  level: Level;
  title: string;
  message: string;
  /** Relative to the repository. */
  file?: string;
  line?: number;
}

/** Longer ones are cut by the check-run API, which is where annotations end up. */
const TITLE = 255;

export function annotationCommand({ level, title, message, file, line }: Annotation): string {
  const properties = [
    ...(file === undefined ? [] : [`file=${property(file)}`]),
    ...(file === undefined || line === undefined ? [] : [`line=${line}`]),
    `title=${property([...cleanText(title)].slice(0, TITLE).join(''))}`,
  ];
  return `::${level} ${properties.join(',')}::${data(message)}`;
}

/** Between these two lines the runner obeys no command: what guests print cannot give any. */
export interface Fence {
  open: string;
  close: string;
}

export function newFence(): Fence {
  // Whoever could guess the token could open the fence.
  const token = `vmtest-${randomBytes(16).toString('hex')}`;
  return { open: `::stop-commands::${token}`, close: `::${token}::` };
}

function data(text: string): string {
  return cleanText(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
