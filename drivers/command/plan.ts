/** A target with its engine: what the program says of it, or all that is wrong. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { AccessKind } from '../../src/guest/channel.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { DriverContext, TargetProblem } from '../driver.ts';
import { problemOf } from '../problem.ts';
import { UserEngine } from './engine.ts';
import { programProblem } from './program-file.ts';
import type { Answer } from './protocol.ts';
import { targetSubject } from './request.ts';
import type { CommandOptions } from './schema.ts';
import { NEEDED_VERBS, OPTIONAL_VERBS, VERBS, type Verb } from './verbs.ts';

export interface Plan {
  target: BaseTarget;
  engine: UserEngine;
  /** What the program said to `probe`. */
  probed: Answer<'probe'>;
  /** All verbs that may be asked. */
  verbs: ReadonlySet<Verb>;
  /** Ways in, best first. */
  access: AccessKind[];
}

export async function makePlan(
  target: BaseTarget,
  { host, signal }: DriverContext,
): Promise<{ plan: Plan; problems?: undefined } | { plan?: undefined; problems: TargetProblem[] }> {
  const engine = new UserEngine(host, target.options as CommandOptions);
  const missing = [...missingVerbs(engine), ...(await missingPrograms(engine))];
  if (missing.length > 0) return { problems: missing };
  let probed: Answer<'probe'> = {};
  try {
    if (engine.written('probe')) probed = await engine.call('probe', targetSubject(target), signal);
  } catch (error) {
    signal.throwIfAborted();
    return { problems: [problemOf(error)] };
  }
  const verbs = knownVerbs(engine, probed);
  const access = offeredAccess(target, verbs);
  const problems = [...(probed.problems ?? []).map(withCode), ...wayInProblems(target, access)];
  return problems.length > 0 ? { problems } : { plan: { target, engine, probed, verbs, access } };
}

/** @throws VmtestError the first problem, with the others among the details. */
export async function planOrThrow(target: BaseTarget, context: DriverContext): Promise<Plan> {
  const { plan, problems } = await makePlan(target, context);
  if (plan) return plan;
  const [first, ...more] = problems;
  const { code = 'COMMAND_PROBLEM', message = 'the target cannot be used', hint } = first ?? {};
  throw new VmtestError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(more.length === 0 ? {} : { details: more.map((each) => each.message).join('\n') }),
  });
}

function missingVerbs(engine: UserEngine): TargetProblem[] {
  return NEEDED_VERBS.filter((verb) => !engine.written(verb)).map((verb) => ({
    code: 'COMMAND_VERB_MISSING',
    message: `there is no command for the verb ${verb}`,
    hint: `Add \`commands.${verb}\`, or a \`program\` that knows all verbs.`,
  }));
}

async function missingPrograms(engine: UserEngine): Promise<TargetProblem[]> {
  const files = new Set(VERBS.flatMap((verb) => engine.written(verb)?.[0] ?? []));
  const found = await Promise.all([...files].map((file) => programProblem(file, engine.options.folder)));
  return found.filter((problem) => problem !== undefined);
}

function knownVerbs(engine: UserEngine, { verbs = [] }: Answer<'probe'>): Set<Verb> {
  const optional = OPTIONAL_VERBS.filter((verb) => verbs.includes(verb) || engine.hasCommand(verb));
  return new Set<Verb>([...NEEDED_VERBS, ...optional]);
}

function offeredAccess({ guest }: BaseTarget, verbs: ReadonlySet<Verb>): AccessKind[] {
  const ssh = verbs.has('address') || guest.address !== undefined;
  return [...(ssh ? (['ssh'] as const) : []), ...(verbs.has('exec') ? (['agent'] as const) : [])];
}

function wayInProblems({ guest }: BaseTarget, access: AccessKind[]): TargetProblem[] {
  if (access.length === 0) {
    return [
      {
        code: 'COMMAND_NO_WAY_IN',
        message: 'there is no way into the guest: neither its address nor `exec`',
        hint: 'Name `address` or `exec` among the `verbs` of the answer to `probe`, or give `guest.address`.',
      },
    ];
  }
  if (guest.channel === 'auto' || access.includes(guest.channel)) return [];
  const needed = { ssh: 'the verb `address`', agent: 'the verb `exec`', console: 'another engine' };
  return [
    {
      code: 'COMMAND_NO_WAY_IN',
      message: `there is no way into the guest by ${guest.channel}`,
      hint: `It takes ${needed[guest.channel]}. There is: ${access.join(', ')}.`,
    },
  ];
}

function withCode({ code = 'COMMAND_PROBLEM', message, hint }: ProbeProblem): TargetProblem {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

type ProbeProblem = NonNullable<Answer<'probe'>['problems']>[number];
