import { describe, expectTypeOf, test } from 'vitest';
import type { SecretKeys } from '../../lib/auth/secrets.ts';
import { bucketVariables, projectVariables, readConfig, secretVariables, tableVariables } from '../../lib/config.ts';
import type { createBlobs, createDoor, createTable } from '../../lib/services.ts';

describe('what readConfig returns', () => {
  test('has exactly the variables that were asked for', () => {
    const config = readConfig({}, { ...tableVariables, ...bucketVariables });
    expectTypeOf(config).toEqualTypeOf<{ TABLE_NAME: string; BUCKET_NAME: string; BUCKET_OWNER: string }>();
  });

  test('does not have what was not asked for', () => {
    const config = readConfig({}, tableVariables);
    expectTypeOf(config).not.toHaveProperty('BUCKET_NAME');
  });

  test('holds parsed values', () => {
    const config = readConfig({}, { ...secretVariables, ...projectVariables });
    expectTypeOf(config.SECRET_KEYS).toEqualTypeOf<SecretKeys>();
    expectTypeOf(config.LOCATION_BUCKETS).toEqualTypeOf<string[]>();
  });

  test('is what the services ask for', () => {
    const config = readConfig({}, { ...tableVariables, ...bucketVariables });
    expectTypeOf(config).toExtend<Parameters<typeof createTable>[0]>();
    expectTypeOf(config).toExtend<Parameters<typeof createBlobs>[0]>();
    expectTypeOf(readConfig({}, secretVariables)).toExtend<Parameters<typeof createDoor>[1]>();
    expectTypeOf(readConfig({}, bucketVariables)).not.toExtend<Parameters<typeof createTable>[0]>();
  });
});
