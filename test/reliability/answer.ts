import * as z from 'zod/mini';
import type { Reply } from './rig.ts';

const row = z.object({
  new_job_id: z.int(),
  remark: z.string(),
  job_name: z.optional(z.string()),
  archive: z.string(),
  entry: z.optional(z.string()),
  action: z.enum(['created', 'overwritten', 'skipped', 'duplicate', 'superseded', 'failed', 'not_started']),
  error_code: z.optional(z.string()),
});
const whole = z.object({
  is_success: z.enum(['true', 'false']),
  message: z.string(),
  job_mapping: z.array(row),
  import_id: z.int(),
  state: z.optional(z.string()),
});
const refusal = z.object({ error_code: z.string(), error_msg: z.string() });

const counts = z.record(z.string(), z.int());
export const shownImport = z.object({ state: z.string(), counts, job_mapping: z.array(row) });
export const listedImports = z.object({
  imports: z.array(z.object({ import_id: z.int(), state: z.string(), counts })),
});

export type Row = z.infer<typeof row>;
/** What the address of an import, and the list of all, tell of it. */
export type Records = {
  shown: z.infer<typeof shownImport>;
  listed: z.infer<typeof listedImports>['imports'][number];
};

/** What a client was told. */
export type Told =
  | ({ how: 'mapping' | 'accepted' } & z.infer<typeof whole>)
  | ({ how: 'refused' } & z.infer<typeof refusal>)
  /** The function was killed: AWS says no more than that. */
  | { how: 'killed' }
  | { how: 'hang'; text: string }
  | { how: 'nonsense'; text: string };

const SHOWN_CHARACTERS = 300;

export function readAnswer({ status, text }: Reply): Told {
  if (status === 0 || status === 503 || status === 504)
    return { how: 'hang', text: `${status} ${text.slice(0, SHOWN_CHARACTERS)}` };
  if (status === 500 && text === '{"message":"Internal Server Error"}') return { how: 'killed' };
  const nonsense = { how: 'nonsense', text: `${status} ${text.slice(0, SHOWN_CHARACTERS)}` } as const;
  if (status === 200 || status === 202) {
    const { success, data } = whole.safeParse(JSON.parse(text));
    return success ? { how: status === 200 ? 'mapping' : 'accepted', ...data } : nonsense;
  }
  if (status !== 400) return nonsense;
  const { success, data } = refusal.safeParse(JSON.parse(text));
  return success ? { how: 'refused', ...data } : nonsense;
}

/** Whether a request with the same key has nothing left to do. */
export function isFinal(told: Told): boolean {
  if (told.how === 'refused') return !['DLI.0999', 'DLI.0019', 'DLI.0007'].includes(told.error_code);
  return told.how === 'mapping' && !told.job_mapping.some(isOpen);
}

/** Whether a row says that sending the request again may change it. */
const isOpen = ({ remark }: Row): boolean => /[Ss]end the request again/.test(remark);
