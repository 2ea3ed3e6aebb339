/** Names come from archives and keys: what cannot be seen among them would command the terminal, or deceive who reads it. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
