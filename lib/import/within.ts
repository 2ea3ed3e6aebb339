/**
 * A result, if it comes in time. What is under way goes on by itself; only nobody waits for it any longer.
 * @throws the signal's reason once it is aborted.
 */
export async function within<T>(work: Promise<T>, timeOut: AbortSignal): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(timeOut.reason);
  if (timeOut.aborted) onAbort();
  timeOut.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work, late]);
  } finally {
    timeOut.removeEventListener('abort', onAbort);
  }
}
