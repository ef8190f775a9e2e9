/** What a script says on stdout: JSON between marker lines, among whatever modules and policies print beside it. */

export type Answer =
  | { kind: 'output'; value: unknown }
  | { kind: 'error'; error: ScriptError }
  /** No block is whole, or what is in it is no JSON. */
  | { kind: 'none' };

/** An error record of PowerShell. The message is in the language of Windows, the id is not. */
export interface ScriptError {
  message: string;
  /** `FullyQualifiedErrorId`: `InvalidParameter,Microsoft.HyperV.PowerShell.Commands.GetVM`. */
  id: string;
  /** .NET name of the exception. */
  type: string;
  category: string;
  /** The script's stack. */
  where: string;
}

/** Anchored to whole lines; PowerShell ends its own with CRLF. The last block counts: scripts answer when all is done. */
const BLOCK = /^===Begin-(Output|Error)===\r?\n((?:(?!===Begin-)[^\r\n]*\r?\n)*?)===End-\1===\r?$/gm;

export function parseAnswer(stdout: string): Answer {
  const [, kind, body = ''] = [...stdout.matchAll(BLOCK)].at(-1) ?? [];
  if (kind === undefined) return { kind: 'none' };
  const value = parseJson(body);
  if (value === undefined) return { kind: 'none' };
  return kind === 'Output' ? { kind: 'output', value } : { kind: 'error', error: scriptError(value) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function scriptError(value: unknown): ScriptError {
  const { message, id, type, category, where } = (value ?? {}) as Record<string, unknown>;
  const text = (field: unknown) => (typeof field === 'string' ? field : '');
  return {
    message: text(message),
    id: text(id),
    type: text(type),
    category: text(category),
    where: text(where),
  };
}
