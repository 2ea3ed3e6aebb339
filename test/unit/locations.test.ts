import { describe, expect, test } from 'vitest';
import { ApiError } from '../../lib/errors.ts';
import { openExportFolder, openLocation } from '../../lib/location/locations.ts';
import { parseFolderPath, parseObjectPath } from '../../lib/location/object-path.ts';
import { INTERNAL_PREFIXES } from '../../lib/store/blobs.ts';

const home = { bucket: 'home', owner: '111' };
const place = (bucket: string, prefix: string, owner = '222') => ({ bucket, prefix, owner, write: false });

function open(zipFile: string, locations: ReturnType<typeof place>[]) {
  try {
    return openLocation(locations, parseObjectPath(zipFile), home);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code} ${error.message}`;
    throw error;
  }
}

const refused = (readable: string) =>
  `DLI.0011 zip_file names a location that this project may not read. It may read ${readable}.`;

describe('a location', () => {
  test.each(['data/a/x.zip', 'data/a', 'data/a/', 'data/a/b/x.zip', 'obs://data/a/b'])(
    'opens what is below it: %s',
    (path) => {
      expect(open(path, [place('data', 'a/')])).toEqual({ bucket: 'data', owner: '222' });
    },
  );

  test.each(['data/ab/x.zip', 'data/ab', 'data/a.zip', 'data/x.zip', 'data', 'other/a/x.zip', 'data/A/x.zip'])(
    'opens nothing beside it: %s',
    (path) => {
      expect(open(path, [place('data', 'a/')])).toBe(refused('data/a/'));
    },
  );

  test.each(['data', 'data/x.zip', 'data/a/b'])('without a prefix opens the whole bucket: %s', (path) => {
    expect(open(path, [place('data', '')])).toEqual({ bucket: 'data', owner: '222' });
  });

  test('tells the account that owns its bucket', () => {
    const locations = [place('data', 'a/', '333'), place('data', 'b/', '444'), place('more', '', '555')];
    expect(open('data/b/x.zip', locations)).toEqual({ bucket: 'data', owner: '444' });
    expect(open('more/x.zip', locations)).toEqual({ bucket: 'more', owner: '555' });
  });
});

describe('a refusal', () => {
  test('says where the project may read, and nothing of what was asked for', () => {
    expect(open('data/hunter2/x.zip', [place('data', 'a/'), place('more', '')])).toBe(refused('data/a/, more/'));
  });

  test('of a project without locations says so', () => {
    expect(open('data/x.zip', [])).toBe(refused('none'));
  });
});

describe("what the deployment's bucket holds for itself", () => {
  test.each([...INTERNAL_PREFIXES])('is opened by no location: %s', (prefix) => {
    for (const path of [`home/${prefix}x.zip`, `home/${prefix}p/1/x.zip`, `home/${prefix}`]) {
      expect(open(path, [place('home', ''), place('home', prefix)])).toContain('DLI.0011');
    }
  });

  test.each([...INTERNAL_PREFIXES])('is nothing special in another bucket: %s', (prefix) => {
    expect(open(`data/${prefix}x.zip`, [place('data', '')])).toEqual({ bucket: 'data', owner: '222' });
  });

  test('leaves the rest of it open', () => {
    expect(open('home/definitions.zip', [place('home', '')])).toEqual({ bucket: 'home', owner: '222' });
    expect(open('home/uploads/p/x.zip', [place('home', '')])).toEqual({ bucket: 'home', owner: '222' });
  });
});

describe('a folder for exports', () => {
  const writable = (prefix: string, bucket = 'data') => ({ ...place(bucket, prefix), write: true });
  const openFolder = (obsDir: string, locations: ReturnType<typeof place>[]) => {
    try {
      return openExportFolder(locations, parseFolderPath(obsDir, 0), home);
    } catch (error) {
      if (error instanceof ApiError) return `${error.code} ${error.message}`;
      throw error;
    }
  };
  const refusedWriting = (places: string) =>
    `DLI.0011 obs_dir names a location that this project may not write. It may write ${places}.`;

  test.each(['data/a', 'data/a/b'])('is opened by a location that may be written: %s', (path) => {
    expect(openFolder(path, [place('data', 'a/'), writable('a/')])).toEqual({ bucket: 'data', owner: '222' });
  });

  test('is not opened by one that may only be read, also if another of its bucket may be written', () => {
    expect(openFolder('data/a', [place('data', '')])).toBe(refusedWriting('none'));
    expect(openFolder('data/a', [place('data', ''), writable('b/')])).toBe(refusedWriting('data/b/'));
  });

  test.each(['home/uploads', 'home/uploads/p'])('never lies where archives import themselves: %s', (path) => {
    for (const prefix of ['', 'uploads/']) {
      expect(openFolder(path, [writable(prefix, 'home')])).toMatch(/^DLI\.0011 obs_dir lies below uploads\//);
    }
  });

  test.each(['home/uploads2', 'home/a/uploads', 'home'])('may have a name like that: %s', (path) => {
    expect(openFolder(path, [writable('', 'home')])).toEqual({ bucket: 'home', owner: '222' });
  });

  test('may be called uploads in another bucket', () => {
    expect(openFolder('data/uploads', [writable('')])).toEqual({ bucket: 'data', owner: '222' });
  });

  test.each([...INTERNAL_PREFIXES])('is never one that the service keeps for itself: %s', (prefix) => {
    expect(openFolder(`home/${prefix}`, [writable('', 'home')])).toMatch(/^DLI\.0011 obs_dir names a place/);
  });
});
