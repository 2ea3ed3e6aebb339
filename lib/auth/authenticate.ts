import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { ApiError } from '../errors.ts';
import type { ApiEvent } from '../http/api.ts';
import { projectIdOf } from '../http/paths.ts';
import { ACCESS_CACHE_ENTRIES, ACCESS_CACHE_MS } from '../limits.ts';
import type { findAccess, Project } from '../store/projects.ts';
import { hashToken } from './credentials.ts';

/** Characters of a token's hash that tell it from the project's others. */
const SHOWN_HASH = 8;

/** Looks a credential and a project up, in one read. */
type Lookup = (credentialId: string, projectId: string) => ReturnType<typeof findAccess>;

/** Handlers behind the door find in their context the project of the path, and whose request it is, as it may be shown. */
export type ProjectContext = Context & { project: Project; requestedBy: string };

/**
 * The door: a request passes with a token of the project that its path names. What was found is kept for a minute;
 * what was refused is not.
 */
export function authenticate(lookup: Lookup): MiddlewareObj<ApiEvent, unknown, Error, ProjectContext> {
  const known = new Map<string, { project: Project; until: number }>();
  return {
    before: async ({ event, context }) => {
      const projectId = projectIdOf(event);
      const token = event.headers['x-auth-token'] ?? '';
      if (token === '') throw unauthenticated('x-auth-token not found');

      const credentialId = hashToken(token);
      context.requestedBy = `token ${credentialId.slice(0, SHOWN_HASH)}`;
      const cacheKey = `${credentialId} ${projectId}`;
      const hit = known.get(cacheKey);
      if (hit !== undefined && hit.until > Date.now()) {
        context.project = hit.project;
        return;
      }
      context.project = await admit(lookup, credentialId, projectId);
      if (known.size >= ACCESS_CACHE_ENTRIES) known.clear();
      known.set(cacheKey, { project: context.project, until: Date.now() + ACCESS_CACHE_MS });
    },
  };
}

/** A project that does not exist and one of somebody else are refused alike. */
async function admit(lookup: Lookup, credentialId: string, projectId: string): Promise<Project> {
  const { credential, project } = await lookup(credentialId, projectId);
  if (credential?.kind !== 'token' || credential.revoked !== undefined) throw unauthenticated('decrypt token fail');
  if (credential.project_id !== projectId || project === undefined) {
    throw new ApiError('APIGW.0302', 'This token is not one of the project that the path names.');
  }
  return project;
}

function unauthenticated(detail: string): ApiError {
  return new ApiError('APIGW.0301', `Incorrect IAM authentication information: ${detail}`);
}
