const CHARACTERS = 200;

/** Characters that would change how a line is shown: controls, formats such as text direction, line separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const UNSEEN_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name from outside as a message may show it: escaped, in double quotes. */
export const quoteName = (name: string): string => `"${escapeName(name)}"`;

/**
 * A name from outside as a log may hold it: escaped as JSON and beyond it all that cannot be seen, cut after 200
 * characters with an ellipsis.
 */
export function escapeName(name: string): string {
  let escaped = '';
  for (const character of name) {
    const next = escapeCharacter(character);
    if (escaped.length + next.length > CHARACTERS) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}

/** A text as a line of JSON may hold it: JSON escapes the first controls by itself, and nothing else that ends a line to some. */
export const escapeUnseen = (text: string): string => text.replace(UNSEEN_IN_JSON, escapeUnits);

function escapeCharacter(character: string): string {
  const escaped = JSON.stringify(character).slice(1, -1);
  return escaped.length > character.length || !UNSEEN.test(character) ? escaped : escapeUnits(character);
}

function escapeUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
