import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ApiEvent } from '../http/api.ts';
import { AUTHORIZATION_CHARACTERS, SIGNATURE_WINDOW_MS, SIGNED_HEADERS } from '../limits.ts';
import { canonicalRequest } from './canonical-request.ts';
import { ACCESS_KEY } from './credentials.ts';
import { unauthenticated } from './unauthenticated.ts';

const ALGORITHM = 'SDK-HMAC-SHA256';
/** Anchored: of a header that is sent twice the gateway makes one, joined by a comma. Names are lower-case tokens. */
const AUTHORIZATION =
  /^SDK-HMAC-SHA256 Access=([^,]+), SignedHeaders=([a-z0-9!#$%&'*+.^_`|~;-]+), Signature=([0-9a-f]{64})$/;
const DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
const MINUTE_MS = 60_000;

/** A request with a signature whose form is sound; whether it is the right one its secret tells. */
export type SignedRequest = { accessKey: string; isSignedWith: (secretKey: string) => boolean };

/** Whether a request claims to be signed, soundly or not. */
export function isSigned({ headers }: ApiEvent): boolean {
  return /^SDK-/i.test(headers['authorization'] ?? '');
}

/**
 * Reads the signature of a request, and checks all of it that needs no secret.
 * @param event as the gateway made it: its body not parsed yet.
 * @param now milliseconds since the epoch.
 * @throws ApiError APIGW.0301 that tells which header is wrong, and nothing of its value.
 */
export function readSignature(event: ApiEvent, now: number): SignedRequest {
  const { accessKey, signedHeaders, signature } = readAuthorization(event.headers['authorization'] ?? '');
  const date = event.headers['x-sdk-date'] ?? '';
  checkDate(date, now);
  const payloadHash = sha256(Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'));
  const claimedHash = event.headers['x-sdk-content-sha256'] ?? payloadHash;
  if (claimedHash !== payloadHash) {
    throw refused('X-Sdk-Content-Sha256 is not the SHA-256 of the body as it arrived', 'content-hash');
  }
  const request = canonicalRequest(event, signedHeaders, payloadHash);
  if (request === undefined) {
    throw refused('a signed header was not sent, or the query is not percent-encoded UTF-8', 'canonical-request');
  }
  const stringToSign = [ALGORITHM, date, sha256(request)].join('\n');
  const given = Buffer.from(signature, 'hex');
  return {
    accessKey,
    isSignedWith: (secretKey) => timingSafeEqual(createHmac('sha256', secretKey).update(stringToSign).digest(), given),
  };
}

function readAuthorization(text: string) {
  if (text.length > AUTHORIZATION_CHARACTERS) {
    throw refused(
      `Authorization has ${text.length} characters; at most ${AUTHORIZATION_CHARACTERS} are read`,
      'length',
    );
  }
  const [, accessKey, names, signature] = AUTHORIZATION.exec(text) ?? [];
  if (accessKey === undefined || names === undefined || signature === undefined || !ACCESS_KEY.test(accessKey)) {
    const form = `${ALGORITHM} Access=<access key>, SignedHeaders=<a;b>, Signature=<64 hex digits>`;
    throw refused(`Authorization: expected "${form}"`, 'authorization');
  }
  const signedHeaders = names.split(';');
  if (signedHeaders.length > SIGNED_HEADERS) {
    throw refused(`${signedHeaders.length} headers are signed; at most ${SIGNED_HEADERS} are read`, 'signed-headers');
  }
  if (signedHeaders.some((name, at) => name <= (signedHeaders[at - 1] ?? ''))) {
    throw refused('SignedHeaders: expected names in their order, each once', 'signed-headers');
  }
  if (!signedHeaders.includes('x-sdk-date')) {
    throw refused('SignedHeaders: expected x-sdk-date among them', 'signed-headers');
  }
  return { accessKey, signedHeaders, signature };
}

function checkDate(text: string, now: number): void {
  const time = Date.parse(text.replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  // There and back: of a day that no month has, and of hour 24, Date.parse makes another time.
  if (Number.isNaN(time) || dateText(time) !== text) throw refused('X-Sdk-Date: expected YYYYMMDDTHHMMSSZ', 'date');
  if (Math.abs(now - time) > SIGNATURE_WINDOW_MS) {
    throw refused(`X-Sdk-Date is more than ${SIGNATURE_WINDOW_MS / MINUTE_MS} minutes from now`, 'expired');
  }
}

function dateText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function refused(why: string, reason: string) {
  return unauthenticated(`verify aksk signature fail: ${why}`, `signature.${reason}`);
}
