/** Returns once whoever serves the address has answered. */
export async function handler({ address }: { address: string }): Promise<number> {
  await (await fetch(address)).text();
  return process.pid;
}
