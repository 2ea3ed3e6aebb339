import { ApiError } from '../errors.ts';
import { ARCHIVE_BYTES, IMPORT_ARCHIVES, IMPORT_BYTES } from '../limits.ts';
import { openLocation } from '../location/locations.ts';
import { isArchivePath, parseObjectPath } from '../location/object-path.ts';
import { quoteName } from '../quote-name.ts';
import type { Blobs } from '../store/blobs.ts';
import { listFolder, lookAtObject, type ObjectPlace, type SeenObject, tooLarge } from '../store/objects.ts';
import type { Project } from '../store/projects.ts';

/** Names told of what has no place in a folder; the others are counted. */
const SHOWN_NAMES = 3;

/**
 * The archives that `zip_file` names as they are now, in the order of the import: by the UTF-8 bytes of their keys.
 * @throws ApiError if the path is none, may not be read, names nothing, or a folder that holds something else than ZIPs.
 */
export async function findArchives({ s3, home }: Blobs, project: Project, zipFile: string): Promise<SeenObject[]> {
  const source = parseObjectPath(zipFile);
  const place = { ...openLocation(project.locations, source, home), key: source.key };
  if (source.kind === 'folder') {
    const { objects, folders } = await listAll(s3, place);
    return checkFolder(place, objects, folders);
  }
  const seen = await lookAtObject(s3, place);
  if (seen.size > ARCHIVE_BYTES) throw tooLarge(seen, seen.size);
  return [seen];
}

/** Through all pages, but no further than an import may go. */
async function listAll(s3: Blobs['s3'], folder: ObjectPlace): Promise<{ objects: SeenObject[]; folders: string[] }> {
  const objects: SeenObject[] = [];
  const folders: string[] = [];
  for await (const page of listFolder(s3, folder)) {
    // The marker that some tools put for the folder itself.
    objects.push(...page.objects.filter(({ key, size }) => key !== folder.key || size > 0));
    folders.push(...page.folders);
    if (objects.length + folders.length > IMPORT_ARCHIVES) {
      throw new ApiError(
        'DLI.0009',
        `${pathOf(folder)} holds more than ${IMPORT_ARCHIVES} archives. Import it in parts, each a folder of its own.`,
      );
    }
  }
  return { objects, folders };
}

function checkFolder(folder: ObjectPlace, objects: SeenObject[], folders: string[]): SeenObject[] {
  const foreign = [...folders, ...objects.flatMap(({ key }) => (isArchivePath(key) ? [] : [key]))];
  if (foreign.length > 0) {
    const names = foreign.slice(0, SHOWN_NAMES).map((key) => quoteName(key.slice(folder.key.length) || key));
    const more = foreign.length > SHOWN_NAMES ? ` and ${foreign.length - SHOWN_NAMES} more` : '';
    throw new ApiError(
      'DLI.0001',
      `${pathOf(folder)} may hold .zip files only; it also holds ${names.join(', ')}${more}. Nothing was imported. See docs/archives.md.`,
    );
  }
  if (objects.length === 0) throw new ApiError('DLI.0002', `${pathOf(folder)} holds no archive. Check zip_file.`);
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  if (bytes > IMPORT_BYTES) {
    throw new ApiError(
      'DLI.0009',
      `${pathOf(folder)} holds archives of ${bytes} bytes; an import may have ${IMPORT_BYTES}. Import it in parts.`,
    );
  }
  return objects.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

const pathOf = ({ bucket, key }: ObjectPlace) => quoteName(`${bucket}/${key}`);
