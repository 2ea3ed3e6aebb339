import { importFolder } from './import-folder.ts';
import { ProgressLine } from './progress-line.ts';
import { resultTable } from './result-table.ts';
import type { Stack } from './stack.ts';
import { uploadArchives } from './upload-archives.ts';

/** Rows of the result table; the API has them all. */
const SHOWN_ROWS = 100;

/**
 * Uploads archives from disk, imports their folder over HTTP, shows how far it is, and prints what became of each job, or
 * of the first ones of many.
 * @param signal aborted when everything ends: what an import says then is no news, and it throws.
 * @returns the path of the folder.
 */
export async function firstImport(stack: Stack, files: string[], folder: string, signal: AbortSignal): Promise<string> {
  const total = files.length;
  const progress = new ProgressLine(process.stdout);
  const path = await uploadArchives(stack, files, folder, (done) => progress.show('Uploading', done, total));
  progress.show('Importing', 0, total);
  const { answer, location } = await importFolder(stack, path, {
    rows: SHOWN_ROWS,
    // How many jobs there are is known when all archives were read.
    onProgress: (shown) =>
      progress.show('Importing', shown.archives_done ?? 0, total, `, ${shown.jobs_done ?? 0} jobs`),
    signal,
  });
  signal.throwIfAborted();
  progress.clear();
  const rows = answer.job_mapping ?? [];
  if (rows.length > 0) console.log(`${resultTable(rows)}\n`);
  const counts = Object.entries(answer.counts ?? {});
  const more = counts.reduce((sum, [, count]) => sum + count, 0) - rows.length;
  if (more > 0) {
    const all = counts.map(([action, count]) => `${count} ${action.replaceAll('_', ' ')}`).join(', ');
    console.log(`  … and ${more} more; in all ${all}. They are at ${stack.endpoint}${location}\n`);
  }
  console.log(`${answer.message ?? `${answer.error_code}: ${answer.error_msg}`}\n`);
  return path;
}
