/** What each viewer sees of a run, fed as it comes and fed as docs/ci.md recommends. */
import type { RunResult } from '../../src/results/model.ts';
import { azure } from './azure.ts';
import { githubStep, junitFiles } from './feed.ts';
import { readJob, type SeenJob } from './github.ts';
import { gitlab } from './gitlab.ts';
import { jenkins } from './jenkins.ts';
import type { Seen, Viewer } from './viewer.ts';

export interface Feed {
  viewer: Viewer;
  options: readonly string[];
  per: 'run' | 'cell';
  isRecommended: boolean;
}

/** Jenkins needs no options. GitLab's stand there twice, to show what each of them mends. */
export const FEEDS: readonly Feed[] = [
  { viewer: jenkins, options: [], per: 'run', isRecommended: true },
  { viewer: gitlab, options: [], per: 'run', isRecommended: false },
  { viewer: gitlab, options: ['--junit-max-bytes', '25M'], per: 'run', isRecommended: false },
  {
    viewer: gitlab,
    options: ['--junit-max-bytes', '25M', '--junit-unique'],
    per: 'run',
    isRecommended: true,
  },
  { viewer: azure, options: [], per: 'run', isRecommended: false },
  {
    viewer: azure,
    options: ['--junit-label', 'name', '--junit-unique'],
    per: 'run',
    isRecommended: true,
  },
  { viewer: azure, options: [], per: 'cell', isRecommended: true },
];

export interface View extends Feed {
  seen: Seen;
}

/** One after the other, and what several are fed only once: it is tens of megabytes. */
export async function viewsOf(result: RunResult): Promise<View[]> {
  const views = new Map<Feed, View>();
  for (const { options, per } of FEEDS) {
    const isSame = (feed: Feed) => feed.per === per && feed.options.join() === options.join();
    const unread = FEEDS.filter((feed) => isSame(feed) && !views.has(feed));
    const files = unread.length > 0 ? await junitFiles(result, options, per) : [];
    for (const feed of unread) views.set(feed, { ...feed, seen: feed.viewer.read(files) });
  }
  return FEEDS.flatMap((feed) => views.get(feed) ?? []);
}

export async function jobOf(result: RunResult): Promise<SeenJob> {
  const { stdout, summary } = await githubStep(result);
  return readJob(stdout, summary);
}
