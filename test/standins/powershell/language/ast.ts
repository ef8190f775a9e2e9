/** The part of PowerShell that the driver's scripts keep to. Anything else is a parse error. */

export type Statement =
  | { kind: 'function'; name: string; body: Block }
  | { kind: 'if'; cases: { test: Pipeline; body: Statement[] }[]; otherwise: Statement[] }
  | { kind: 'while'; test: Pipeline; body: Statement[] }
  | { kind: 'foreach'; variable: string; over: Pipeline; body: Statement[] }
  | { kind: 'try'; body: Statement[]; handler: Statement[] }
  | { kind: 'throw'; value: Expression }
  | { kind: 'exit'; code: Expression }
  | { kind: 'assign'; target: Expression; operator: '=' | '+=' | '-='; value: Pipeline }
  | { kind: 'pipeline'; pipeline: Pipeline };

/** What stands between braces: a function's body or a script block. */
export interface Block {
  parameters: string[];
  statements: Statement[];
}

export type Pipeline = PipelineElement[];
export type PipelineElement =
  | { kind: 'expression'; expression: Expression }
  | { kind: 'command'; command: Command };

export interface Command {
  /** A name; a value for `&` and `.`. */
  name: string | Expression;
  /** `.`: runs in the caller's own scope. */
  dot: boolean;
  words: CommandWord[];
}

export type CommandWord =
  | { kind: 'value'; value: Expression }
  /** `-Name`, or `-Name:value`. */
  | { kind: 'parameter'; name: string; value?: Expression }
  | { kind: 'splat'; variable: string };

export type Operator = '-and' | '-or' | '-eq' | '-ne' | '-gt' | '-lt' | '-match';

export type Expression =
  | { kind: 'text'; parts: (string | Expression)[] }
  | { kind: 'number'; value: number }
  | { kind: 'variable'; name: string }
  | { kind: 'list'; statements: Statement[] }
  | { kind: 'array'; items: Expression[] }
  | { kind: 'hashtable'; ordered: boolean; entries: { key: string; value: Statement }[] }
  | { kind: 'block'; block: Block }
  | { kind: 'pipeline'; pipeline: Pipeline }
  /** `$( … )`: only in texts. */
  | { kind: 'statements'; statements: Statement[] }
  | { kind: 'type'; name: string }
  | { kind: 'cast'; type: string; value: Expression }
  | { kind: 'member'; of: Expression; name: string; isStatic: boolean }
  | { kind: 'call'; of: Expression; name: string; isStatic: boolean; args: Expression[] }
  | { kind: 'index'; of: Expression; at: Expression }
  | { kind: 'not'; value: Expression }
  | { kind: 'binary'; operator: Operator; left: Expression; right: Expression };
