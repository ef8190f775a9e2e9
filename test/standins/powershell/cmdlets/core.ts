/** Commands for pipelines and time. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, cmdlet } from '../runtime/cmdlet.ts';
import { isTrue, type ScriptBlock, toText, type Value } from '../runtime/values.ts';

/** Runs a block for an item, in the caller's own scope, as these commands do. */
async function forItem(
  { given, scope, interpreter }: Call,
  parameter: string,
  item: Value,
): Promise<Value[]> {
  const outer = scope.get('_');
  scope.set('_', item);
  const { block } = given.get(parameter) as ScriptBlock;
  const output = await interpreter.runStatements(block.statements, scope);
  scope.set('_', outer);
  return output;
}

export const core = [
  cmdlet(
    'ForEach-Object',
    'Microsoft.PowerShell.Commands.ForEachObjectCommand',
    ['[-Process] <ScriptBlock[]>'],
    async (call) => {
      const output: Value[] = [];
      for (const item of call.input) output.push(...(await forItem(call, 'Process', item)));
      return output;
    },
  ),
  cmdlet(
    'Where-Object',
    'Microsoft.PowerShell.Commands.WhereObjectCommand',
    ['[-FilterScript] <ScriptBlock>'],
    async (call) => {
      const output: Value[] = [];
      for (const item of call.input) if (isTrue(await forItem(call, 'FilterScript', item))) output.push(item);
      return output;
    },
  ),
  cmdlet('Out-Null', 'Microsoft.PowerShell.Commands.OutNullCommand', [''], () => []),
  cmdlet(
    'Start-Sleep',
    'Microsoft.PowerShell.Commands.StartSleepCommand',
    ['-Milliseconds <Int32>'],
    async ({ given }) => {
      await delay(Number(toText(given.get('Milliseconds'))));
      return [];
    },
  ),
];
