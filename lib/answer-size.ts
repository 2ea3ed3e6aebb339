import { ANSWER_BYTES, ENCODED_ANSWER_BYTES } from './limits.ts';

/** Whether a body is not too large for an answer, as it is and as the function hands it on. */
export function canBeSent(body: object): boolean {
  const text = JSON.stringify(body);
  return Buffer.byteLength(text) <= ANSWER_BYTES && Buffer.byteLength(JSON.stringify(text)) <= ENCODED_ANSWER_BYTES;
}
