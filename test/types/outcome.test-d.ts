import { describe, expectTypeOf, test } from 'vitest';
import type { ErrorCode } from '../../lib/errors.ts';
import type { ArchiveResult, MappingEntry } from '../../lib/import/mapping.ts';
import type { ArchiveOutcomes, Outcome, SettledOutcome } from '../../lib/job/outcome.ts';
import type { PackedText } from '../../lib/job/packed-text.ts';
import type { ParsedJob } from '../../lib/job/parse-job.ts';
import type { Written } from '../../lib/store/write-rules.ts';

describe('an outcome', () => {
  test('has one action of a closed set', () => {
    expectTypeOf<Outcome['action']>().toEqualTypeOf<
      'created' | 'overwritten' | 'skipped' | 'superseded' | 'duplicate' | 'failed' | 'not_started'
    >();
    expectTypeOf<MappingEntry['action']>().toEqualTypeOf<Outcome['action']>();
  });

  test('that is a duplicate tells what it met', () => {
    const tell = (outcome: Outcome) => (outcome.action === 'duplicate' ? outcome : undefined);
    expectTypeOf(tell).returns.exclude<undefined>().toHaveProperty('metOrder').toEqualTypeOf<string>();
    expectTypeOf(tell).returns.exclude<undefined>().toHaveProperty('metHash').toEqualTypeOf<string>();
    expectTypeOf(tell).returns.exclude<undefined>().not.toHaveProperty('isTransient');
  });

  test('that failed has a code and no id', () => {
    const tell = (outcome: Outcome) => (outcome.action === 'failed' ? outcome : undefined);
    expectTypeOf(tell).returns.exclude<undefined>().toHaveProperty('code').toEqualTypeOf<ErrorCode>();
    expectTypeOf(tell).returns.exclude<undefined>().toHaveProperty('name').toEqualTypeOf<string | null>();
    expectTypeOf(tell).returns.exclude<undefined>().not.toHaveProperty('jobId');
  });

  test('is settled or knows whether it is transient, never both', () => {
    const settled = (outcome: Outcome) => ('isTransient' in outcome ? undefined : outcome);
    expectTypeOf(settled).returns.exclude<undefined>().toEqualTypeOf<SettledOutcome>();
    expectTypeOf<SettledOutcome['action']>().toEqualTypeOf<Written['action']>();
    expectTypeOf<SettledOutcome['jobId']>().toEqualTypeOf<number>();
    expectTypeOf<SettledOutcome['name']>().toEqualTypeOf<string>();
  });
});

describe('what is known of an archive', () => {
  test('is its jobs or its refusal', () => {
    const refusal = (outcomes: ArchiveOutcomes) => ('refused' in outcomes ? outcomes.refused : undefined);
    const jobs = (outcomes: ArchiveOutcomes) => ('refused' in outcomes ? undefined : outcomes.jobs);
    expectTypeOf(refusal).returns.exclude<undefined>().toHaveProperty('code').toEqualTypeOf<ErrorCode>();
    expectTypeOf(jobs).returns.exclude<undefined>().toEqualTypeOf<Outcome[]>();
  });

  test('may be a word for what was not reported', () => {
    expectTypeOf<Extract<ArchiveResult['outcomes'], string>>().toEqualTypeOf<'running' | 'lost' | 'not_started'>();
  });
});

describe('a parsed job', () => {
  test('has a definition if it is sound, a message if not', () => {
    const sound = (job: ParsedJob) => (job.ok ? job : undefined);
    const failed = (job: ParsedJob) => (job.ok ? undefined : job);
    expectTypeOf(sound).returns.exclude<undefined>().toHaveProperty('definition').toEqualTypeOf<PackedText>();
    expectTypeOf(sound).returns.exclude<undefined>().not.toHaveProperty('message');
    expectTypeOf(failed).returns.exclude<undefined>().toHaveProperty('message').toEqualTypeOf<string>();
    expectTypeOf(failed).returns.exclude<undefined>().not.toHaveProperty('definition');
    expectTypeOf<ParsedJob['oldJobId']>().toEqualTypeOf<string | null>();
  });
});
