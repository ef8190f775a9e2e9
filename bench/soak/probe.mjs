/**
 * Loaded into vmtest before its own code (`node --expose-gc --import`): says what the process has, whenever it is asked by a
 * message, and notes the warnings of Node.
 */
import { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { queryObjects } from 'node:v8';

/** One listener too many says so but once, and on a stream that nobody reads. */
const warnings = [];
process.on('warning', ({ name, message }) => {
  // `queryObjects` itself.
  if (name !== 'ExperimentalWarning') warnings.push(`${name}: ${message}`);
});

process.on('message', () => {
  globalThis.gc();
  process.send({ ...sample(), warnings });
});
// It must not keep the process from ending.
process.channel.unref();

function sample() {
  const { heapUsed, external } = process.memoryUsage();
  const living = (kind) => queryObjects(kind, { format: 'count' });
  return {
    rss: statusLine('VmRSS') * 1024,
    heap: heapUsed,
    external,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: statusLine('Threads'),
    children: readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').length - 1,
    handles: process.getActiveResourcesInfo().length,
    signals: living(AbortSignal),
    sockets: living(Socket),
    processes: living(ChildProcess),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

function statusLine(name) {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1]);
}
