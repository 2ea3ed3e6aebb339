import { readFileSync } from 'node:fs';

/** The commands that a document tells to type: in its blocks of shell, each for itself, and in its text. */
export function commandsOf(document: string): string[] {
  const text = readFileSync(new URL(`../${document}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const typed = blocks.flatMap((block) => block.split('\n').flatMap((line) => line.split(' && ')));
  const named = [...text.replace(/^```.*?^```$/gms, '').matchAll(/`((?:npm|npx|node|bash|sh|curl|aws) [^`]+)`/g)];
  return [...typed, ...named.map(([, command = '']) => command)].filter((command) => command.trim() !== '');
}
