/** Errors that a script can catch, and those it can't. */
import { PsObject, type Value } from './values.ts';

/** An error record. */
export class PsError extends Error {
  readonly id: string;
  readonly category: string;
  /** .NET name of the exception. */
  readonly type: string;

  /** @param id `FullyQualifiedErrorId`. */
  constructor(
    message: string,
    id: string,
    category = 'NotSpecified',
    type = 'System.Management.Automation.RuntimeException',
  ) {
    super(message);
    this.id = id;
    this.category = category;
    this.type = type;
  }

  /** `$_` in a `catch`. */
  toRecord(): PsObject {
    return new ErrorRecord(this, {
      Exception: new PsObject(
        'Exception',
        { Message: this.message },
        { methods: { GetType: () => new PsObject('Type', { FullName: this.type }) } },
      ),
      FullyQualifiedErrorId: this.id,
      CategoryInfo: new PsObject('CategoryInfo', { Category: this.category }),
      ScriptStackTrace: 'at <ScriptBlock>, <No file>: line 1',
    });
  }
}

export class ErrorRecord extends PsObject {
  readonly error: PsError;

  constructor(error: PsError, members: Record<string, Value>) {
    super('ErrorRecord', members);
    this.error = error;
  }
}

/** A script does what this interpreter does not know. Nothing catches it, so that nobody takes it for an answer. */
export class NotInSubset extends Error {}

export class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
