/** What the scripts for guests use of .NET: files, folders, the console, the time. */
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, win32 } from 'node:path';
import { PsError } from '../powershell/runtime/errors.ts';
import { PsObject, toText, type Value } from '../powershell/runtime/values.ts';
import { hasFault, PATH_VARIABLE } from './environment.ts';
import { PROFILE, SYSTEM, TEMP, toHost } from './paths.ts';
import { binaryReader, ioError, openFile, Stream } from './streams.ts';

const FOLDERS: Record<string, string> = {
  UserProfile: PROFILE,
  Windows: 'C:\\Windows',
  CommonApplicationData: 'C:\\ProgramData',
};

const inFile = <T>(path: Value, work: (host: string) => T): T => ioError(() => work(toHost(toText(path))));

function makeFolder(path: Value): Value {
  if (hasFault('no-temp') && toText(path).includes('.vmtest-'))
    throw new PsError(`Access to the path '${toText(path)}' is denied.`, 'UnauthorizedAccessException');
  return inFile(path, (host) => {
    mkdirSync(host, { recursive: true });
    return new PsObject('DirectoryInfo', {});
  });
}

function open(path: Value, mode: Value, access: Value, share: Value): Value {
  const words = [mode, access, share].map(toText).join(' ');
  if (words !== 'Open Read ReadWrite')
    throw new PsError(`a way to open a file: ${words}`, 'ArgumentException');
  return inFile(path, (host) => openFile(host, 'r'));
}

const utc = (milliseconds: number): PsObject =>
  new PsObject(
    'DateTimeOffset',
    {
      UtcDateTime: milliseconds,
      LocalDateTime: milliseconds,
      milliseconds,
    },
    {
      methods: {
        Subtract: (other = null) =>
          new PsObject('TimeSpan', {
            TotalSeconds: (milliseconds - Number((other as PsObject).get('milliseconds'))) / 1000,
          }),
      },
    },
  );

const encoding = (name: 'utf8' | 'latin1') => () =>
  new PsObject(
    'Encoding',
    {},
    {
      methods: {
        GetBytes: (text = null) => Buffer.from(toText(text), name),
        GetString: (bytes = null) => Buffer.from(bytes as Uint8Array).toString(name),
      },
    },
  );

const identity = () =>
  new PsObject('WindowsIdentity', {
    Name: `WIN11\\${process.env['VMTEST_WINDOWS_USER'] ?? userInfo().username}`,
    IsSystem: false,
  });

/** The .NET names of both kinds, in lower case. */
export const guestTypes = {
  statics: {
    'text.encoding::ascii': encoding('latin1'),
    'io.stream::null': () => new Stream(undefined),
    'environment::systemdirectory': () => SYSTEM,
    'datetimeoffset::utcnow': () => utc(Date.now()),
  },
  writes: {
    'console::outputencoding': () => {},
  },
  methods: {
    'console::openstandardinput': () => new Stream(0),
    'console::openstandardoutput': () => new Stream(1),
    'console::openstandarderror': () => new Stream(2),
    'text.utf8encoding::new': (_mark: Value) => new PsObject('UTF8Encoding', {}),
    'io.binaryreader::new': (stream: Value) => binaryReader(stream as Stream),
    'io.file::openread': (path: Value) => inFile(path, (host) => openFile(host, 'r')),
    'io.file::create': (path: Value) => inFile(path, (host) => openFile(host, 'w')),
    'io.file::open': open,
    'io.file::exists': (path: Value) =>
      statSync(toHost(toText(path)), { throwIfNoEntry: false })?.isFile() ?? false,
    'io.file::readalltext': (path: Value) => inFile(path, (host) => readFileSync(host, 'utf8')),
    'io.file::writealltext': (path: Value, text: Value) =>
      inFile(path, (host) => {
        writeFileSync(host, toText(text));
        return [];
      }),
    'io.file::writeallbytes': (path: Value, bytes: Value) =>
      inFile(path, (host) => {
        writeFileSync(host, bytes as Uint8Array);
        return [];
      }),
    'io.file::setlastwritetimeutc': (path: Value, time: Value) =>
      inFile(path, (host) => {
        utimesSync(host, Number(time) / 1000, Number(time) / 1000);
        return [];
      }),
    'io.directory::createdirectory': makeFolder,
    'io.path::combine': (one: Value, two: Value) =>
      win32.isAbsolute(toText(two)) ? toText(two) : `${toText(one).replace(/[\\/]$/, '')}\\${toText(two)}`,
    'io.path::getfullpath': (path: Value) => {
      toHostOrFail(path);
      return win32.normalize(toText(path)).replace(/(?<=.{3})\\$/, '');
    },
    'io.path::getdirectoryname': (path: Value) => win32.dirname(toText(path)),
    'io.path::gettemppath': () => (hasFault('odd-temp') ? 'C:\\Users\\Jörg Müller\\Temp\\' : `${TEMP}\\`),
    'environment::getfolderpath': (name: Value) => FOLDERS[toText(name)] ?? '',
    'environment::setenvironmentvariable': (name: Value, value: Value) => {
      process.env[toText(name).toLowerCase() === 'path' ? PATH_VARIABLE : toText(name)] = toText(value);
      return [];
    },
    'environment::expandenvironmentvariables': (text: Value) =>
      toText(text).replace('%ProgramFiles%', 'C:\\Program Files'),
    'math::min': (one: Value, two: Value) => Math.min(Number(one), Number(two)),
    'math::abs': (one: Value) => Math.abs(Number(one)),
    'datetimeoffset::fromunixtimeseconds': (seconds: Value) => utc(Number(seconds) * 1000),
    'datetimeoffset::fromunixtimemilliseconds': (milliseconds: Value) => utc(Number(milliseconds)),
    'security.principal.windowsidentity::getcurrent': identity,
  },
};

function toHostOrFail(path: Value): string {
  return dirname(ioError(() => toHost(toText(path))));
}
