/** Names come from archives and keys: a control character among them would command the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
