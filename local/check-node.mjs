// Plain JavaScript, since an old Node fails on the first TypeScript file with a message that helps nobody.
const NEEDED = 24;
const found = Number(process.versions.node.split('.')[0]);
if (found < NEEDED) {
  console.error(
    `Node ${NEEDED} is needed, this is ${process.version}. "npm ci" brings it for Linux, macOS and Windows, ` +
      'unless optional packages are left out; elsewhere install it and put it first in PATH.',
  );
  process.exit(1);
}
