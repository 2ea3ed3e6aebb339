/** A number that JavaScript would write in another way, kept as its source text: `JSON.stringify` writes that text. */
export interface RawJson {
  readonly rawJSON: string;
}

declare global {
  // The library of TypeScript 7 lacks both: https://tc39.es/proposal-json-parse-with-source
  interface JSON {
    rawJSON(text: string): RawJson;
    isRawJSON(value: unknown): value is RawJson;
  }
}
