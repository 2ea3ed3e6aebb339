import { readSignature } from '../../lib/auth/signature.ts';
import type { ApiEvent } from '../../lib/http/api.ts';
import { sign } from '../sign.ts';
import { apiEvent } from '../unit/api-event.ts';
import { cpuTime, interleave } from './rounds.ts';
import { figure, toText } from './section.ts';

const BODY_BYTES = 4_096;
const ROUNDS = 7;
const VERIFICATIONS = 5_000;
const GOAL_MS = 1;

/** Measures verifying the signature of a request as clients sign it, from its event on, as text and in base64. */
export async function measureVerifying(): Promise<void> {
  const keys = { access_key: 'ACCESSKEY', secret_key: 'secret-key-of-forty-characters-0123456789' };
  const body = JSON.stringify({ zip_file: 'x'.repeat(BODY_BYTES - 15) });
  const headers = { 'content-type': 'application/json', host: 'localhost', 'x-project-id': 'demo' };
  const url = '/v1.0/demo/streaming/jobs/import';
  const signed = sign(keys, { method: 'POST', url, headers, body });
  const event = apiEvent({
    rawPath: url,
    headers: Object.fromEntries(Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value])),
    body,
  });
  const encoded = { ...event, body: Buffer.from(body).toString('base64'), isBase64Encoded: true };

  const verifyAll = (sent: ApiEvent) => async () => {
    const time = await cpuTime(() => {
      for (let at = 0; at < VERIFICATIONS; at++) {
        const { isSignedWith } = readSignature(sent, Date.now());
        if (!isSignedWith(keys.secret_key)) throw new Error('a signature does not verify');
      }
    });
    return time / VERIFICATIONS;
  };
  const ms = await interleave({ text: verifyAll(event), base64: verifyAll(encoded) }, ROUNDS);
  const rows = [
    ['sent as text', figure(ms.text)],
    ['sent in base64', figure(ms.base64)],
  ];
  console.log(toText({ head: [`a signature of a body of ${Buffer.byteLength(body)} bytes`, 'ms of CPU'], rows }));
  console.log(`  goal: under ${GOAL_MS} ms as text: ${ms.text < GOAL_MS ? 'met' : 'not met'}`);
}
