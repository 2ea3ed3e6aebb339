import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { ApiError } from '../errors.ts';
import type { ApiEvent } from '../http/api.ts';
import { projectIdOf } from '../http/paths.ts';
import type { findAccess, Project } from '../store/projects.ts';
import { type Access, AccessCache } from './access-cache.ts';
import { type Claim, claimOf } from './claim.ts';
import { decoySecret, decryptSecret, type SecretKeys } from './secrets.ts';

/** Looks a credential and a project up, in one read. */
type Lookup = (credentialId: string, projectId: string) => ReturnType<typeof findAccess>;

/** Handlers behind the door find in their context the project of the path, and whose request it is, as it may be shown. */
export type ProjectContext = Context & { project: Project; requestedBy: string };

/**
 * The door: a request passes with a token of the project that its path names, or signed with an access key of it. What
 * was found is kept for a minute; what was refused is not.
 *
 * Whatever does not pass was looked up, once: a key that is not there, one that was revoked and a signature that is not
 * right are answered alike, after the same work, also while the key is known from the minute before.
 * @param secretKeys decrypt the secrets of access keys.
 */
export function authenticate(
  lookup: Lookup,
  secretKeys: SecretKeys,
): MiddlewareObj<ApiEvent, unknown, Error, ProjectContext> {
  const cache = new AccessCache();
  const decoy = decoySecret(secretKeys);

  /** @throws ApiError APIGW.0301 unless the request holds the credential, APIGW.0302 if it is not one of the project. */
  async function admit(claim: Claim, projectId: string): Promise<Access> {
    const { credential, project } = await lookup(claim.credentialId, projectId);
    const isLive = credential?.kind === claim.kind && credential.revoked === undefined;
    const { accessKey, encrypted } =
      isLive && credential.encrypted_secret !== undefined
        ? { accessKey: claim.credentialId, encrypted: credential.encrypted_secret }
        : decoy;
    const secretKey = decryptSecret(secretKeys, accessKey, encrypted);
    if (!claim.isProvenBy(secretKey) || !isLive) throw claim.refusal;
    if (credential.project_id !== projectId || project === undefined) {
      throw new ApiError('APIGW.0302', 'This key is not one of the project that the path names.');
    }
    return { project, secretKey };
  }

  return {
    before: async ({ event, context }) => {
      const projectId = projectIdOf(event);
      const now = Date.now();
      const claim = claimOf(event, now);
      context.requestedBy = claim.shown;
      const cacheKey = `${claim.kind} ${claim.credentialId} ${projectId}`;
      const known = cache.find(cacheKey, now);
      // Compared also if nothing is known: what does not pass takes as long either way.
      const isProven = claim.isProvenBy(known?.secretKey ?? '');
      if (known !== undefined && isProven) {
        context.project = known.project;
        return;
      }
      const access = await admit(claim, projectId);
      cache.keep(cacheKey, access, now);
      context.project = access.project;
    },
  };
}
