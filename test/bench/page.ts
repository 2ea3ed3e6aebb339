import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { goalTable, type Section, toMarkdown } from './section.ts';

/** Packages whose versions the figures hang on. */
const PACKAGES = [
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-s3',
  'dynamodb-toolbox',
  'zod',
  '@middy/core',
  'esbuild',
  'unzipper',
  'yauzl',
  'fflate',
];

const LOCK = new URL('../../package-lock.json', import.meta.url);
const GIB = 1_024 ** 3;

/** All of a run as a page. @param load average load of the machine, before and after. */
export function toPage(sections: readonly Section[], load: readonly [number, number]): string {
  const goals = sections.flatMap((section) => section.goals);
  const met = goals.filter((goal) => goal.met).length;
  return `# Performance

The program moves definitions from archives into a table. This page shows how near it comes to what the machine and the table
allow, and what a user would get who wrote the same by hand. It is written by one run of a command, all of it:

\`\`\`
npm run bench
\`\`\`

${machine(load)}

Times are of this machine at that moment, and no promise: what counts are the ratios, of contestants that took turns in the
same minutes. Each figure is a median over rounds, where its part does not say otherwise. S3 and the table are stand-ins on
loopback; nothing was run on AWS. CI holds what needs no clock to its limits: the bytes of a bundle, the requests of an import,
the bytes and write units of a job.

## Goals

${met} of ${goals.length} are met. A ratio is ours by what it is set against, which where there is an absolute limit is the limit.

${toMarkdown(goalTable(goals))}

${sections.map(toMarkdownSection).join('\n\n')}
`;
}

/** One part of the page. */
function toMarkdownSection({ title, about, tables }: Section): string {
  return [`## ${title}`, about, ...tables.map(toMarkdown)].join('\n\n');
}

function machine([before, after]: readonly [number, number]): string {
  const [cpu] = cpus();
  const memory = `${(totalmem() / GIB).toFixed(0)} GiB`;
  const load = `load average ${before.toFixed(1)} before and ${after.toFixed(1)} after`;
  const versions = versionsOf(readFileSync(LOCK, 'utf8'));
  return `On ${new Date().toISOString().slice(0, 10)}: ${cpu?.model.trim()}, ${cpus().length} cores, ${memory} of memory, ${type()} ${release()}; ${load}.
Node ${process.versions.node};\n${versions.join(',\n')}.`;
}

function versionsOf(lock: string): string[] {
  return PACKAGES.map((name) => {
    const { version } =
      new RegExp(`"node_modules/${name}": \\{\\s*"version": "(?<version>[^"]+)"`).exec(lock)?.groups ?? {};
    if (version === undefined) throw new Error(`package-lock.json has no version of ${name}`);
    return `${name} ${version}`;
  });
}
