/** One test of a cell: its line, and its failures and outputs when it is opened. */
import { formatDuration } from '../../../src/results/duration.ts';
import type { Outcome } from '../../../src/results/model.ts';
import type { CaseDetail, FailureDetail } from '../page-data.ts';
import { SIGNS } from '../view/words.ts';
import { el, name, spoken } from './dom.ts';

export interface ListedTest {
  group: string;
  testCase: CaseDetail;
}

export function statusOf({ status, reruns = [] }: CaseDetail): Outcome {
  return status === 'passed' && reruns.length > 0 ? 'flaky' : status;
}

export function testRow({ group, testCase }: ListedTest, open: boolean): HTMLElement {
  const status = statusOf(testCase);
  const { duration, reason, failures = [] } = testCase;
  const line = [
    el('span', { class: `sign ${status}`, 'aria-hidden': 'true' }, SIGNS[status]),
    spoken(`${status}: `),
    el(
      'span',
      { class: 'told' },
      name(testCase.name, { class: 'test-name' }),
      ' ',
      group !== '' && name(group, { class: 'faint' }),
      (failures[0]?.message || reason) && name(failures[0]?.message || (reason ?? ''), { class: 'message' }),
    ),
    el('span', { class: 'time' }, duration === undefined ? '' : shortTime(duration)),
  ];
  const parts = partsOf(testCase);
  if (parts.length === 0) return el('div', { class: 'test' }, ...line);
  return el(
    'details',
    { class: 'test', open: open && failures.length > 0 },
    el('summary', {}, ...line),
    ...parts,
  );
}

function partsOf({ place, recent, failures = [], reruns = [], stdout, stderr }: CaseDetail): HTMLElement[] {
  return [
    ...(place === undefined ? [] : [el('p', { class: 'place' }, name(place))]),
    ...(recent === undefined ? [] : [el('p', { class: 'faint' }, recent)]),
    ...failures.map((failure) => failureView(failure, '')),
    ...reruns.map((failure, index) => failureView(failure, `Failed before (${index + 1})`)),
    ...(stdout === undefined ? [] : [output('stdout', stdout)]),
    ...(stderr === undefined ? [] : [output('stderr', stderr)]),
  ];
}

/** Stacks mostly begin with type and message: those are told once. */
function failureView({ message, type, text }: FailureDetail, heading: string): HTMLElement {
  const isTold = text.includes(message) && text.includes(type);
  return el(
    'div',
    { class: 'failure' },
    heading !== '' && el('h3', {}, heading),
    !isTold &&
      el('p', { class: 'message' }, type !== '' && name(type, { class: 'type' }), ' ', name(message)),
    text !== '' && el('pre', { tabindex: 0, 'aria-label': 'Details of the failure' }, text),
  );
}

function output(stream: string, text: string): HTMLElement {
  return el('div', {}, el('h3', {}, stream), el('pre', { tabindex: 0, 'aria-label': stream }, text));
}

function shortTime(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : formatDuration(ms);
}
