import { importFolder } from './import-folder.ts';
import { resultTable } from './result-table.ts';
import type { Stack } from './stack.ts';
import { uploadArchives } from './upload-archives.ts';

/** Rows of the result table; the API has them all. */
const SHOWN_ROWS = 100;

/**
 * Uploads archives from disk, imports their folder over HTTP, and prints what became of each job.
 * @param signal aborted when everything ends: what an import says then is no news, and it throws.
 * @returns the path of the folder.
 */
export async function firstImport(stack: Stack, files: string[], folder: string, signal: AbortSignal): Promise<string> {
  const total = files.length;
  const path = await uploadArchives(stack, files, folder, (done) =>
    progress(`Uploading: ${done} of ${total} archives`),
  );
  progress(`Importing: ${total} archives from ${path} …`);
  const answer = await importFolder(stack, path, (done) => progress(`Importing: ${done} of ${total} archives done`));
  signal.throwIfAborted();
  progress('');
  const rows = answer.job_mapping ?? [];
  if (rows.length > 0) console.log(`${resultTable(rows.slice(0, SHOWN_ROWS))}\n`);
  if (rows.length > SHOWN_ROWS) console.log(`  … and ${rows.length - SHOWN_ROWS} more\n`);
  console.log(`${answer.message ?? `${answer.error_code}: ${answer.error_msg}`}\n`);
  return path;
}

/** A line that is written over, on a terminal. */
function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}
