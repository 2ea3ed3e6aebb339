import { ACCOUNT } from '../local/identity.ts';
import { type Call, type CountingProxy, type OnCall, startProxy, type Target } from './proxy.ts';

const OWNER_HEADER = 'x-amz-expected-bucket-owner';
const REFUSAL = {
  status: 400,
  body: `<Error><Code>InvalidRequest</Code><Message>the call lacks its ${OWNER_HEADER}</Message></Error>`,
};

/**
 * Starts a proxy before the S3 of functions, and of nobody else: every call has to name the account that must own its
 * bucket. One that does not is refused; that it was made is an error of `close`, whatever became of the refusal.
 */
export async function startS3Proxy(
  target: Target,
  onCall?: OnCall,
  onEnd?: (call: Call) => void,
): Promise<CountingProxy> {
  const unowned: string[] = [];
  const hear: OnCall = (call) => {
    const fault = onCall?.(call);
    const owner = call.headers[OWNER_HEADER];
    if (owner === ACCOUNT) return fault;
    unowned.push(`${call.operation} with ${owner === undefined ? 'no owner' : `the owner ${owner}`}`);
    return REFUSAL;
  };
  const proxy = await startProxy(target, hear, onEnd);
  return {
    ...proxy,
    close: async () => {
      await proxy.close();
      if (unowned.length > 0) throw new Error(`S3 was called without the account that owns the bucket: ${unowned}`);
    },
  };
}
