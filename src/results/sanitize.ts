/**
 * The one place that makes guest-made text harmless: for XML 1.0 (which forbids most control characters even escaped)
 * and for terminals (which obey them). Cleaning twice changes nothing.
 */

const CSI = String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`;
/** Operating system command, device control and the like, up to their terminator. */
const STRING_COMMAND = String.raw`\x1b[\]PX^_][^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)`;
const OTHER_ESCAPE = String.raw`\x1b[ -/]*[0-~]`;
const FORBIDDEN = String.raw`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|\p{Surrogate}`;

/** One pass, so that nothing removed can join its neighbours into a new sequence. Every branch is linear. */
const UNCLEAN = new RegExp(`${CSI}|${STRING_COMMAND}|${OTHER_ESCAPE}|\\r\\n?|${FORBIDDEN}`, 'gu');

/** What may have to go or to change. Most text has none of it, and to look is faster than to replace. */
const DOUBTFUL_IN_TEXT = /[^\t\n -~\u00a0-\ud7ff\ue000-\ufffd]/;
const DOUBTFUL_IN_LINE = /[^\t -~\u00a0-\ud7ff\ue000-\ufffd]/;

/**
 * Text without ANSI sequences, with `\n` line ends, and with every other control character replaced by a visible one
 * (`␀`, `␛`, …). Characters that no XML document may hold become U+FFFD.
 */
export function cleanText(text: string): string {
  return DOUBTFUL_IN_TEXT.test(text) ? text.replace(UNCLEAN, visible) : text;
}

/** Like `cleanText`, on one line: line ends become `␊`. */
export function cleanLine(text: string): string {
  return DOUBTFUL_IN_LINE.test(text) ? cleanText(text).replaceAll('\n', '\u240a') : text;
}

/** The first line with something on it, cleaned and trimmed; empty when there is none. */
export function firstLine(text: string): string {
  return /\S.*/.exec(cleanText(text))?.[0].trim() ?? '';
}

function visible(match: string): string {
  if (match[0] === '\r') return '\n';
  if (match.length > 1) return '';
  const code = match.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
