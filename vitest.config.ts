import { spawnSync } from 'node:child_process';
import { defineConfig } from 'vitest/config';

/** The integration suite runs on the embedded table, and again on the real DynamoDB Local where Java is there. */
const hasJava = spawnSync('java', ['-version']).status === 0;
const integration = (name: string, files = ['*']) => ({
  extends: true as const,
  test: {
    name,
    include: files.map((file) => `test/integration/${file}.test.ts`),
    globalSetup: ['test/integration/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

/** What hangs on how a table judges conditions, answers in pages and refuses. The rest is the same on any. */
const ON_REAL_TABLE = [
  'definitions',
  'delete',
  'idempotency',
  'import',
  'imports',
  'jobs',
  'queue-messages',
  'reliability',
  'same-names',
  'tombstones',
  'write-rules',
];

export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    /** On two cores one would be left idle, and most tests wait. */
    maxWorkers: 2,
    projects: [
      // A limit's archive takes some seconds where others keep the machine busy.
      // Its files share what they load: each alone would load it anew.
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: { enabled: true, only: true, include: ['test/types/**/*.test-d.ts'] },
        },
      },
      {
        extends: true,
        test: { name: 'local', include: ['test/local/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'deployment',
          include: ['test/deployment/**/*.test.ts'],
          globalSetup: ['test/deployment/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      integration('integration'),
      ...(hasJava ? [integration('integration-dynamodb-local', ON_REAL_TABLE)] : []),
    ],
  },
});
