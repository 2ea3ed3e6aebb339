import type { Route } from './deployed-function.ts';

/** A route that a request matched, and its decoded path parameters. */
export type Match<Target> = { readonly target: Target; readonly routeKey: string; readonly parameters: Parameters };
type Parameters = Readonly<Record<string, string>>;

const DEFAULT = '$default';
const VARIABLE = /^\{(.+)\}$/;
const GREEDY = /^\{(.+)\+\}$/;

/**
 * Finds the route of a request as an HTTP API does: text before a parameter before a greedy one, segment by segment;
 * the method before ANY; `$default` last. HEAD is a method like others, and a trailing slash is a segment.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function createRouter<Target>(
  entries: readonly (readonly [Route, Target])[],
): (method: string, path: string) => Match<Target> | undefined {
  const sorted = [...entries].sort(([a], [b]) => rankOf(a).localeCompare(rankOf(b), 'en'));
  return (method, path) => {
    for (const [route, target] of sorted) {
      const parameters = route.method === 'ANY' || route.method === method ? parametersOf(route, path) : undefined;
      if (parameters !== undefined) return { target, routeKey: route.key, parameters };
    }
    return undefined;
  };
}

function rankOf({ path, method }: Route): string {
  if (path === DEFAULT) return '9';
  const segments = path.split('/').map((segment) => (GREEDY.test(segment) ? '3' : VARIABLE.test(segment) ? '2' : '1'));
  return segments.join('') + (method === 'ANY' ? '2' : '1');
}

function parametersOf({ path }: Route, requested: string): Parameters | undefined {
  if (path === DEFAULT) return {};
  const parameters: Record<string, string> = {};
  const found = requested.split('/');
  const expected = path.split('/');
  for (const [index, segment] of expected.entries()) {
    const greedy = GREEDY.exec(segment)?.[1];
    const value = greedy === undefined ? found[index] : found.slice(index).join('/');
    const variable = greedy ?? VARIABLE.exec(segment)?.[1];
    if (value === undefined || (variable === undefined ? value !== segment : value === '')) return undefined;
    if (variable !== undefined) parameters[variable] = decoded(value);
    if (greedy !== undefined) return parameters;
  }
  return found.length === expected.length ? parameters : undefined;
}

/** Decodes a percent-encoded text; one that is malformed stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
