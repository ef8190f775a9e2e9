/** Lines of a control connection that go wrong: QEMU's QMP, and what a machine of v86 says to its driver. */
import { OUCH } from '../faults.ts';

export type Protocol = 'qmp' | 'v86';

type Message = Record<string, unknown>;

/** A refusal in place of an answer; in place of an event, one of an error. */
export function failing(protocol: Protocol, line: string): string {
  const { id } = parsed(line);
  if (protocol === 'qmp')
    return JSON.stringify({
      error: { class: 'GenericError', desc: OUCH },
      ...(id === undefined ? {} : { id }),
    });
  return JSON.stringify(
    id === undefined ? { event: 'dead', why: OUCH } : { id, error: { code: '', message: OUCH } },
  );
}

/** What no engine says; much of it is JSON all the same, some with the right id. */
export function garbled(protocol: Protocol, line: string, variant: number): string {
  const { id } = parsed(line);
  const answer = protocol === 'qmp' ? 'return' : 'answer';
  const kinds = [
    '\u0001\u00ff{"ret',
    'null',
    '[]',
    '42',
    '{"unexpected": true}',
    JSON.stringify({ id: Number(id ?? 0) + 1000, [answer]: {} }),
    JSON.stringify({ id, [answer]: null }),
    JSON.stringify({ id, [answer]: 'yes' }),
    JSON.stringify({ id, error: null }),
    JSON.stringify({ id, error: 7 }),
    JSON.stringify({ event: 'MIGRATION', data: null }),
    JSON.stringify({ event: 'SHUTDOWN' }),
    JSON.stringify({ event: { a: 1 } }),
  ];
  return kinds[variant % kinds.length] as string;
}

/** What stands in a line, for people: the event, or the id of the answer. */
export function nameOf(line: string): string {
  const { QMP, event, id, error } = parsed(line);
  if (QMP !== undefined) return 'greeting';
  if (event !== undefined) return `event ${String(event)}`;
  return `${error === undefined ? 'answer' : 'refusal'} ${String(id)}`;
}

function parsed(line: string): Message {
  try {
    return (JSON.parse(line) ?? {}) as Message;
  } catch {
    return {};
  }
}
