import { Child } from './child.ts';
import type { Name } from './contestants.ts';
import { environmentOf } from './null-endpoint.ts';
import { isTook, type Task, type Took } from './task.ts';

/** Share of a function's memory that its service gives to the old generation; the rest is for buffers. */
const HEAP_SHARE = 0.9;
/** MB of a worker, as in the deployment file. */
const WORKER_MB = 1_769;

/** A function as it is deployed: its file, and what node is told. */
export type Shipped = { bundle: string; nodeOptions: string };

/** A contestant in a process of its own, on an endpoint. */
export class ContestantProcess {
  /** Bytes that the process held when it was ready. */
  readonly idleBytes: number;
  readonly #child: Child<Took>;

  private constructor(child: Child<Took>, idleBytes: number) {
    this.#child = child;
    this.idleBytes = idleBytes;
  }

  /** @param shipped the worker. */
  static async start(name: Name, endpoint: string, shipped?: Shipped): Promise<ContestantProcess> {
    const child = new Child<Took>('contestant.ts', isTook, {
      args: shipped === undefined ? [name] : [name, shipped.bundle],
      environment: { ...environmentOf(endpoint), NODE_OPTIONS: shipped?.nodeOptions ?? '' },
      execArgv: [`--max-old-space-size=${Math.floor(WORKER_MB * HEAP_SHARE)}`],
    });
    const { heldBytes } = await child.ask();
    return new ContestantProcess(child, heldBytes);
  }

  run(task: Omit<Task, 'kind' | 'isCollected'>, { isCollected = true } = {}): Promise<Took> {
    return this.#child.ask({ kind: 'task', isCollected, ...task });
  }

  close(): Promise<void> {
    return this.#child.close();
  }
}
