import type { Check, TargetProblem } from './driver.ts';

/** What `check` answers when there are problems: the facts mean nothing then. */
export function unusable(problems: TargetProblem[]): Check {
  return {
    problems,
    demand: { cpus: 0, memory: 0 },
    exclusive: null,
    cleanState: 'none',
    needsPrepare: false,
    access: [],
    slowdown: 1,
    notes: [],
  };
}
