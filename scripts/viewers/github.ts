/**
 * GitHub, which reads no JUnit: of a job it shows annotations and a summary (actions/toolkit, packages/core and
 * docs/problem-matchers.md; docs.github.com, workflow commands).
 */
const ANNOTATIONS = 10;
const TITLE = 255;
const MESSAGE = 64 * 1024;
const SUMMARY_BYTES = 1024 * 1024;

export interface SeenAnnotation {
  level: string;
  title: string;
  message: string;
  file?: string;
  isCut: boolean;
}

export interface SeenJob {
  annotations: SeenAnnotation[];
  /** Beyond what a step may show: nobody is told of them. */
  dropped: number;
  /** Empty when it was too large, and dropped as a whole. */
  summary: string;
}

/** @param stdout of one step. */
export function readJob(stdout: string, summary: string): SeenJob {
  const told = obeyed(stdout.split('\n')).flatMap(annotationIn);
  const shown = ['error', 'warning'].flatMap((level) =>
    told.filter((annotation) => annotation.level === level).slice(0, ANNOTATIONS),
  );
  return {
    annotations: shown,
    dropped: told.length - shown.length,
    summary: Buffer.byteLength(summary) > SUMMARY_BYTES ? '' : summary,
  };
}

/** Lines between `::stop-commands::TOKEN` and `::TOKEN::` are text. */
function obeyed(lines: readonly string[]): string[] {
  let token: string | undefined;
  return lines.filter((line) => {
    if (token !== undefined) {
      if (line === `::${token}::`) token = undefined;
      return false;
    }
    token = /^::stop-commands::(.+)$/.exec(line)?.[1];
    return token === undefined;
  });
}

function annotationIn(line: string): SeenAnnotation[] {
  const [, level, properties = '', message = ''] = /^::(error|warning)(?: ([^:]*))?::(.*)$/.exec(line) ?? [];
  if (level === undefined) return [];
  const pairs = properties.split(',').map((pair): [string, string] => {
    const [key = '', value = ''] = pair.split('=', 2);
    return [key, unescaped(value)];
  });
  const { title = '', file } = Object.fromEntries(pairs) as { title?: string; file?: string };
  const text = unescaped(message);
  return [
    {
      level,
      title: title.slice(0, TITLE),
      message: text.slice(0, MESSAGE),
      ...(file === undefined ? {} : { file }),
      isCut: title.length > TITLE || text.length > MESSAGE,
    },
  ];
}

/** `%` last. */
function unescaped(text: string): string {
  return [
    ['%2C', ','],
    ['%3A', ':'],
    ['%0A', '\n'],
    ['%0D', '\r'],
    ['%25', '%'],
  ].reduce((done, [code = '', character = '']) => done.replaceAll(code, character), text);
}
