const CHARACTERS = 200;

/** Characters that would change how a line is shown: controls, formats such as text direction, line separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * A name from outside as a message may show it: in double quotes, escaped as JSON and beyond it all that cannot be
 * seen, cut after 200 characters with an ellipsis.
 */
export function quoteName(name: string): string {
  let quoted = '';
  for (const character of name) {
    const escaped = escapeCharacter(character);
    if (quoted.length + escaped.length > CHARACTERS) return `"${quoted}…"`;
    quoted += escaped;
  }
  return `"${quoted}"`;
}

function escapeCharacter(character: string): string {
  const escaped = JSON.stringify(character).slice(1, -1);
  if (escaped.length > character.length || !UNSEEN.test(character)) return escaped;
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
