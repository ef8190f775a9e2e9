/**
 * What a matrix file means once it is loaded, checked, given its defaults and expanded.
 * Units: bytes and milliseconds. Every string has been substituted unless said otherwise.
 */
import type { RESULT_FORMATS } from './schema/test.ts';

export type GuestOs = 'linux' | 'windows' | 'macos' | 'freebsd' | 'other';
export type ChannelKind = 'agent' | 'ssh' | 'console';

/** How to get into the guest. Which of these a target may leave out depends on the channel in use. */
export interface GuestSettings {
  user: string;
  /** Absolute path of a private key file. */
  key?: string;
  /** Passphrase of `key`. */
  passphrase?: string;
  password?: string;
  /** Use the SSH agent of the person who runs vmtest. Default: false. */
  sshAgent: boolean;
  /** `auto` takes the best that the engine and the target offer. */
  channel: ChannelKind | 'auto';
  /** The guest's SSH port. Default: 22. */
  port: number;
  /** Fixed address of the guest, for engines that cannot find it. */
  address?: string;
  /** `pin` records the key on first use per clean state; `any` accepts every key; else `SHA256:…`. */
  hostKey: string;
  /** The account's shell on the guest, when it is not the system's usual one (`pwsh` on a Windows guest). */
  shell?: string;
  /** Regular expression for what the console shows when its shell is ready. Default: whatever shell answers. */
  prompt?: string;
  /** A command whose success says that the guest is ready, run before a template is taken and after a cold boot. */
  ready?: string;
}

/** The keys that every target has; an engine adds its own beside them (see `drivers/<engine>/schema.ts`). */
export interface BaseTarget {
  name: string;
  /** Engines in order of preference; the run takes the first that this host can run. */
  engines: string[];
  /** The named clean state; `none` = a fresh disk overlay and a cold boot. */
  snapshot: string;
  os: GuestOs;
  guest: GuestSettings;
  /** Virtual CPUs. Default: 1. */
  cpus: number;
  /** Bytes of guest memory; undefined when the engine knows it from the VM itself. */
  memory?: number;
  /** Only so many cells of this target at a time. */
  jobs?: number;
  /** Deadlines of this target, over those of the file. */
  timeouts: Partial<PhaseTimeouts>;
  /** Keys that belong to the engine: substituted, paths made absolute, defaults of its schema filled in. */
  options: Readonly<Record<string, unknown>>;
}

/** Deadlines in milliseconds. `run` is `test.timeout`. Scaled by the driver's `slowdown`, but for setup, run and idle. */
export interface PhaseTimeouts {
  prepare: number;
  restore: number;
  boot: number;
  connect: number;
  upload: number;
  setup: number;
  run: number;
  collect: number;
  release: number;
  /** The longest silence of a command, of setup and run; `test.idle-timeout`. Absent: it may be silent. */
  idle?: number;
}

export interface UploadSpec {
  /** Absolute folder on the host. */
  from: string;
  /** Folder in the guest; relative to the guest user's home. */
  to: string;
  /** gitignore-style patterns left out, besides what `.gitignore` files say. */
  exclude: string[];
  /** Honour `.gitignore` files in the tree. Default: true. */
  gitignore: boolean;
}

export interface ResultFormat {
  /** One of the globs. */
  files: string;
  format: (typeof RESULT_FORMATS)[number];
}

/** The test section, resolved for one cell. */
export interface TestSpec {
  upload?: UploadSpec;
  /** The folder in which setup and run start; relative to the guest user's home. `upload.to`, else `vmtest`. */
  cwd: string;
  /** Includes `VMTEST_*`. */
  env: Record<string, string>;
  setup?: string;
  run: string;
  /** `sh bash pwsh powershell cmd python` or a template with `{0}`. */
  shell: string;
  /** Globs in the guest, relative to `cwd`. */
  results: string[];
  /** Which of `results` name their dialect. Where globs overlap, the first that matches a file decides. */
  resultFormats?: ResultFormat[];
  artifacts: string[];
}

export interface Cell {
  /** `debian-12/node=22`: target, then axis=value in declared order. Unique in the file, stable across runs. */
  id: string;
  /** `[a-z0-9_-]` form of the id: folder names and JUnit identity. Unique in the file. */
  slug: string;
  /** Position in the file's order, from 0; stable under selection. */
  index: number;
  target: string;
  /** Every axis and included key, in declared order, without `target`; source text kept. */
  values: Record<string, string>;
  test: TestSpec;
  timeouts: PhaseTimeouts;
  continueOnError: boolean;
}

export interface Limits {
  /** At most so many cells at once, or `auto`: as many as cores and memory allow. */
  jobs: number | 'auto';
  /** Bytes that all guests together may take, or `auto`: what is free, less a reserve. */
  memory: number | 'auto';
  /** Virtual CPUs that all guests together may take. Default `auto`: the host's cores. */
  cpus: number | 'auto';
  engines: Record<string, number>;
}

export interface Matrix {
  /** Absolute path of the file. */
  file: string;
  /** The folder that relative paths are relative to: the file's. */
  folder: string;
  targets: Record<string, BaseTarget>;
  /** Axis names in declared order, without `target`. */
  axes: string[];
  /** In the file's order. */
  cells: Cell[];
  limits: Limits;
  retries: { test: number; error: number };
  failFast: boolean;
  /** Values that must never be shown: from env through secret-looking keys, and all listed under `secrets:`. */
  secrets: string[];
}

/** One thing wrong with a matrix file. */
export interface Problem {
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** What is wrong and what was expected. */
  message: string;
  /** How to mend it, such as the nearest valid spelling. */
  hint?: string;
  /** Where in the document: `targets.debian-12.memory`. */
  path?: string;
}
