/**
 * Output of tests and packages that have not ended. Any number of them may run at once, so what all hold together is
 * bounded as well.
 */
import { BoundedText } from '../../bounded-text.ts';
import type { ReadContext } from '../../parsed-results.ts';

/** What all open outputs of a file hold. */
export class OpenOutputs {
  readonly #context: ReadContext;
  #held = 0;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** @param limit Characters that this one keeps at most. */
  create(limit: number): OpenOutput {
    return new OpenOutput(this, limit);
  }

  /** False when there is no room for so many characters. */
  take(characters: number): boolean {
    const { limits, problems } = this.#context;
    if (this.#held + characters > limits.openOutput) {
      problems.add(
        `output was left out, for what runs at once holds more than ${limits.openOutput} characters`,
      );
      return false;
    }
    this.#held += characters;
    return true;
  }

  give(characters: number): void {
    this.#held -= characters;
  }
}

/** Most tests say nothing, and then this holds nothing. */
export class OpenOutput {
  readonly #outputs: OpenOutputs;
  readonly #limit: number;
  #text: BoundedText | undefined;
  #taken = 0;

  constructor(outputs: OpenOutputs, limit: number) {
    this.#outputs = outputs;
    this.#limit = limit;
  }

  append(piece: string): void {
    const wanted = Math.min(piece.length, this.#limit - this.#taken);
    if (wanted > 0 && !this.#outputs.take(wanted)) return;
    this.#taken += wanted;
    this.#text ??= new BoundedText(this.#limit);
    this.#text.append(piece);
  }

  /** What was said; then it counts no longer. */
  end(): BoundedText | undefined {
    this.#outputs.give(this.#taken);
    this.#taken = 0;
    return this.#text;
  }
}
