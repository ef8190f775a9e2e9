import type { EngineSchemas } from '../../matrix/engine-schema.ts';
import { loadMatrix } from '../../matrix/load-matrix.ts';
import type { Matrix } from '../../matrix/model.ts';
import { problemsError } from '../../matrix/problems.ts';
import { readMatrixFile } from '../../matrix/read.ts';

export interface OpenMatrixOptions {
  /** The matrix file. Default: the first of `vmtest.yml`, `matrix.yml`, `.vmtest.yml` in `cwd`. */
  file?: string;
  /** Default: the process's. */
  cwd?: string;
  /** For `env.X`. Default: the process's. */
  env?: Readonly<Record<string, string | undefined>>;
}

/** @throws MatrixFileError with every problem of the file. */
export async function openMatrix(options: OpenMatrixOptions, engines: EngineSchemas): Promise<Matrix> {
  const { file, path, text } = await readMatrixFile(options.file, options.cwd);
  const env = options.env === undefined ? {} : { env: options.env };
  const { matrix, problems } = loadMatrix(text, { file, path, engines, ...env });
  if (problems) throw problemsError(problems, text);
  return matrix;
}
