import { writeFile } from 'node:fs/promises';
import { openApiDocument } from '../lib/openapi/document.ts';

/** Writes the API's document, which a function serves. */
await writeFile(new URL('../docs/openapi.json', import.meta.url), `${JSON.stringify(openApiDocument(), null, 2)}\n`);
