import { spawn } from 'node:child_process';

class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

const never = new Promise(() => setInterval(() => undefined, 1_000));

const actions: Record<string, () => unknown> = {
  nothing: () => undefined,
  pid: () => process.pid,
  throw: () => {
    throw new LedgerError('no ledger');
  },
  exit: () => process.exit(3),
  killed: () => process.kill(process.pid, 'SIGKILL') && never,
  'throw-later': () => {
    setImmediate(() => {
      throw new LedgerError('thrown later');
    });
    return never;
  },
  'reject-later': () => {
    void Promise.reject(new LedgerError('rejected later'));
    return never;
  },
  hang: () => never,
  spin: () => {
    for (;;);
  },
  deaf: () => {
    process.on('SIGTERM', () => undefined);
    console.log('deaf');
    return never;
  },
  circle: () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    return circle;
  },
  print: () => {
    console.log('a line\nand one more');
    console.error('an error');
    spawn('true');
    return 'printed';
  },
};

/** Fails in the way that it is asked for. */
export async function handler(event: { action?: string; body?: string; bytes?: number }) {
  // A text of so many bytes as JSON, its quotes included.
  if (event.bytes !== undefined) return 'x'.repeat(event.bytes - 2);
  const action = event.action ?? event.body ?? '';
  return actions[action]?.();
}

export function callback(_event: unknown, _context: unknown, done: () => void): void {
  done();
}
