import * as z from 'zod/mini';
import { expected } from '../schema.ts';

/** The body of an import request. The strings are taken because the reference of the API shows both. */
export const importRequest = z.object({
  zip_file: z.string(),
  is_cover: z.pipe(
    z.nullish(z.union([z.boolean(), z.enum(['true', 'false'])], expected('true or false'))),
    z.transform((isCover) => isCover === true || isCover === 'true'),
  ),
});

export type ImportRequest = z.output<typeof importRequest>;
