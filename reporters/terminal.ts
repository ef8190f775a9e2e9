/** For people at an interactive terminal: what goes on now, what went wrong so far, and a summary that stays. */
import type { RunEvent } from '../src/results/events.ts';
import type { RunResult } from '../src/results/model.ts';
import type { CreateReporter, Reporter, ReporterContext } from './reporter.ts';
import { Board } from './terminal/board.ts';
import { frameLines } from './terminal/frame.ts';
import { Lasting } from './terminal/lasting.ts';
import { type LiveList, startLiveList } from './terminal/live-list.ts';
import { ASCII, type Signs, speaksUtf8, UNICODE } from './terminal/look.ts';
import { Repeater } from './terminal/repeater.ts';
import { Screen } from './terminal/screen.ts';
import { tableLines } from './terminal/table.ts';
import type { Line } from './text/line.ts';
import { summaryLines } from './text/summary.ts';

/** Of the screen's rows, so many at most are left to what has already been said. */
const SPARED_ROWS = 8;

export const createReporter: CreateReporter = (context) => new TerminalReporter(context);

class TerminalReporter implements Reporter {
  readonly #context: ReporterContext;
  readonly #stdout: NodeJS.WriteStream;
  readonly #screen: Screen;
  readonly #signs: Signs;
  readonly #board = new Board();
  readonly #lasting: Lasting;
  readonly #repeater: Repeater;
  #list: LiveList | undefined;
  /** Lines to be painted above the moving ones. */
  #pending: Line[] = [];
  #result: RunResult | undefined;
  #failure: unknown;

  constructor(context: ReporterContext) {
    const unicode = speaksUtf8(process.env);
    this.#context = context;
    this.#stdout = context.stdout as NodeJS.WriteStream;
    this.#screen = new Screen({ ...context, stdout: this.#stdout, unicode });
    this.#signs = unicode ? UNICODE : ASCII;
    this.#lasting = new Lasting(this.#signs, this.#board.tails, () => this.#screen.columns);
    this.#repeater = new Repeater(() => this.#guarded(() => this.#paint()));
  }

  onEvent(event: RunEvent): void {
    this.#guarded(() => this.#take(event));
    // The bus hears of it, tells it, and calls no more.
    if (this.#failure) throw this.#failure;
  }

  async finish(): Promise<void> {
    this.#stop();
    await this.#list?.end();
    if (this.#result && !this.#failure) await this.#screen.print(this.#summary(this.#result));
    if (this.#failure) throw this.#failure;
  }

  #take(event: RunEvent): void {
    this.#board.take(event, performance.now());
    this.#pending.push(...this.#lasting.tell(event));
    if (event.type === 'run:start') this.#start();
    if (event.type === 'run:end') this.#result = event.result;
    this.#repeater.soon();
  }

  #start(): void {
    this.#stdout.on('resize', this.#onResize);
    this.#stdout.on('error', this.#onError);
    this.#list = startLiveList(this.#screen);
    this.#repeater.start();
  }

  #stop(): void {
    this.#repeater.stop();
    this.#stdout.off('resize', this.#onResize);
    if (!this.#failure) this.#guarded(() => this.#screen.paint(this.#pending.splice(0), []));
  }

  readonly #onResize = (): void => this.#repeater.soon();

  /** The terminal has gone away: nothing can be drawn any more, and the run goes on. */
  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
    this.#repeater.stop();
  };

  #paint(): void {
    const { columns, rows } = this.#screen;
    const size = { columns, rows: rows - Math.min(SPARED_ROWS, Math.ceil(rows / 3)) };
    const frame = frameLines(this.#board, size, this.#signs, performance.now());
    this.#screen.paint(this.#pending.splice(0), frame);
  }

  #summary(result: RunResult): Line[] {
    const { columns } = this.#screen;
    return summaryLines(result, {
      width: columns,
      output: this.#context.output,
      cwd: this.#context.cwd ?? process.cwd(),
      table: tableLines(result.cells, columns, this.#signs),
      tailOf: ({ id }) => this.#board.tails.of(id),
    });
  }

  /** Whatever breaks, the terminal is given back first; a timer has nobody above it to tell. */
  #guarded(work: () => void): void {
    if (this.#failure) return;
    try {
      work();
    } catch (error) {
      this.#failure = error;
      this.#repeater.stop();
      this.#screen.giveBack();
    }
  }
}
