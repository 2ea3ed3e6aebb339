import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { HTTP_STATUS } from '../../lib/errors.ts';
import { openApiDocument } from '../../lib/openapi/document.ts';

const text = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
const document = JSON.parse(text);

/** Every part of the document with a key, and what is there. */
function partsOf(key: string, part: unknown = document): unknown[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => [...(name === key ? [value] : []), ...partsOf(key, value)]);
}

describe('docs/openapi.json', () => {
  test('is what the schemas of requests and answers say; if not, npm run openapi writes it', () => {
    const isFresh = text === `${JSON.stringify(openApiDocument(), null, 2)}\n`;
    expect(isFresh, 'docs/openapi.json is stale: npm run openapi writes it').toBe(true);
  });

  test('is OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(document);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test('has schemas without a keyword that says nothing', () => {
    const ajv = new Ajv2020({ strict: true, formats: { int64: true } });
    ajv.addVocabulary(Object.keys(document)).addSchema(document, 'openapi.json');
    const schemas = [...partsOf('schema'), ...Object.values(document.components.schemas)];
    expect(schemas.length).toBeGreaterThan(50);
    for (const [at, schema] of schemas.entries()) {
      const based = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi.json#/'));
      expect(() => ajv.compile(based), `schema ${at}: ${JSON.stringify(schema)}`).not.toThrow();
    }
  });

  test('refers to nothing that is not there', () => {
    const references = partsOf('$ref').map(String);
    for (const reference of references) {
      const path = reference.split('/').slice(1);
      expect(
        path.reduce((part, key) => part?.[key], document),
        reference,
      ).toBeDefined();
    }
    const named = Object.keys(document.components.schemas).map((id) => `#/components/schemas/${id}`);
    for (const schema of named) expect(references).toContain(schema);
  });

  test('opens the document itself to everybody, and nothing else', () => {
    expect(document.security).toEqual([{ token: [] }, { signature: [] }]);
    const operations = Object.values<object>(document.paths).flatMap((path) => Object.entries(path));
    expect(operations.filter(([, { security }]) => security !== undefined)).toEqual([
      ['get', expect.objectContaining({ operationId: 'showOpenApi', security: [] })],
    ]);
  });

  test('tells of each error code under its status', () => {
    for (const operations of Object.values<Record<string, { responses: Record<string, unknown> }>>(document.paths)) {
      for (const { responses } of Object.values(operations)) {
        for (const [status, response] of Object.entries(responses)) {
          const codes = [
            ...JSON.stringify(response).matchAll(/"(?:#\/components\/responses\/)?((?:DLI|APIGW)\.\d+)"/g),
          ];
          for (const [, code = ''] of codes) expect(Object.entries(HTTP_STATUS)).toContainEqual([code, Number(status)]);
        }
      }
    }
  });

  test('closes what is answered, but for jobs, whose unknown fields are given back', () => {
    const { schemas } = document.components;
    expect(schemas.MappingRow.additionalProperties).toBe(false);
    expect(schemas.ListedJob.additionalProperties).toBe(false);
    expect(schemas.Job.additionalProperties).toEqual({});
    expect(schemas.FinishedImport.properties.is_success).toEqual({ type: 'string', enum: ['true', 'false'] });
    expect(schemas.MappingRow.properties.old_job_id).toMatchObject({ type: 'integer', format: 'int64' });
  });
});
