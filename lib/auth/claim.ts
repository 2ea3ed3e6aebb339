import type { ApiError } from '../errors.ts';
import type { ApiEvent } from '../http/api.ts';
import type { Credential } from '../store/credentials.ts';
import { hashToken, shownHash } from './credentials.ts';
import { isSigned, readSignature } from './signature.ts';
import { unauthenticated } from './unauthenticated.ts';

/** The credential that a request claims to hold. */
export type Claim = {
  kind: Credential['kind'];
  credentialId: string;
  /** Which credential it is, as records and logs may tell. */
  shown: string;
  /** Whether the request was made by who holds the secret. A token is its own proof. */
  isProvenBy: (secretKey: string) => boolean;
  /** What the request is told if its claim does not hold, whatever the cause. */
  refusal: ApiError;
};

/**
 * Which credential a request claims to hold. If it is signed, by its signature alone: that was made for this very
 * request, so a request that was altered does not pass by a token beside it.
 * @param now milliseconds since the epoch.
 * @throws ApiError APIGW.0301 if it names none, or has a signature that no secret could make right.
 */
export function claimOf(event: ApiEvent, now: number): Claim {
  return isSigned(event) ? signatureClaim(event, now) : tokenClaim(event);
}

function signatureClaim(event: ApiEvent, now: number): Claim {
  const { accessKey, isSignedWith } = readSignature(event, now);
  return {
    kind: 'access_key',
    credentialId: accessKey,
    shown: `access key ${accessKey}`,
    isProvenBy: isSignedWith,
    refusal: unauthenticated(
      'verify aksk signature fail: ak not exist or revoked, or not the signature of this request by its secret key',
      'signature.refused',
    ),
  };
}

function tokenClaim({ headers }: ApiEvent): Claim {
  const token = headers['x-auth-token'] ?? '';
  if (token === '') throw unauthenticated('x-auth-token not found', 'token.missing');
  const credentialId = hashToken(token);
  return {
    kind: 'token',
    credentialId,
    shown: `token ${shownHash(credentialId)}`,
    isProvenBy: () => true,
    refusal: unauthenticated('decrypt token fail', 'token.refused'),
  };
}
