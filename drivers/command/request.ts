/** What a program is told: as JSON, and for shells, which have no parser for that, as environment variables. */
import { join } from 'node:path';
import type { BaseTarget } from '../../matrix/model.ts';
import { PROTOCOL, type Request } from './request-schema.ts';
import type { CommandOptions } from './schema.ts';
import type { Verb } from './verbs.ts';

/** What all requests for one target, or one machine, have in common. */
export type Subject = Omit<Request, 'verb' | 'graceMs' | 'path' | 'command'>;

/** What single verbs are told beside it. */
export type Particulars = Pick<Request, 'graceMs' | 'path' | 'command'>;

export function targetSubject(target: BaseTarget): Subject {
  const { name, snapshot, os, cpus, memory, guest, options } = target;
  const { user, port, key, address } = guest;
  return {
    protocol: PROTOCOL,
    target: name,
    snapshot,
    os,
    cpus,
    ...(memory === undefined ? {} : { memory }),
    guest: {
      user,
      port,
      ...(key === undefined ? {} : { key }),
      ...(address === undefined ? {} : { address }),
    },
    with: (options as CommandOptions).with,
  };
}

export function machineSubject(
  target: BaseTarget,
  lease: { id: string; folder: string },
  logs: string,
): Subject & { machine: NonNullable<Request['machine']> } {
  const machine = {
    name: `vmtest-${lease.id}`,
    lease: lease.id,
    folder: lease.folder,
    consoleLog: join(logs, 'console.log'),
  };
  return { ...targetSubject(target), machine };
}

export function requestFor(verb: Verb, subject: Subject, particulars: Particulars): Request {
  const { protocol, ...rest } = subject;
  return { protocol, verb, ...rest, ...particulars };
}

/** One variable a value; what there is not has none. */
export function environmentOf(request: Request): Record<string, string> {
  const { guest, machine } = request;
  const values: Record<string, string | number | undefined> = {
    REQUEST: JSON.stringify(request),
    VERB: request.verb,
    TARGET: request.target,
    SNAPSHOT: request.snapshot,
    OS: request.os,
    CPUS: request.cpus,
    MEMORY: request.memory,
    USER: guest.user,
    PORT: guest.port,
    KEY: guest.key,
    ADDRESS: guest.address,
    MACHINE: machine?.name,
    LEASE: machine?.lease,
    FOLDER: machine?.folder,
    CONSOLE_LOG: machine?.consoleLog,
    GRACE_MS: request.graceMs,
    PATH: request.path,
    COMMAND: request.command,
  };
  for (const [key, value] of Object.entries(request.with)) {
    values[`WITH_${key.toUpperCase().replaceAll('-', '_')}`] = value;
  }
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[`VMTEST_${name}`, String(value)]],
    ),
  );
}
