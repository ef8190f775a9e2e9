/** An outcome as a sign and a word in its colour. */
import type { Outcome } from '../../../src/results/model.ts';
import { SIGNS } from '../view/words.ts';
import { el } from './dom.ts';

export function badge(outcome: Outcome): HTMLElement {
  return el(
    'span',
    { class: `badge ${outcome}` },
    el('span', { 'aria-hidden': 'true' }, `${SIGNS[outcome]} `),
    outcome,
  );
}
