// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
import { describe, expect, it } from 'vitest';
import type { BaseTarget } from '../../../matrix/model.ts';
import { faults, file, load, matrixOf } from './support.ts';

function target(keys: string): BaseTarget {
  return matrixOf(file('', `t: { ${keys} }`)).targets['t'] as BaseTarget;
}

function targetFaults(keys: string): string[] {
  return faults(file('', `t: { ${keys} }`)).map((fault) => fault.replace(/^\S+ /, ''));
}

describe('defaults', () => {
  it('are those of the schema, the engine and the system', () => {
    expect(target('engine: qemu, image: a.qcow2')).toEqual({
      name: 't',
      engines: ['qemu'],
      snapshot: 'clean',
      os: 'linux',
      cpus: 1,
      memory: 1024 ** 3,
      guest: { user: 'root', sshAgent: false, channel: 'auto', port: 22, hostKey: 'pin' },
      timeouts: {},
      options: expect.objectContaining({ image: '/project/a.qcow2', accel: 'auto', agent: true }),
    });
    expect(target('engine: machines, vm: a, snapshot: s')).not.toHaveProperty('memory');
    expect(target('engine: fake, os: windows').guest.user).toBe('Administrator');
    expect(target('engine: fake, os: macos').guest.user).toBe('admin');
    expect(target('engine: fake, os: freebsd').guest.user).toBe('root');
  });

  it('are filled into inner maps, and into the branch of a choice', () => {
    const { options } = target('engine: fake, fail: { boot: { times: 1 } }, junit: { fail: 1 }');
    expect(options).toMatchObject({
      fail: { boot: { times: 1, probability: 1, how: 'error', code: 'FAKE_FAILURE', retryable: true } },
      junit: { pass: 0, fail: 1, skip: 0 },
    });
    expect(target('engine: fake, junit: text').options['junit']).toBe('text');
  });
});

describe('paths', () => {
  it('start at the folder of the file, or at home', () => {
    const { guest, options } = target(
      'engine: qemu, image: ../a.qcow2, kernel: ~/k, initrd: /abs/i, firmware: fw.fd, guest: { key: "~" }',
    );
    expect(options).toMatchObject({
      image: '/a.qcow2',
      kernel: '/home/me/k',
      initrd: '/abs/i',
      firmware: '/project/fw.fd',
    });
    expect(guest.key).toBe('/home/me');
  });

  it('leave names and URLs alone', () => {
    const { options } = target(
      `engine: qemu, image: "https://x.example/a.qcow2", sha256: ${'a'.repeat(64)}, firmware: uefi`,
    );
    expect(options).toMatchObject({ image: 'https://x.example/a.qcow2', firmware: 'uefi' });
  });

  it('follow look-ups', () => {
    const text = file('vars: { dir: images }', 't: { engine: qemu, image: "${{ vars.dir }}/a.qcow2" }');
    expect(matrixOf(text).targets['t']?.options['image']).toBe('/project/images/a.qcow2');
  });

  it('refuse other URLs, and images from URLs without a checksum', () => {
    expect(targetFaults('engine: qemu, image: "ftp://x/a"')).toEqual([
      '`targets.t.image` must be a path or an `https://` URL, not "ftp://x/a"',
    ]);
    expect(targetFaults('engine: qemu, kernel: "https://x/a"')).toEqual([
      '`targets.t.kernel` must be a path, not "https://x/a"',
    ]);
    expect(targetFaults('engine: qemu, image: "https://x/a"')).toEqual([
      'an image from a URL needs the key `sha256` beside it',
    ]);
  });
});

describe('engines', () => {
  it('need what they need', () => {
    expect(targetFaults('engine: qemu')).toEqual(['`targets.t` needs `image` or `kernel`']);
    expect(targetFaults('engine: machines')).toEqual([
      '`targets.t` needs the key `vm`',
      '`targets.t` needs the key `snapshot`',
    ]);
    expect(targetFaults('cpus: 1')).toEqual(['`targets.t` needs the key `engine`']);
    expect(targetFaults('engine: 5')).toEqual([
      '`targets.t.engine` must be text or a list, not the number 5',
    ]);
    expect(targetFaults('engine: []')).toEqual(['`targets.t.engine` must be text or a list, not a list']);
  });

  it('of a list share what they have in common', () => {
    expect(target('engine: [machines, others], vm: a, snapshot: s')).toMatchObject({
      engines: ['machines', 'others'],
      options: { vm: 'a', linked: true },
    });
    expect(targetFaults('engine: [qemu, machines], image: a, vm: a')).toEqual([
      '`targets.t` needs the key `snapshot`',
    ]);
    expect(targetFaults('engine: [qemu, fake], vm: a, image: a')).toEqual([
      'unknown key `vm` in `targets.t`',
    ]);
    expect(target('engine: [qemu, fake], image: a').snapshot).toBe('clean');
    expect(target('engine: [qemu, fake], image: a')).not.toHaveProperty('memory');
    expect(targetFaults('engine: [fake, fake]')).toEqual(['`targets.t.engine` lists the same value twice']);
  });

  it('know whose key it is', () => {
    const { problems } = load(file('', 't: { engine: fake, floppy: a }, u: { engine: fake, kernel: b }'));
    expect(problems?.map(({ message, hint }) => [message, hint])).toEqual([
      ['unknown key `floppy` in `targets.t`', '`floppy` is a key of `v86`'],
      ['unknown key `kernel` in `targets.u`', '`kernel` is a key of `qemu` and `v86`'],
    ]);
  });
});

