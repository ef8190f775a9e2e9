/** A crash of our own. Node ends it with 1, which would say that a test has failed. */
import { toVmtestError } from '../host/errors.ts';

/** `EXIT.error`; not imported, since what cannot be loaded any more may be the very crash. */
const COULD_NOT_RUN = 3;

export function listenForCrash(): void {
  process.on('uncaughtException', (thrown) => {
    const { code, message, hint, details } = toVmtestError(thrown);
    const more = code === 'INTERNAL' ? details : hint;
    process.stderr.write(
      `vmtest: it broke down: ${message} [${code}]\n${more ?? ''}\n\`vmtest clean\` takes away what is left\n`,
    );
    process.exit(COULD_NOT_RUN);
  });
}
