/** The grammar of one line of TAP 12 to 14, without its indentation. Expressions here take linear time. */

export type TapLine = PlanLine | PointLine | NamedLine | { type: 'close' } | { type: 'other' };

export interface PlanLine {
  type: 'plan';
  /** Numbers of the first and the last test; `last` is 0 when none are to be run. */
  first: number;
  last: number;
  /** Why none are: `1..0 # reason`. */
  reason?: string;
}

export interface PointLine {
  type: 'point';
  ok: boolean;
  id?: number;
  name: string;
  directive?: { type: 'skip' | 'todo'; reason: string };
  /** Milliseconds. */
  duration?: number;
  /** It ends in `{`: its subtest follows, up to a `}` (vitest, Perl's Test2). */
  opens: boolean;
}

/** `text` is the reason of a bail-out, the name of a subtest, what a comment says. */
export interface NamedLine {
  type: 'version' | 'bail' | 'subtest' | 'comment';
  text: string;
}

export function parseTapLine(line: string): TapLine {
  const first = line[0];
  if (first === 'o' || first === 'n') return parsePoint(line) ?? { type: 'other' };
  if (first === '#') return parseComment(line);
  if (first === '1') return parsePlan(line) ?? { type: 'other' };
  if (line.trimEnd() === '}') return { type: 'close' };
  const bail = /^Bail out!(.*)/i.exec(line);
  if (bail) return { type: 'bail', text: bail[1]?.trim() ?? '' };
  const version = /^TAP version (\d+)/.exec(line);
  return version ? { type: 'version', text: version[1] ?? '' } : { type: 'other' };
}

function parseComment(line: string): TapLine {
  const subtest = /^#\s?Subtest:(.*)/i.exec(line);
  if (subtest) return { type: 'subtest', text: unescaped(subtest[1]?.trim() ?? '') };
  return { type: 'comment', text: line.slice(line[1] === ' ' ? 2 : 1) };
}

function parsePlan(line: string): PlanLine | undefined {
  const plan = /^(\d{1,9})\.\.(\d{1,9})(?=\s|#|$)(.*)/.exec(line);
  if (!plan) return undefined;
  const [first, last] = [Number(plan[1]), Number(plan[2])];
  const reason = (plan[3] ?? '')
    .trim()
    .replace(/^#\s*(?:skip\S*)?/i, '')
    .trim();
  return { type: 'plan', first, last, ...(reason === '' ? {} : { reason }) };
}

function parsePoint(line: string): PointLine | undefined {
  const point = /^(not )?ok(?=\s|$)(?:\s(\d{1,9})(?=\s|$))?(.*)/.exec(
    line.replace(/^(not )?ok\s\s+/, '$1ok '),
  );
  if (!point) return undefined;
  const opened = (point[3] ?? '').trim();
  const opens = opened === '{' || opened.endsWith(' {');
  const described = withoutDirective(opens ? opened.slice(0, -1).trimEnd() : opened);
  const timed = withoutTime(described.rest);
  return {
    type: 'point',
    ok: point[1] === undefined,
    ...(point[2] === undefined ? {} : { id: Number(point[2]) }),
    name: unescaped(timed.rest.replace(/^-(?:\s|$)/, '').trim()),
    ...(described.directive ? { directive: described.directive } : {}),
    ...(timed.duration === undefined ? {} : { duration: timed.duration }),
    opens,
  };
}

/** `Skipped:` and the like are accepted; a `#` that is escaped has a backslash in front, not white space. */
function withoutDirective(text: string): Pick<PointLine, 'directive'> & { rest: string } {
  const found = /(?:^|\s)#\s{0,8}(skip(?:ped)?|todo)\b:?(.*)/i.exec(text);
  if (!found) return { rest: text };
  const type = found[1]?.toLowerCase() === 'todo' ? 'todo' : 'skip';
  const reason = withoutTime((found[2] ?? '').trim()).rest;
  return { rest: text.slice(0, found.index).trim(), directive: { type, reason: unescaped(reason) } };
}

/** `# time=12.3ms`, as tap and vitest write behind a name. */
function withoutTime(text: string): { rest: string; duration?: number } {
  const found = /(?:^|\s)#\s?time=(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  if (!found) return { rest: text };
  const duration = Number(found[1]) * (found[2] === 's' ? 1000 : 1);
  return { rest: text.slice(0, found.index).trim(), duration };
}

function unescaped(text: string): string {
  return text.replace(/\\([#\\])/g, '$1');
}
