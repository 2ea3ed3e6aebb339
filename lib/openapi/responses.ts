import { ERROR_MEANING, type ErrorCode, HTTP_STATUS } from '../errors.ts';
import { errorAnswerSchema, gatewayErrorAnswerSchema, platformAnswerSchema } from '../http/answers.ts';
import { RESPOND_ASYNC } from '../http/prefer.ts';
import { type JsonSchema, reference } from './json-schema.ts';
import type { Operation } from './operations.ts';

const LOCATION = '^/v1\\.0/[A-Za-z0-9_-]{1,64}/streaming/jobs/imports/[0-9]+$';

/** Headers that answers share. */
export const HEADERS = {
  'X-Request-Id': { description: 'Leads to the log.', required: true, schema: { type: 'string', minLength: 1 } },
  'Retry-After': {
    description: 'Seconds after which to try again.',
    required: false,
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  'Preference-Applied': {
    description: 'That the answer came before the end, as it was preferred.',
    required: false,
    schema: { const: RESPOND_ASYNC },
  },
  Location: { description: 'Tells of the import.', required: true, schema: { type: 'string', pattern: LOCATION } },
};

/** What the HTTP API of AWS answers by itself, before a function or instead of one. */
const PLATFORM = {
  413: 'A request of over 10 MB: the answer of AWS.',
  429: 'Too many requests at once: the answer of AWS.',
  500: 'A function was ended: the answer of AWS.',
  503: 'A function did not answer: the answer of AWS.',
};

/** Every response of an operation, by status. */
export function responsesOf({ answers, errors }: Operation): Record<number, object> {
  const responses: Record<number, object> = {};
  for (const [status, { about, schema, hasLocation }] of Object.entries(answers)) {
    const headers = headersOf('X-Request-Id', ...(hasLocation ? (['Location', 'Preference-Applied'] as const) : []));
    responses[Number(status)] = { description: about, headers, ...json(reference(schema)) };
  }
  responses[400] = refusal(errors.filter((code) => !isGateways(code)));
  for (const code of errors.filter(isGateways)) responses[HTTP_STATUS[code]] = shared(code);
  for (const status of [429, 500, 503]) responses[status] ??= shared(`AWS.${status}`);
  return responses;
}

/** Responses that operations share: one a code of the gateway, of which each has its own status, and those of AWS. */
export function sharedResponses(): Record<string, object> {
  const codes: ErrorCode[] = ['APIGW.0101', 'APIGW.0301', 'APIGW.0302'];
  return {
    ...Object.fromEntries(codes.map((code) => [code, refusal([code])])),
    'APIGW.0201': either('APIGW.0201', PLATFORM[413]),
    'APIGW.0308': either('APIGW.0308', PLATFORM[429], 'Retry-After'),
    'AWS.429': platform(PLATFORM[429]),
    'AWS.500': platform(PLATFORM[500]),
    'AWS.503': platform(PLATFORM[503]),
  };
}

function refusal(codes: ErrorCode[]): object {
  return { description: meaningOf(codes), headers: headersOf('X-Request-Id'), ...json(errorSchema(codes)) };
}

/** Either our own answer, or that of AWS, which has no headers of ours. */
function either(code: ErrorCode, platformMeaning: string, ...headers: (keyof typeof HEADERS)[]): object {
  const schema = { anyOf: [errorSchema([code]), reference(platformAnswerSchema)] };
  const description = `${meaningOf([code])} ${platformMeaning}`;
  return { description, ...(headers.length > 0 && { headers: headersOf(...headers) }), ...json(schema) };
}

const platform = (description: string) => ({ description, ...json(reference(platformAnswerSchema)) });

function errorSchema(codes: ErrorCode[]): JsonSchema {
  const body = codes.every(isGateways) ? gatewayErrorAnswerSchema : errorAnswerSchema;
  return { type: 'object', ...reference(body), properties: { error_code: { enum: codes } } };
}

const isGateways = (code: ErrorCode) => code.startsWith('APIGW.');
const meaningOf = (codes: ErrorCode[]) => codes.map((code) => `${code}: ${ERROR_MEANING[code]}`).join(' ');
const shared = (name: string) => ({ $ref: `#/components/responses/${name}` });
const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });

function headersOf(...names: (keyof typeof HEADERS)[]): object {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
