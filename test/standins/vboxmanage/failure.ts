/** How VBoxManage fails: lines on stderr with its name before them, and an exit code. */

export class Failure extends Error {
  readonly exitCode: number;
  readonly lines: readonly string[];
  /** Printed on stdout instead, as a few commands do. */
  readonly onStdout: boolean;

  constructor(lines: readonly string[], exitCode = 1, onStdout = false) {
    super(lines[0] ?? 'failure');
    this.lines = lines;
    this.exitCode = exitCode;
    this.onStdout = onStdout;
  }
}

const CODES = {
  VBOX_E_OBJECT_NOT_FOUND: 0x80bb0001,
  VBOX_E_INVALID_VM_STATE: 0x80bb0002,
  VBOX_E_FILE_ERROR: 0x80bb0004,
  VBOX_E_IPRT_ERROR: 0x80bb0005,
  VBOX_E_INVALID_OBJECT_STATE: 0x80bb0007,
  VBOX_E_OBJECT_IN_USE: 0x80bb000c,
  VBOX_E_GSTCTL_GUEST_ERROR: 0x80bb000e,
  NS_ERROR_FAILURE: 0x80004005,
  NS_ERROR_INVALID_ARG: 0x80070057,
  E_ACCESSDENIED: 0x80070005,
} as const;

export type Code = keyof typeof CODES;

export interface Where {
  component: string;
  iface: string;
  /** Calls are made by somebody; what fails in the course of an operation has no caller. */
  callee?: boolean;
}

const SESSION: Where = { component: 'SessionMachine', iface: 'IMachine' };
const MACHINE: Where = { component: 'MachineWrap', iface: 'IMachine' };
const VIRTUALBOX: Where = { component: 'VirtualBoxWrap', iface: 'IVirtualBox' };
export const where = { SESSION, MACHINE, VIRTUALBOX };

/** Lines of an error of VirtualBox's objects: text, name of the error, and the call, which is for its developers. */
export function comLines(text: string, code: Code, { component, iface, callee = true }: Where): string[] {
  const hex = CODES[code].toString(16);
  const by = callee ? ', callee nsISupports' : '';
  return [
    ...text.split('\n').map(error),
    error(`Details: code ${code} (0x${hex}), component ${component}, interface ${iface}${by}`),
    error('Context: "…" at line 1 of file VBoxManage.cpp'),
  ];
}

export function comFailure(text: string, code: Code, at: Where): Failure {
  return new Failure(comLines(text, code, at));
}

export function plainFailure(text: string, exitCode = 1): Failure {
  return new Failure([error(text)], exitCode);
}

export const BANNER = [
  'Oracle VirtualBox Command Line Management Interface Version 7.2.22_Debian',
  'Copyright (C) 2005-2026 Oracle and/or its affiliates',
  '',
];

/** A wrong command line: what is wrong, how it should be, and for some commands what is wrong again. */
export function usageFailure(text: string, { exitCode = 2, again = false } = {}): Failure {
  const usage = ['', 'Usage:', '', '  (left out by the stand-in)'];
  return new Failure([...BANNER, error(text), ...usage, ...(again ? ['', error(text)] : [])], exitCode);
}

/** A command without any argument says how it is used, on stdout. */
export function usageOnly(): Failure {
  return new Failure(['Usage:', '', '  (left out by the stand-in)'], 1, true);
}

/** What the real one accepts, and this one has never been held against. */
export function notCovered(what: string): Failure {
  return new Failure([`stand-in: ${what} is not covered`], 64);
}

function error(text: string): string {
  return `VBoxManage: error: ${text}`;
}
