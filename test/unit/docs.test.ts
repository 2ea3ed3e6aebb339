import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENTS = ['README.md', ...readdirSync(join(PROJECT, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const LINK = /\]\(([^)\s]+)\)/g;
const HEADING = /^#+ (.+)$/gm;
/** A path of the project in a code span, as in `lib/limits.ts`. */
const PATH = /`((?:functions|lib|local|test|samples|docs)\/[\w./-]*)`/g;
const COMMAND = /`?npm run ([a-z-]+)/g;

const read = (document: string) => readFileSync(join(PROJECT, document), 'utf8');

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

function problemOf(document: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : relative(PROJECT, join(PROJECT, dirname(document), path));
  if (!existsSync(join(PROJECT, target))) return `${link}: no such file`;
  if (anchor === undefined) return undefined;
  const anchors = [...read(target).matchAll(HEADING)].map(([, heading = '']) => anchorOf(heading));
  return anchors.includes(anchor) ? undefined : `${link}: no such heading`;
}

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  test('leads to what is there', () => {
    const links = [...text.matchAll(LINK)].map(([, link = '']) => link).filter((link) => !/^https?:/.test(link));
    expect(links.flatMap((link) => problemOf(document, link) ?? [])).toEqual([]);
  });

  test('names files that are there', () => {
    const paths = [...text.matchAll(PATH)].map(([, path = '']) => path);
    expect(paths.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
  });

  test('names scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const commands = [...text.matchAll(COMMAND)].map(([, command = '']) => command);
    expect(commands.filter((command) => !(command in scripts))).toEqual([]);
  });
});
