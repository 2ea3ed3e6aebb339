/** Median milliseconds of the process's CPU, after one round that counts for nothing. */
export async function cpuOf(work: () => unknown, rounds: number): Promise<number> {
  await work();
  const times: number[] = [];
  while (times.length < rounds) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1_000);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}
