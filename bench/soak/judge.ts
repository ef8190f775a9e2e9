/** The verdict on a soak: which curves are flat once the run is warm. */
import { BLOCKS, trendOf } from './trend.ts';
import type { Sample } from './watch.ts';

interface Curve {
  name: string;
  of(sample: Sample): number;
  unit: '' | 'MiB';
  /** What it may grow by in 1,000 cells, in its unit. */
  allowed: number;
}

const MIB = 1024 ** 2;
/** The result of a cell is kept to the end, for the reports: some kilobytes. */
const RESULTS = 8;

export const CURVES: readonly Curve[] = [
  { name: 'heap', of: ({ heap }) => heap / MIB, unit: 'MiB', allowed: RESULTS },
  { name: 'RSS', of: ({ rss }) => rss / MIB, unit: 'MiB', allowed: 2 * RESULTS },
  { name: 'buffers', of: ({ external }) => external / MIB, unit: 'MiB', allowed: 1 },
  { name: 'descriptors', of: ({ descriptors }) => descriptors, unit: '', allowed: 0.5 },
  { name: 'threads', of: ({ threads }) => threads, unit: '', allowed: 0.5 },
  { name: 'children', of: ({ children }) => children, unit: '', allowed: 0.5 },
  { name: 'timers, sockets, pipes', of: ({ handles }) => handles, unit: '', allowed: 0.5 },
  { name: 'abort signals', of: ({ signals }) => signals, unit: '', allowed: 1 },
  { name: 'socket objects', of: ({ sockets }) => sockets, unit: '', allowed: 1 },
  { name: 'process objects', of: ({ processes }) => processes, unit: '', allowed: 1 },
  { name: 'listeners', of: ({ listeners }) => listeners, unit: '', allowed: 0.5 },
  { name: 'state', of: ({ state }) => state / MIB, unit: 'MiB', allowed: 0.5 },
  { name: 'cache', of: ({ cache }) => cache / MIB, unit: 'MiB', allowed: 0.5 },
  { name: 'temporary files', of: ({ temporary }) => temporary / MIB, unit: 'MiB', allowed: 0.5 },
];

/** Of the cells: clean states are made, code is compiled, and caches fill. */
const WARM_UP = 0.2;

type Judgement = 'flat' | 'grows' | 'unclear';

/** As Markdown. `isFlat`: nothing grows for certain. */
export function tableOf(samples: readonly Sample[]): { text: string; isFlat: boolean } {
  const last = samples.at(-1)?.cells ?? 0;
  const warm = samples.filter(({ cells }) => cells >= last * WARM_UP);
  if (warm.length < BLOCKS) return { text: 'too few samples to judge by', isFlat: true };
  const rows = CURVES.map((curve) => rowOf(curve, warm));
  const head = '| | when warm | at the end | in 1,000 cells | may grow by | |\n|---|---|---|---|---|---|';
  return {
    text: [head, ...rows.map(({ text }) => text)].join('\n'),
    isFlat: rows.every(({ judgement }) => judgement !== 'grows'),
  };
}

function rowOf(
  { name, of, unit, allowed }: Curve,
  warm: readonly Sample[],
): { text: string; judgement: Judgement } {
  const { begin, end, slope, margin } = trendOf(warm.map((sample) => [sample.cells, of(sample)] as const));
  const judgement = judge(slope, margin, allowed);
  const show = (value: number) => `${value.toFixed(1)}${unit && ` ${unit}`}`;
  const grows = `${slope.toFixed(2)} ± ${margin.toFixed(2)}${unit && ` ${unit}`}`;
  return {
    text: `| ${[name, show(begin), show(end), grows, `${allowed}`, judgement].join(' | ')} |`,
    judgement,
  };
}

/** By what the slope surely is, and surely is not: with few cells it may be unclear. */
function judge(slope: number, margin: number, allowed: number): Judgement {
  if (slope + margin <= allowed) return 'flat';
  return slope - margin > allowed ? 'grows' : 'unclear';
}
