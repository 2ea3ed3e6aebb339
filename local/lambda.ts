import { randomUUID } from 'node:crypto';
import { ContainerGroup } from './container-group.ts';
import { Container } from './container-process.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { ACCOUNT, CREDENTIALS, REGION } from './identity.ts';
import { LambdaRefusal } from './lambda-refusal.ts';
import type { Outcome } from './messages.ts';

/** Bytes of a synchronous request. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const REQUEST_BYTES = 6_291_456;
/** Bytes of a response: a hundred more than of a request, as the service's own error says. */
export const RESPONSE_BYTES = 6_291_556;
/** Containers of one function at a time: twice what one import asks for. One machine has no thousand to give. */
const CONTAINERS = 16;
/** Requests of one function at a time, those that wait for a container too: the service's default concurrency. */
const CONCURRENCY = 1_000;

export type Invocation = Outcome & { readonly requestId: string };

type InvokeOptions = {
  /** Called when a container begins: with the id of the request and of the process. */
  readonly onStart?: (started: { readonly requestId: string; readonly pid: number | undefined }) => void;
};

export type PoolOptions = {
  readonly functions: readonly DeployedFunction[];
  /** What every container gets beside its function's own: where the other services are. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Access key id that a function signs with; without it all sign with the same. */
  readonly accessKeyOf?: ((functionKey: string) => string) | undefined;
  readonly onLog?: (functionKey: string, line: string) => void;
  readonly containers?: number;
  readonly concurrency?: number;
};

/** The containers of all functions: started on demand, used again when idle, ended together. */
export class LambdaPool {
  readonly #options: PoolOptions;
  readonly #groups: ReadonlyMap<string, ContainerGroup>;
  /** What functions were asked and have not answered, by the ids of the requests. */
  readonly #underWay = new Map<string, string>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#groups = new Map(options.functions.map((deployed) => [deployed.key, new ContainerGroup(deployed)]));
  }

  /** Ids of the running containers, of one function or of all. */
  pids(functionKey?: string): number[] {
    const groups = [...this.#groups].filter(([key]) => functionKey === undefined || key === functionKey);
    const containers = groups.flatMap(([, group]) => [...group.containers]);
    return containers.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Whether a function is at a request that holds a text, or one waits for a container. */
  isBusyWith(text: string): boolean {
    return [...this.#underWay.values()].some((payload) => payload.includes(text));
  }

  /** Runs a function with a JSON text. Throws a LambdaRefusal for what never reaches it; its own failures are results. */
  async invoke(functionKey: string, payload: string, { onStart }: InvokeOptions = {}): Promise<Invocation> {
    const group = this.#groups.get(functionKey);
    if (group === undefined) throw LambdaRefusal.notFound(functionKey);
    if (Buffer.byteLength(payload) > REQUEST_BYTES) throw LambdaRefusal.tooLarge(REQUEST_BYTES);
    if (group.requests >= (this.#options.concurrency ?? CONCURRENCY)) throw LambdaRefusal.throttled();
    const requestId = randomUUID();
    this.#underWay.set(requestId, payload);
    try {
      const container = await group.take(this.#options.containers ?? CONTAINERS, () => this.#create(group));
      const outcome = await container.run({
        requestId,
        payload,
        onStart: () => onStart?.({ requestId, pid: container.pid }),
      });
      group.giveBack(container);
      return { ...bounded(outcome), requestId };
    } finally {
      this.#underWay.delete(requestId);
    }
  }

  /** Ends all containers within a bound, whatever they do. Requests in flight fail. */
  async close(): Promise<void> {
    this.#closed = true;
    const containers = [...this.#groups.values()].flatMap(({ containers }) => [...containers]);
    await Promise.all(containers.map((container) => container.stop()));
  }

  #create({ deployed }: ContainerGroup): Container {
    if (this.#closed) throw LambdaRefusal.unavailable('The service is being stopped.');
    const { onLog } = this.#options;
    return new Container(deployed, this.#environment(deployed), (line) => onLog?.(deployed.key, line));
  }

  // Nothing of the parent's own environment but the path: what a function needs, its deployment must give.
  #environment(deployed: DeployedFunction): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      TZ: ':UTC',
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: this.#options.accessKeyOf?.(deployed.key) ?? CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_LAMBDA_FUNCTION_NAME: deployed.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.memoryMegabytes),
      LOCAL_FUNCTION_ARN: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${deployed.name}`,
      ...this.#options.environment,
      ...deployed.environment,
    };
  }
}

function bounded(outcome: Outcome): Outcome {
  if (Buffer.byteLength(outcome.payload) <= RESPONSE_BYTES) return outcome;
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${RESPONSE_BYTES} bytes).`;
  const payload = JSON.stringify({ errorMessage, errorType: 'Function.ResponseSizeTooLarge' });
  return { ...outcome, payload, functionError: 'Unhandled' };
}
