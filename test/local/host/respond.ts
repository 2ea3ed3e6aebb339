/** Returns what its body holds. */
export async function handler(event: { body: string }): Promise<unknown> {
  return JSON.parse(event.body);
}
