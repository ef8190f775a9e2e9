import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Screen } from '../../../../reporters/terminal/screen.ts';
import { displayWidth } from '../../../../reporters/text/width.ts';
import { nastyText } from '../nasty-text.ts';
import { VirtualTerminal } from './virtual-terminal.ts';

function open(options: { color?: boolean; unicode?: boolean; columns?: number } = {}) {
  const { color = false, unicode = true, columns = 80 } = options;
  const terminal = new VirtualTerminal(columns);
  const screen = new Screen({ stdout: terminal.asStream, stderr: terminal.asStream, color, unicode });
  screen.open();
  onTestFinished(() => screen.close());
  return { terminal, screen };
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 3 }).map((text) => `${text}.`);
const paints = fc.array(
  fc.record({ lasting: fc.array(word, { maxLength: 2 }), moving: fc.array(word, { maxLength: 5 }) }),
);

test('what lasts stands above what moved last, whatever was painted before', () => {
  fc.assert(
    fc.property(paints, (steps) => {
      const { terminal, screen } = open();
      const lasting: string[] = [];
      let moving: string[] = [];
      for (const step of steps) {
        screen.paint(step.lasting, step.moving);
        lasting.push(...step.lasting);
        moving = step.moving;
        expect(terminal.picture).toBe([...lasting, ...moving].join('\n'));
      }
      screen.close();
      expect(terminal.picture).toBe(lasting.join('\n'));
      expect(terminal.cursorShown).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('nothing is written when nothing changed, and a changed line alone is written again', () => {
  const { terminal, screen } = open();
  const written: string[] = [];
  screen.paint([], ['one', 'two', 'three']);
  const write = terminal._write.bind(terminal);
  terminal._write = (chunk, encoding, done) => {
    written.push(String(chunk));
    write(chunk, encoding, done);
  };
  screen.paint([], ['one', 'two', 'three']);
  expect(written).toEqual([]);
  screen.paint([], ['one', 'two', 'four']);
  expect(written.join('')).toContain('four');
  expect(written.join('')).not.toContain('two');
});

test('what others print meanwhile comes above the picture, and nothing of it is lost', () => {
  const { terminal, screen } = open();
  screen.paint(['first'], ['moving']);
  terminal.write('· a diagnostic\n');
  screen.paint([], ['moving on']);
  expect(terminal.picture).toBe('first\n· a diagnostic\nmoving on');
  terminal.write('at the very end\n');
  screen.close();
  expect(terminal.picture).toBe('first\n· a diagnostic\nat the very end');
});

test('the cursor is hidden while the picture moves, and back after close, giveBack and the exit of the process', () => {
  for (const leave of ['close', 'giveBack', 'exit'] as const) {
    const { terminal, screen } = open();
    expect(terminal.cursorShown).toBe(false);
    const before = process.listeners('exit');
    if (leave === 'exit') (before.at(-1) as () => void)();
    else screen[leave]();
    expect(terminal.cursorShown).toBe(true);
    expect(process.listeners('exit').length).toBe(before.length - 1);
  }
});

test('no line is wider than the terminal, and no control of a guest reaches it', () => {
  fc.assert(
    fc.property(fc.array(nastyText, { maxLength: 4 }), fc.integer({ min: 2, max: 40 }), (texts, columns) => {
      const { terminal, screen } = open({ columns, color: true });
      // The terminal throws at any control character.
      screen.paint(
        texts,
        texts.map((text) => ['x', { paint: 'red', text }]),
      );
      expect(terminal.picture.split('\n').length).toBeLessThanOrEqual(2 * texts.length + 1);
      for (const line of terminal.picture.split('\n')) expect(displayWidth(line)).toBeLessThan(columns);
      screen.close();
    }),
    // Disarmed commands are longer than they were, each of them.
    { examples: [[['##[command]##[command]<!--'], 28]] },
  );
});

test('where the terminal got narrower, the lines it wrapped are taken back as well', () => {
  const { terminal, screen } = open({ columns: 41 });
  screen.paint(['stays'], ['x'.repeat(40), 'y']);
  terminal.narrow(21);
  expect(terminal.picture).toBe(['stays', 'x'.repeat(21), 'x'.repeat(19), 'y'].join('\n'));
  screen.paint([], ['x'.repeat(40), 'y']);
  expect(terminal.picture).toBe(['stays', `${'x'.repeat(19)}…`, 'y'].join('\n'));
});

test('in a locale without UTF-8 everything is ASCII', () => {
  const { terminal, screen } = open({ unicode: false });
  screen.paint(['a – b … 日'], ['·']);
  expect(terminal.picture).toBe('a - b ... ?\n-');
});
