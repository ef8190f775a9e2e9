/** From a console in whatever state to the server running in its shell: past a login prompt, where there is one. */
import { randomBytes } from 'node:crypto';
import { sleep } from '../../host/deadline.ts';
import type { Credentials } from '../channel.ts';
import { consoleSilent, loginRefused } from './errors.ts';
import { type ConsoleLine, printable } from './line.ts';
import { ConsoleServer } from './server.ts';
import { GREETING, knock, markOf, SERVER_VERSION, serverLines } from './server-script.ts';
import { parseTools, type ServerTools } from './server-tools.ts';

/** Milliseconds. */
const PACE = {
  /** A console that prints nothing for so long has said what it had to say. */
  quiet: 250,
  /** Waited for quiet at most: kernels print on and on. */
  mostNoise: 3_000,
  /** After a name or a password: `login` takes its time, above all over a wrong one. */
  login: 1_000,
  /** For the first answer of a shell; doubles up to the last, since an emulated guest may be busy. */
  firstKnock: 1_000,
  lastKnock: 8_000,
  /** For the server to start. */
  begin: 15_000,
  /** For the server of an earlier connection. */
  hello: 3_000,
};

const LOGIN = /\blogin: ?$/i;
const PASSWORD = /\bpass(?:word|phrase)\b[^:]*: ?$/i;
const NEW_PASSWORD = /\bnew (?:unix )?password: ?$/i;
/** Refusals in a row that are final: the first may be due to what somebody had typed before us. */
const MOST_REFUSALS = 2;

export interface InStep {
  server: ConsoleServer;
  tools: ServerTools;
}

/** A try lasts a few seconds; what it learnt about the login is kept for the next. */
export class GetIn {
  readonly #line: ConsoleLine;
  readonly #credentials: Credentials;
  readonly #prompt: RegExp | undefined;
  #named = false;
  #passwordGiven = false;
  #refusals = 0;
  #knockMs = PACE.firstKnock;

  /** @param prompt what the console shows when its shell is ready; undefined: whatever answers. */
  constructor(line: ConsoleLine, credentials: Credentials, prompt: RegExp | undefined) {
    this.#line = line;
    this.#credentials = credentials;
    this.#prompt = prompt;
  }

  /** The server of an earlier connection, in a guest that was restored with it; undefined when it does not answer. */
  async resume(signal: AbortSignal): Promise<InStep | undefined> {
    const nonce = randomBytes(4).toString('hex');
    const server = new ConsoleServer(this.#line, nonce);
    try {
      const { text } = await server.ask('a=$w', signal, { deadline: PACE.hello });
      const found = inStep(server, text);
      return found.tools.version === SERVER_VERSION ? found : undefined;
    } catch {
      signal.throwIfAborted();
      if (this.#line.lost) throw this.#line.lost;
      return undefined;
    }
  }

  /** @throws VmtestError retryable while there may be more to come; `GUEST_AUTH_FAILED`. */
  async attempt(signal: AbortSignal): Promise<InStep> {
    let greeted = false;
    this.#line.onLine = (text) => {
      greeted ||= text.includes(GREETING);
    };
    await this.#line.write('\n');
    await this.#quiet(PACE.quiet, signal);
    while (await this.#logIn(signal)) await this.#quiet(PACE.login, signal);
    if (greeted) {
      const resumed = await this.resume(signal);
      if (resumed) return resumed;
    }
    const { shown } = this.#line;
    if (this.#prompt && !this.#prompt.test(printable(this.#line.prompt))) {
      throw consoleSilent('there is no prompt as `guest.prompt` says', shown);
    }
    return this.#start(shown, signal);
  }

  /** Answers what `login` asks; false when it asks nothing. */
  async #logIn(signal: AbortSignal): Promise<boolean> {
    const asked = this.#line.prompt.trimEnd();
    const { user, password } = this.#credentials;
    if (NEW_PASSWORD.test(asked))
      throw loginRefused(user, 'the guest wants the password to be changed first');
    if (PASSWORD.test(asked)) {
      if (this.#named && password === undefined)
        throw loginRefused(user, 'it asks for a password, and `guest.password` is not set');
      // A name that is not ours was taken from what lay in the line: an empty password gets rid of it.
      await this.#line.write(`${this.#named ? password : ''}\n`);
      this.#passwordGiven = this.#named;
      this.#named = false;
      return true;
    }
    if (!LOGIN.test(asked)) return false;
    if (this.#passwordGiven) this.#refuse();
    await this.#line.write(`${user}\n`);
    this.#named = true;
    signal.throwIfAborted();
    return true;
  }

  /** A login prompt again after a password. */
  #refuse(): void {
    this.#passwordGiven = false;
    this.#refusals += 1;
    if (this.#refusals < MOST_REFUSALS) return;
    throw loginRefused(this.#credentials.user, 'the password is wrong, or the account is locked');
  }

  /** @param shown before anything was typed. */
  async #start(shown: string, signal: AbortSignal): Promise<InStep> {
    const nonce = randomBytes(4).toString('hex');
    const mark = markOf(nonce);
    let answered = () => {};
    const marked = new Promise<true>((resolve) => {
      answered = () => resolve(true);
    });
    this.#line.onLine = (text) => {
      if (text.includes(mark)) answered();
    };
    await this.#line.write(`${knock(nonce)}\n`);
    const patience = sleep(this.#knockMs, signal).then(() => false);
    patience.catch(() => {});
    this.#knockMs = Math.min(this.#knockMs * 2, PACE.lastKnock);
    if (!(await Promise.race([marked, patience]))) {
      signal.throwIfAborted();
      throw consoleSilent('no shell answers', shown);
    }
    const server = new ConsoleServer(this.#line, nonce);
    return inStep(server, await server.begin(serverLines(nonce), PACE.begin));
  }

  /** Waits until the console has been quiet for so long. */
  async #quiet(ms: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + PACE.mostNoise;
    await sleep(ms, signal);
    while (this.#line.quietFor < ms && performance.now() < end) {
      await sleep(Math.max(10, ms - this.#line.quietFor), signal);
    }
  }
}

function inStep(server: ConsoleServer, told: string): InStep {
  const tools = parseTools(told);
  server.echoes = tools.echoes;
  server.decodes = tools.decodes;
  return { server, tools };
}
