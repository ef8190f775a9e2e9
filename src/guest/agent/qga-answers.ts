/** What the guest agent answers, looked at before it is used: of one whose answers make no sense, nothing is believed. */
import { isObject, isText } from '../../host/shapes.ts';
import type { CallOptions, QgaCalls } from './qga-connection.ts';
import { agentOdd } from './qga-errors.ts';

export interface ExecStatus {
  exited: boolean;
  exitcode?: number;
  signal?: number;
  'out-data'?: string;
  'err-data'?: string;
  'out-truncated'?: boolean;
  'err-truncated'?: boolean;
}

/** By command. */
interface Answers {
  'guest-exec': { pid: number };
  'guest-exec-status': ExecStatus;
  /** A handle. */
  'guest-file-open': number;
  'guest-file-read': { count: number; 'buf-b64': string };
  'guest-file-write': { count: number };
  'guest-file-seek': { position: number };
  'guest-file-close': object;
  /** Nanoseconds since 1970. */
  'guest-get-time': number;
  'guest-set-time': object;
}

export type AgentCommand = keyof Answers;
export type AgentAnswer<K extends AgentCommand> = Answers[K];

const SHAPES: { readonly [K in keyof Answers]: (answer: unknown) => answer is Answers[K] } = {
  'guest-exec': (answer): answer is Answers['guest-exec'] => isObject(answer) && isWhole(answer['pid']),
  'guest-exec-status': isStatus,
  'guest-file-open': isWhole,
  'guest-file-read': (answer): answer is Answers['guest-file-read'] =>
    isObject(answer) && isText(answer['buf-b64']) && bytesOf(answer['buf-b64']) === answer['count'],
  'guest-file-write': (answer): answer is Answers['guest-file-write'] =>
    isObject(answer) && isWhole(answer['count']),
  'guest-file-seek': (answer): answer is Answers['guest-file-seek'] =>
    isObject(answer) && isWhole(answer['position']),
  'guest-file-close': isObject,
  'guest-get-time': isWhole,
  'guest-set-time': isObject,
};

/** @throws VmtestError as `QgaCalls` has them; `GUEST_AGENT_LOST` too for an answer of another shape. */
export async function askAgent<K extends AgentCommand>(
  agent: QgaCalls,
  command: K,
  args: object | undefined,
  options: CallOptions,
): Promise<AgentAnswer<K>> {
  const answer = await agent.call(command, args, options);
  if (SHAPES[command](answer)) return answer;
  throw agentOdd(command);
}

function isStatus(answer: unknown): answer is ExecStatus {
  if (!isObject(answer) || typeof answer['exited'] !== 'boolean') return false;
  return (
    ['exitcode', 'signal'].every((name) => isAbsentOr(isWhole, answer[name])) &&
    ['out-data', 'err-data'].every((name) => isAbsentOr(isText, answer[name])) &&
    ['out-truncated', 'err-truncated'].every((name) => isAbsentOr(isTruth, answer[name]))
  );
}

function isAbsentOr(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || is(value);
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}

function isTruth(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function bytesOf(base64: string): number {
  return Buffer.byteLength(base64, 'base64');
}
