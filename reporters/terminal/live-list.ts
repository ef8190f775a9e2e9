/**
 * The life of the screen as a listr2 task list: one task, the run, drawn by a renderer of our own. Its default renderer
 * has a task a cell and draws all of them anew ten times a second.
 */
import { Listr, type ListrRenderer } from 'listr2';
import type { Screen } from './screen.ts';

export interface LiveList {
  /** Takes the picture off the screen. Resolves when the terminal is given back. */
  end(): Promise<void>;
}

/** Takes the screen at once. */
export function startLiveList(screen: Screen): LiveList {
  let finish: () => void = () => {};
  const run = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const list = new Listr([{ title: 'run', task: () => run }], {
    renderer: rendererOf(screen),
    // Ctrl-C belongs to the command line: listr2 would end the process before machines are taken away.
    registerSignalListeners: false,
  });
  const ended = list.run();
  return {
    end: async () => {
      finish();
      await ended;
    },
  };
}

function rendererOf(screen: Screen): typeof ListrRenderer {
  return class implements ListrRenderer {
    static rendererOptions = {};
    static rendererTaskOptions = {};
    /** Whether there is a terminal was decided before. */
    static nonTTY = true;
    render = (): void => screen.open();
    end = (): void => screen.close();
  };
}
