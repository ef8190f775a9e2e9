/** Where runs are killed: spread over all that a run does, and the same again for the same seed. */
import { chance } from '../../../src/run/random.ts';

/** `SIGINT SIGINT`: the second while the run winds down. `SIGINT group`: as a terminal sends it, to all that it started too. */
export const WAYS = [
  'SIGKILL',
  'SIGINT',
  'SIGINT group',
  'SIGTERM',
  'SIGHUP group',
  'SIGINT SIGINT',
] as const;
export type Way = (typeof WAYS)[number];

export interface Point {
  way: Way;
  /** From 0. With seed, engine and way it is all that is needed to have the point again. */
  index: number;
  /** Whether the clean states have to be made first. */
  cold: boolean;
  /** After so many events and then so many milliseconds; or so many milliseconds after the start. */
  when: { events: number; ms: number } | { ms: number };
  /** Between the first signal and the second. */
  pause: number;
  /** What repairs it. A run does so by itself before its first cell. */
  repair: 'clean' | 'run';
  /** The first who repairs it is killed too, so many milliseconds after its start; a second one repairs both. */
  struck?: { way: 'SIGKILL' | 'SIGINT'; ms: number };
  /** Whether a machine lies there that a person kept. */
  kept: boolean;
}

/** A run that nobody disturbs. */
export interface Course {
  events: number;
  ms: number;
}

export interface Courses {
  warm: Course;
  /** With the making of the clean states. */
  cold: Course;
  /** Of a `clean` after a run that was killed with its machines on. Milliseconds. */
  cleanMs: number;
  /** Of the points; it takes longer than all else. */
  coldShare: number;
  /** Of those that another run repairs. */
  keptShare: number;
}

/** `Courses.keptShare` where nothing speaks against it. */
export const KEPT_SHARE = 0.3;

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const AFTER_EVENT_MS = 40;
const PAUSE_MS = 400;
/** Of those who repair. */
const STRUCK_SHARE = 0.4;

/** However many are taken from the first on, they lie all over the run: by steps of the golden ratio, from a start by chance. */
export function pointAt(seed: string, way: Way, index: number, courses: Courses): Point {
  const roll = (what: string) => chance(seed, `${way} ${index} ${what}`);
  const cold = roll('cold') < courses.coldShare;
  const course = cold ? courses.cold : courses.warm;
  const part = (chance(seed, way) + index * GOLDEN) % 1;
  const byEvent = roll('kind') < 0.6;
  const repair = roll('repair') < 0.5 ? 'clean' : 'run';
  return {
    way,
    index,
    cold,
    when: byEvent
      ? {
          events: 1 + Math.floor(part * course.events),
          // Half of them at once: what follows an event is made in the next milliseconds.
          ms: Math.round(Math.max(0, roll('after') * 2 - 1) * AFTER_EVENT_MS),
        }
      : { ms: Math.round(part * course.ms) },
    pause: Math.round(roll('pause') * PAUSE_MS),
    repair,
    ...(roll('struck') < STRUCK_SHARE
      ? {
          struck: {
            way: roll('struck by') < 0.5 ? 'SIGKILL' : 'SIGINT',
            ms: Math.round(roll('struck after') * courses.cleanMs),
          },
        }
      : {}),
    // `clean` takes kept machines away too.
    kept: repair === 'run' && roll('kept') < courses.keptShare,
  };
}
