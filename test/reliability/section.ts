/** A page with a section in place of the former one of its heading, or at its end. @param section begins with its heading. */
export function withSection(page: string, section: string): string {
  const [heading = ''] = section.split('\n');
  const at = page.indexOf(`\n${heading}\n`);
  const end = at === -1 ? -1 : page.indexOf('\n## ', at + 1);
  const before = at === -1 ? page : page.slice(0, at);
  const after = end === -1 ? '' : page.slice(end);
  return `${before.trimEnd()}\n\n${section.trimEnd()}\n${after}`;
}

/** A page with all sections that a former one has. */
export function keepSections(page: string, former: string): string {
  const at = former.indexOf('\n## ');
  return at === -1 ? page : `${page.trimEnd()}\n${former.slice(at)}`;
}
