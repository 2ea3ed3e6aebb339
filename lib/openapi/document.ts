import { namedSchemas, requestSchema } from './json-schema.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { PARAMETERS, pathParameters, queryParameters, sharedParameter } from './parameters.ts';
import { HEADERS, responsesOf, sharedResponses } from './responses.ts';

const SECURITY_SCHEMES = {
  token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description:
      'SDK-HMAC-SHA256 Access=<access key>, SignedHeaders=<names>, Signature=<64 hex digits>, as the SDKs of the service make it. X-Sdk-Date must be signed, and within 15 minutes of now.',
  },
};

/** The API as an OpenAPI 3.1 document, made of the schemas that check requests and type answers. */
export function openApiDocument() {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    const [method = '', path = ''] = operation.route.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(path, operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'flink-job-import',
      version: '1.0',
      description:
        'Imports Flink jobs from ZIP archives, with the job API of Huawei Cloud DLI. Any other path or method is answered as the response APIGW.0101 tells.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { signature: [] }],
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      parameters: PARAMETERS,
      headers: HEADERS,
      responses: sharedResponses(),
      schemas: namedSchemas(),
    },
  };
}

function describe(path: string, operation: Operation): object {
  const { id, summary, description, query, body, takesKey, mayRespondAsync, isOpen } = operation;
  const parameters = [
    ...pathParameters(path),
    ...(query ? queryParameters(query) : []),
    ...(takesKey ? [sharedParameter('Idempotency-Key')] : []),
    ...(mayRespondAsync ? [sharedParameter('Prefer')] : []),
  ];
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    ...(isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: requestSchema(body) } } } }),
    responses: responsesOf(operation),
  };
}