describe('guests', () => {
  it.each([
    ['channel: ssh', '`channel: ssh` needs a way to log in'],
    ['passphrase: x', '`passphrase` has no `key` that it belongs to'],
    [
      'host-key: "SHA256:short"',
      '`targets.t.guest.host-key` must be `pin`, `any` or a fingerprint `SHA256:…`, not "SHA256:short"',
    ],
    ['port: 0', '`targets.t.guest.port` must be a whole number from 1 to 65535, not the number 0'],
    ['prompt: "("', '`targets.t.guest.prompt` must be a regular expression, not "("'],
    ['password: 123', '`targets.t.guest.password` must be text, not the number 123'],
  ])('{ %s }', (guest, problem) => {
    expect(targetFaults(`engine: fake, guest: { ${guest} }`)).toEqual([problem]);
  });

  it('have no console to type at in Windows', () => {
    expect(targetFaults('engine: fake, os: windows, guest: { channel: console }')).toEqual([
      'a Windows guest has no console that commands could be typed at',
    ]);
  });

  it('are put into the model', () => {
    const fingerprint = `SHA256:${'A'.repeat(43)}`;
    const guest = `user: me, key: id, passphrase: p, agent: true, channel: ssh, port: 2222, address: h, host-key: "${fingerprint}", shell: zsh, ready: r, prompt: "[#$] $"`;
    expect(target(`engine: fake, guest: { ${guest} }`).guest).toEqual({
      user: 'me',
      key: '/project/id',
      passphrase: 'p',
      sshAgent: true,
      channel: 'ssh',
      port: 2222,
      address: 'h',
      hostKey: fingerprint,
      shell: 'zsh',
      ready: 'r',
      prompt: '[#$] $',
    });
  });
});

describe('the rest of the file', () => {
  it('has defaults', () => {
    expect(matrixOf(file())).toMatchObject({
      file: '/project/vmtest.yml',
      folder: '/project',
      limits: { jobs: 'auto', memory: 'auto', cpus: 'auto', engines: {} },
      retries: { test: 0, error: 1 },
      failFast: false,
      secrets: [],
      axes: [],
    });
  });

  it('is read', () => {
    const text = file(
      'limits: { jobs: 2, memory: 8G, cpus: 3, engines: { qemu: 1 } }\nretries: { test: 2 }\nfail-fast: true',
    );
    expect(matrixOf(text)).toMatchObject({
      limits: { jobs: 2, memory: 8 * 1024 ** 3, cpus: 3, engines: { qemu: 1 } },
      retries: { test: 2, error: 1 },
      failFast: true,
    });
  });

  it.each([
    ['targets: {}', '`targets` is empty: it needs at least one key'],
    ['targets: { 1: { engine: fake } }', '`1` cannot be a name in `targets`'],
    ['targets: { a/b: { engine: fake } }', '`a/b` cannot be a name in `targets`'],
    ['targets: { t: fake }', '`targets.t` must be a map (keys with values), not "fake"'],
    ['targets: []', '`targets` must be a map (keys with values), not a list'],
  ])('%s', (targets, problem) => {
    expect(
      faults(`version: 1\n${targets}\ntest: { run: x }`).map((fault) => fault.replace(/^\S+ /, '')),
    ).toContain(problem);
  });

  it.each([
    ['matrix: { a: [] }', '`matrix.a` is empty: it needs at least one value'],
    ['matrix: { 1a: [1] }', '`1a` cannot be a name in `matrix`'],
    ['matrix: { a: [[1]] }', 'a value of the matrix is a single value or a map, not a list'],
    ['matrix: { include: [{}] }', '`matrix.include[0]` is empty: it needs at least one key'],
    ['matrix: { include: [x] }', '`matrix.include[0]` must be a map (keys with values), not "x"'],
    ['matrix: { a: [1], exclude: [{ a: 1 }] }', '`exclude` removes every combination'],
    ['matrix: { a: [1], exclude: [{ b: 1 }] }', 'no axis is called `b`'],
    ['matrix: { a: [1], exclude: [{ a: 2 }] }', 'the axis `a` has no value "2"'],
    ['matrix: { a: [1, "1"] }', 'the axis `a` has "1" twice'],
    ['matrix: { target: [x] }', 'no target is called "x"'],
    ['matrix: { target: [{ a: 1 }] }', '`matrix.target[0]` must be a single value, not a map'],
    ['matrix: { include: [{ target: x }] }', 'no target is called "x"'],
    ['limits: { engines: { kvm: 1 } }', 'no engine is called `kvm`'],
    ['timeouts: { run: 5m }', 'unknown key `run` in `timeouts`'],
    ['vars: { a b: 1 }', '`a b` cannot be a name in `vars`'],
    ['vars: { a: [1] }', '`vars.a` must be a single value, not a list'],
    ['secrets: [A-B]', '`secrets[0]` must be a letter or `_`, then letters, digits and `_`, not "A-B"'],
  ])('%s', (rest, problem) => {
    expect(faults(file(rest)).map((fault) => fault.replace(/^\S+ /, ''))).toEqual([problem]);
  });
});
