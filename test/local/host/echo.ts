/** Gives back what it got: the event, the context, the environment and the process. */
export async function handler(event: unknown, context: { getRemainingTimeInMillis(): number }) {
  const remaining = context.getRemainingTimeInMillis();
  return { event, context: { ...context, remaining }, env: process.env, execArgv: process.execArgv, pid: process.pid };
}
