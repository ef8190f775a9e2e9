/** The curves of soaks as SVG: a panel for each, the engines side by side, over the cells. */
import { CURVES } from './judge.ts';
import type { Sample } from './watch.ts';

const PANEL = { width: 420, height: 90, gap: 34 };
const MARGIN = { left: 150, top: 46, right: 90 };
const INK = '#57606a';
const LINE = '#0969da';

/** Samples drawn, of however many there are. */
const DRAWN = 150;

export interface Soaked {
  title: string;
  samples: readonly Sample[];
}

export function drawSoaks(soaks: readonly Soaked[], names: readonly string[]): string {
  const curves = CURVES.filter(({ name }) => names.includes(name));
  const column = PANEL.width + MARGIN.right;
  const width = MARGIN.left + soaks.length * column;
  const height = MARGIN.top + curves.length * (PANEL.height + PANEL.gap);
  const panels = soaks.flatMap(({ title, samples }, index) => {
    const x = MARGIN.left + index * column;
    return [
      text(x, MARGIN.top - 22, title, 'font-weight="bold"'),
      ...curves.map(({ name, of, unit }, row) => {
        const y = MARGIN.top + row * (PANEL.height + PANEL.gap);
        const points = thinned(samples).map((sample) => [sample.cells, of(sample)] as const);
        return [index === 0 ? text(8, y + PANEL.height / 2, name) : '', panel(x, y, points, unit)].join('\n');
      }),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">
<rect width="100%" height="100%" fill="#ffffff"/>
${panels.join('\n')}
</svg>
`;
}

/** With the first and the last. */
function thinned(samples: readonly Sample[]): Sample[] {
  const step = Math.max(1, samples.length / DRAWN);
  return samples.filter(
    (_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step) || index === samples.length - 1,
  );
}

/** From zero, so that what is flat looks flat. */
function panel(x: number, y: number, points: readonly (readonly [number, number])[], unit: string): string {
  const lastX = Math.max(1, ...points.map(([cells]) => cells));
  const highest = Math.max(1, ...points.map(([, value]) => value)) * 1.1;
  const path = points
    .map(([cells, value]) => {
      const at = [x + (cells / lastX) * PANEL.width, y + PANEL.height * (1 - value / highest)];
      return at.map((each) => each.toFixed(1)).join(',');
    })
    .join(' ');
  const last = points.at(-1)?.[1] ?? 0;
  const shown = `${last.toFixed(unit === '' ? 0 : 1)}${unit && ` ${unit}`}`;
  return [
    `<rect x="${x}" y="${y}" width="${PANEL.width}" height="${PANEL.height}" fill="none" stroke="#d0d7de"/>`,
    `<polyline points="${path}" fill="none" stroke="${LINE}" stroke-width="1.5"/>`,
    text(x + PANEL.width + 6, y + PANEL.height * (1 - last / highest) + 4, shown),
    text(x + PANEL.width, y + PANEL.height + 14, `${lastX} cells`, 'text-anchor="end"'),
    text(x, y + PANEL.height + 14, '0'),
  ].join('\n');
}

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${x}" y="${y}" ${more}>${words}</text>`;
}
