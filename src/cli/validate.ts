import { engineSchemas } from '../../drivers/registry.ts';
import { openMatrix } from '../run/open-matrix.ts';
import { EXIT } from './exit-codes.ts';

/** Throws `MATRIX_FILE` with all problems; silence is good news, as with compilers. */
export async function validateCommand(options: { file?: string }): Promise<number> {
  await openMatrix(options, engineSchemas());
  return EXIT.passed;
}
