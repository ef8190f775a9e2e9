/** A test point whose diagnostics may still come: a block of YAML, and lines of comment or output. */
import { BoundedText } from '../../bounded-text.ts';
import { keepMessage, keepName } from '../../keep-text.ts';
import type { TestCase } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import { keepFailure } from '../failure.ts';
import { durationIn, readDiagnostics } from './diagnostics.ts';
import type { PointLine } from './tap-line.ts';

export class OpenPoint {
  readonly #point: PointLine;
  readonly #context: ReadContext;
  #yaml: BoundedText | undefined;
  #lines: BoundedText | undefined;

  constructor(point: PointLine, context: ReadContext) {
    this.#point = point;
    this.#context = context;
  }

  yaml(line: string): void {
    this.#yaml ??= new BoundedText(this.#context.limits.details);
    this.#yaml.append(`${line}\n`);
  }

  /** A comment, or output in between: of a point that failed it is what there is to see (Perl, Python, bats). */
  line(text: string): void {
    if (this.#point.ok) return;
    this.#lines ??= new BoundedText(this.#context.limits.details);
    this.#lines.append(`${text}\n`);
  }

  get duration(): number | undefined {
    const { duration } = this.#point;
    return duration ?? (this.#yaml && durationIn(this.#yaml.toString()));
  }

  /** @param name In place of the point's own. */
  toCase(name = this.#point.name): TestCase {
    const { ok, directive, id } = this.#point;
    const context = this.#context;
    const duration = withoutUndefined({ duration: this.duration });
    const kept = keepName(name, context) ?? (id === undefined ? '(no name)' : `test ${id}`);
    if (directive) {
      const said = directive.type === 'todo' ? `TODO ${directive.reason}`.trim() : directive.reason;
      const skipReason = keepMessage(said, context);
      return { name: kept, status: 'skipped', ...duration, ...withoutUndefined({ skipReason }) };
    }
    if (ok) return { name: kept, status: 'passed', ...duration };
    return { name: kept, status: 'failed', ...duration, ...this.#failure() };
  }

  #failure(): Pick<TestCase, 'failures' | 'file' | 'line'> {
    const context = this.#context;
    const { message, type, file, line } = this.#yaml ? readDiagnostics(this.#yaml.toString()) : {};
    const details = new BoundedText(context.limits.details);
    if (this.#yaml) details.append(this.#yaml.toString());
    if (this.#lines) details.append(this.#lines.toString());
    const failure = keepFailure({ message, type, details }, context);
    return {
      ...(Object.keys(failure).length > 0 ? { failures: [failure] } : {}),
      ...withoutUndefined({ file: keepName(file, context), line }),
    };
  }
}
