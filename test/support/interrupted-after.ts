/** A Ctrl-C that comes between two commands of an engine. */
import type { Host } from '../../src/host/host.ts';

/** @param verb the word of the first command that still comes to its end. */
export function interruptedAfter(verb: string, host: Host): { host: Host; signal: AbortSignal } {
  const interrupt = new AbortController();
  const exec: Host['exec'] = async (argv, options) => {
    const result = await host.exec(argv, options);
    if (argv.includes(verb)) interrupt.abort(new Error('Ctrl-C'));
    return result;
  };
  return { host: { ...host, exec }, signal: interrupt.signal };
}
