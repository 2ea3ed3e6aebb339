import type { MiddlewareObj, Request } from '@middy/core';
import jsonBodyParser from '@middy/http-json-body-parser';
import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { parseJson } from '../job/json.ts';
import { describeIssues } from '../schema.ts';
import type { ApiEvent } from './api.ts';

/**
 * Middleware for requests with a JSON body: bounds it, then parses it. Its content type does not matter, since every
 * body is JSON here and tools that send none are many.
 * @param maxBytes of the body as it was sent.
 */
export function jsonBody(maxBytes: number): MiddlewareObj<ApiEvent>[] {
  return [bodyLimit(maxBytes), { ...jsonBodyParser<ApiEvent>({ disableContentTypeCheck: true }), onError: explain }];
}

/**
 * The body as a schema describes it.
 * @throws ApiError DLI.0001 that says which field was expected to be what, and what was found.
 */
export function parseBody<S extends z.ZodMiniType>({ body }: { body?: unknown }, schema: S): z.output<S> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new ApiError('DLI.0001', describeIssues(parsed.error.issues, 'the body'));
  return parsed.data;
}

function bodyLimit(maxBytes: number): MiddlewareObj<ApiEvent> {
  return {
    before: ({ event: { body, isBase64Encoded } }) => {
      const bytes = Buffer.byteLength(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
      if (bytes <= maxBytes) return;
      throw new ApiError('APIGW.0201', `The request's body has ${bytes} bytes; at most ${maxBytes} are taken here.`);
    },
  };
}

/** What @middy/http-json-body-parser throws. Its own words quote the body. */
const parserError = z.object({ statusCode: z.literal(422) });

/** Says where a body stops being JSON, by the reader of documents, whose words quote nothing. */
function explain(request: Request<ApiEvent>): void {
  if (!parserError.safeParse(request.error).success) return;
  const { body = '', isBase64Encoded } = request.event;
  const text = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString();
  request.error = new ApiError('DLI.0001', `The body is not valid JSON: ${problemOf(text)}.`);
}

function problemOf(text: string): string {
  try {
    parseJson(text);
    return 'it holds a key that is not allowed';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message;
  }
}
