/** A terminal's screen as SVG: one text element a run of cells that look alike. */
import type { IBufferCell, Terminal } from '@xterm/headless';

const CELL = { width: 8.4, height: 18 };
const PADDING = 14;
const TITLE_BAR = 30;
const BACKGROUND = '#16181d';
const FOREGROUND = '#d7dae0';

/** The sixteen colours, then the cube and the greys are computed. */
const COLOURS =
  '#3f4451 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d7dae0 #6b7280 #f0868f #b1d68f #f2d398 #82c3f7 #d79ae8 #78cbd6 #ffffff'.split(
    ' ',
  );

interface Run {
  column: number;
  text: string;
  style: string;
}

/** @param title what stands in the window's bar. */
export function drawScreen(terminal: Terminal, title: string): string {
  const { cols, rows, buffer } = terminal;
  const lines = Array.from({ length: rows }, (_, row) => runsOf(buffer.active, row, cols));
  const used = lines.findLastIndex((runs) => runs.length > 0) + 1;
  const [width, height] = [cols * CELL.width + 2 * PADDING, used * CELL.height + 2 * PADDING + TITLE_BAR];
  const texts = lines.slice(0, used).flatMap((runs, row) => runs.map((run) => textOf(run, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
<g fill="#6b7280"><circle cx="18" cy="16" r="5"/><circle cx="36" cy="16" r="5"/><circle cx="54" cy="16" r="5"/></g>
<text x="50%" y="20" text-anchor="middle" font-family="sans-serif" font-size="12" fill="#9aa0ab">${escapeXml(title)}</text>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="${FOREGROUND}">
${texts.join('\n')}
</g>
</svg>
`;
}

function runsOf(buffer: Terminal['buffer']['active'], row: number, columns: number): Run[] {
  const line = buffer.getLine(buffer.viewportY + row);
  const runs: Run[] = [];
  for (let column = 0; line && column < columns; column += 1) {
    const cell = line.getCell(column);
    if (!cell || cell.getWidth() === 0) continue;
    const [text, style] = [cell.getChars() || ' ', styleOf(cell)];
    const last = runs.at(-1);
    if (last?.style === style && last.column + last.text.length === column) last.text += text;
    else runs.push({ column, text, style });
  }
  return runs.filter(({ text }) => text.trim() !== '');
}

function textOf({ column, text, style }: Run, row: number): string {
  const blanks = text.length - text.trimStart().length;
  const x = (PADDING + (column + blanks) * CELL.width).toFixed(1);
  const y = TITLE_BAR + PADDING + (row + 0.75) * CELL.height;
  // Blanks in a row would be drawn as one.
  const shown = text.trim().replaceAll(' ', '\u00a0');
  return `<text x="${x}" y="${y}" textLength="${(shown.length * CELL.width).toFixed(1)}"${style}>${escapeXml(shown)}</text>`;
}

function styleOf(cell: IBufferCell): string {
  const colour = cell.isFgPalette()
    ? palette(cell.getFgColor())
    : cell.isFgRGB()
      ? `#${cell.getFgColor().toString(16).padStart(6, '0')}`
      : undefined;
  return [
    colour ? ` fill="${colour}"` : '',
    cell.isBold() ? ' font-weight="bold"' : '',
    cell.isDim() ? ' opacity="0.65"' : '',
  ].join('');
}

function palette(index: number): string {
  if (index < 16) return COLOURS[index] ?? FOREGROUND;
  if (index >= 232) return grey(8 + (index - 232) * 10);
  const part = (of: number) => (of === 0 ? 0 : 55 + of * 40);
  const at = index - 16;
  return `rgb(${part(Math.floor(at / 36))},${part(Math.floor(at / 6) % 6)},${part(at % 6)})`;
}

function grey(value: number): string {
  return `rgb(${value},${value},${value})`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
