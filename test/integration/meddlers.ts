import type { OnCall } from '../proxy.ts';
import type { ProjectClient } from './client.ts';

/**
 * Lets each test meddle with the calls of its own project, by its hooks: tests that wait can do so at the same time.
 * @param hooks of a stack, which hear the calls of all projects.
 */
export function startMeddling<Service extends string>(
  hooks: Partial<Record<Service, OnCall | undefined>>,
  services: readonly Service[],
) {
  const meddlers = new Map<string, Partial<Record<Service, OnCall>>>();
  for (const service of services) {
    hooks[service] = (call) => {
      const heard = [...meddlers].find(([projectId]) => call.url.includes(projectId) || call.body.includes(projectId));
      return heard?.[1][service]?.(call);
    };
  }
  return ({ projectId }: ProjectClient, own: Partial<Record<Service, OnCall>>) => void meddlers.set(projectId, own);
}
