/** Result files with as many tests as one likes, by dialect. A suite, subtest or package has a hundred tests. */

const STACK = Array.from({ length: 15 }, (_, line) => `    at step${line} (test/parser.js:${line}:7)`).join(
  '\n',
);

/** Every `failing`-th test fails, with a stack. */
type Writer = (count: number, failing?: number) => Generator<string>;

export const WRITERS: Readonly<Record<'junit' | 'tap' | 'go-test', Writer>> = {
  *junit(count, failing = 10) {
    yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="${count}">\n`;
    for (let suite = 0; suite < count / 100; suite++) {
      yield `<testsuite name="suite ${suite}" tests="100">\n`;
      for (let test = suite * 100; test < (suite + 1) * 100; test++) {
        const start = `<testcase classname="com.example.Suite${suite}" name="reads value ${test}" time="0.012"`;
        yield test % failing === 0
          ? `${start}><failure message="expected ${test} to be 2" type="AssertionError">${STACK}</failure></testcase>\n`
          : `${start}/>\n`;
      }
      yield '</testsuite>\n';
    }
    yield '</testsuites>\n';
  },
  *tap(count, failing = 10) {
    yield `TAP version 14\n1..${count / 100}\n`;
    const details = `---\nmessage: expected 1 to be 2\nstack: |-\n${STACK}\n...`.replace(/^/gm, '      ');
    for (let suite = 0; suite < count / 100; suite++) {
      yield `# Subtest: suite ${suite}\n    1..100\n`;
      for (let test = 0; test < 100; test++) {
        const point = `ok ${test + 1} - reads value ${suite * 100 + test} # time=12ms\n`;
        yield test % failing === 0 ? `    not ${point}${details}\n` : `    ${point}`;
      }
      yield `not ok ${suite + 1} - suite ${suite}\n`;
    }
  },
  *'go-test'(count, failing = 10) {
    for (let suite = 0; suite < count / 100; suite++) {
      const line = (fields: object) =>
        `${JSON.stringify({ Time: '2026-11-21T09:30:00.123456789Z', Package: `example.com/app/p${suite}`, ...fields })}\n`;
      yield line({ Action: 'start' });
      for (let test = 0; test < 100; test++) {
        const Test = `TestReads${suite * 100 + test}`;
        const fails = test % failing === 0;
        yield line({ Action: 'run', Test });
        if (fails) yield line({ Action: 'output', Test, Output: `    app_test.go:7: got 1\n${STACK}\n` });
        yield line({ Action: fails ? 'fail' : 'pass', Test, Elapsed: 0.01 });
      }
      yield line({ Action: 'fail', Elapsed: 1 });
    }
  },
};
