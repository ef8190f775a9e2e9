import { expect, test } from 'vitest';
import { plainStderr } from '../../../../src/guest/windows/clixml.ts';

test('stderr is read out of its XML', () => {
  const xml =
    '#< CLIXML\r\n<Objs Version="1.1.0.1"><Obj S="progress" RefId="0"></Obj>' +
    '<S S="Error">Get-VM : &lt;no&gt; &amp;_x000D__x000A_</S><S S="Error">  at line:1_x000D__x000A_</S></Objs>';
  expect(plainStderr(xml)).toBe('Get-VM : <no> &\r\n  at line:1\r\n');
  expect(plainStderr('plain\n')).toBe('plain\n');
});
