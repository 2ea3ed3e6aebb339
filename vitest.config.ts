import { spawnSync } from 'node:child_process';
import { defineConfig } from 'vitest/config';

/** The integration suite runs on the embedded table, and again on the real DynamoDB Local where Java is there. */
const hasJava = spawnSync('java', ['-version']).status === 0;
const integration = (name: string, exclude: string[] = []) => ({
  extends: true as const,
  test: {
    name,
    include: ['test/integration/**/*.test.ts'],
    exclude,
    globalSetup: ['test/integration/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

/** Of what does not hang on how a table judges conditions, answers in pages or refuses, once is enough. */
const ON_ANY_TABLE = [
  'bad-input',
  'clients',
  'corpus',
  'cost',
  'door',
  'export',
  'export-faults',
  'faults',
  'folders',
  'index-lag',
  'isolation',
  'openapi',
  'overlap',
  'queue-crashes',
  'reliability-queue',
  'reliability-uploads',
  'round-trip',
  'sdk',
  'signature',
  'two-ways',
].map((name) => `test/integration/${name}.test.ts`);

export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    /** On two cores one would be left idle, and most tests wait. */
    maxWorkers: 2,
    projects: [
      // A limit's archive takes some seconds where others keep the machine busy.
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
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
      integration('integration'),
      ...(hasJava ? [integration('integration-dynamodb-local', ON_ANY_TABLE)] : []),
    ],
  },
});
