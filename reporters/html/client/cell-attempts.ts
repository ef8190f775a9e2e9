/** The attempts at a cell, each as a bar of its phases, and the same as figures. */
import { formatDuration } from '../../../src/results/duration.ts';
import type { Phase } from '../../../src/results/model.ts';
import type { AttemptDetail, CellDetail, PageAttempt, PageCell } from '../page-data.ts';
import { badge } from './badge.ts';
import { el, name } from './dom.ts';
import { paintPhases } from './phase-paint.ts';

export function attemptsSection({ attempts }: PageCell, detail: CellDetail): HTMLElement | undefined {
  if (attempts.length === 0) return undefined;
  const longest = Math.max(...attempts.map(totalOf));
  return el(
    'section',
    { 'aria-labelledby': 'phases' },
    el('h2', { id: 'phases' }, 'Phases'),
    ...attempts.map((attempt, place) =>
      el(
        'div',
        { class: 'attempt' },
        attempts.length > 1 &&
          el(
            'p',
            {},
            `Attempt ${attempt.number} `,
            badge(attempt.outcome),
            ' ',
            ...endOf(detail.attempts[place]),
          ),
        phaseBar(attempt, longest),
      ),
    ),
    figures(attempts),
  );
}

function endOf({ exitCode, signal, error, notes = [] }: Partial<AttemptDetail> = {}): (Node | string)[] {
  const told = [
    error ? `${error.code}: ${error.message}` : '',
    exitCode === undefined ? '' : `exit code ${exitCode}`,
    signal ?? '',
    ...notes,
  ];
  return [name(told.filter(Boolean).join(' · '), { class: 'faint' })];
}

/** For the eye; the table below tells the same. */
function phaseBar(attempt: PageAttempt, longest: number): HTMLElement {
  const bar = el('div', { class: 'phase-bar', 'aria-hidden': 'true' });
  bar.style.width = `${(100 * totalOf(attempt)) / (longest || 1)}%`;
  for (const [phase, ms] of attempt.timings) {
    if (phase === 'queue') continue;
    const part = el('span', { class: `phase ${phase}`, title: `${phase} ${formatDuration(ms)}` }, phase);
    part.style.flexGrow = String(ms);
    paintPhases(part, [[phase, ms]]);
    bar.append(part);
  }
  return bar;
}

function figures(attempts: readonly PageAttempt[]): HTMLElement {
  const phases = [...new Set(attempts.flatMap(({ timings }) => timings.map(([phase]) => phase)))];
  const cell = (attempt: PageAttempt, phase: Phase) => {
    const ms = attempt.timings.find(([one]) => one === phase)?.[1];
    return el('td', {}, ms === undefined ? '' : formatDuration(ms));
  };
  const head = phases.map((phase) => {
    const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' });
    paintPhases(swatch, [[phase, 1]]);
    return el('th', { scope: 'col' }, swatch, ` ${phase}`);
  });
  const rows = attempts.map((attempt) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, attempts.length > 1 ? `attempt ${attempt.number}` : 'time'),
      ...phases.map((phase) => cell(attempt, phase)),
    ),
  );
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Times of the phases' },
    el(
      'table',
      { class: 'figures' },
      el('thead', {}, el('tr', {}, el('td'), ...head)),
      el('tbody', {}, ...rows),
    ),
  );
}

/** Without the wait before it, which would often dwarf all else. */
function totalOf({ timings }: PageAttempt): number {
  return timings.reduce((sum, [phase, ms]) => (phase === 'queue' ? sum : sum + ms), 0);
}
