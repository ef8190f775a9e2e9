import { describe, expect, test } from 'vitest';
import { parseDictionary, withKeys } from '../../../../drivers/vmware/dictionary.ts';

const parse = (text: string) => Object.fromEntries(parseDictionary(Buffer.from(text)));

describe('reading', () => {
  test('keys have no case, comments and nonsense are passed over', () => {
    expect(
      parse('#!/usr/bin/vmware\n.encoding = "UTF-8"\ndisplayName = "A b"\nNumVCPUs = "2"\n\nwhat\n= "x"\n'),
    ).toEqual({
      '.encoding': 'UTF-8',
      displayname: 'A b',
      numvcpus: '2',
    });
  });

  test('values without quotes, empty ones, and Windows line ends', () => {
    expect(parse('memsize = 512\r\ncheckpoint.vmState = ""\r\n')).toEqual({
      memsize: '512',
      'checkpoint.vmstate': '',
    });
  });

  test('disturbing characters are written as two digits', () => {
    expect(parse('displayName = "|22quoted|22 |7C 100% it\'s"\n')).toEqual({
      displayname: '"quoted" | 100% it\'s',
    });
  });

  test('the character set that the file names', () => {
    const windows = Buffer.concat([
      Buffer.from('.encoding = "windows-1252"\r\ndisplayName = "gr'),
      Buffer.from([0xfc]),
      Buffer.from('n"\r\n'),
    ]);
    expect(parseDictionary(windows).get('displayname')).toBe('grün');
    expect(parse('displayName = "スナップ"\n')).toEqual({ displayname: 'スナップ' });
    expect(parse('.encoding = "klingon"\ndisplayName = "a"\n')['displayname']).toBe('a');
  });
});

describe('changing', () => {
  test('keys are replaced whatever their case, and all else stays byte by byte', () => {
    const bytes = Buffer.concat([
      Buffer.from('.encoding = "windows-1252"\r\nSERIAL0.present = "FALSE"\r\n# '),
      Buffer.from([0xfc]),
      Buffer.from('\r\nmemsize = "512"\r\n'),
    ]);
    expect(withKeys(bytes, { 'serial0.present': 'TRUE' })?.toString('latin1')).toBe(
      '.encoding = "windows-1252"\r\n# ü\r\nmemsize = "512"\r\nserial0.present = "TRUE"\r\n',
    );
  });

  test('what is written is read again', () => {
    const value = 'C:\\a "b" | 100%\n/tmp/ünï';
    const changed = withKeys(Buffer.from('.encoding = "UTF-8"\n'), { 'serial0.fileName': value });
    expect(parseDictionary(changed as Buffer).get('serial0.filename')).toBe(value);
  });

  test('a value that the character set cannot hold is refused', () => {
    const bytes = Buffer.from('.encoding = "windows-1252"\n');
    expect(withKeys(bytes, { 'serial0.fileName': '/tmp/スナップ' })).toBeUndefined();
    expect(withKeys(bytes, { 'serial0.fileName': '/tmp/plain' })).toBeDefined();
  });
});
