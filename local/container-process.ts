import type { ChildProcess } from 'node:child_process';
import type { DeployedFunction } from './deployed-function.ts';
import { exitReason, forkContainer } from './fork-container.ts';
import { type Failure, isReport, type Outcome, type Report, type Request } from './messages.ts';

type Started = { readonly requestId: string; readonly payload: string; readonly onStart?: () => void };
type Pending = Started & { readonly settle: (outcome: Outcome) => void; timer: NodeJS.Timeout };

/**
 * How long a module may load before its function's time runs. Source:
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
const INIT_MILLISECONDS = 10_000;
const KILL_AFTER_MILLISECONDS = 2_000;

/** A child process that runs one function, one request at a time, with an environment of its own. */
export class Container {
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly #timeoutSeconds: number;
  readonly #child: ChildProcess;
  #state: 'loading' | 'ready' | 'over' = 'loading';
  #pending: Pending | undefined;

  constructor(deployed: DeployedFunction, environment: Record<string, string>, onLog: (line: string) => void) {
    this.#timeoutSeconds = deployed.timeoutSeconds;
    this.#child = forkContainer(deployed, environment, onLog);
    this.#child.on('message', (message) => {
      if (isReport(message)) this.#onReport(message);
    });
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => {
        this.#fail({ errorType: 'Runtime.ExitError', errorMessage: `Error: Runtime exited ${reason}` });
        resolve();
      };
      // Unlike `exit` it comes after the last message and the last line.
      this.#child.once('close', (code, signal) => end(exitReason(code, signal)));
      this.#child.on('error', (error) => end(`with error: ${error.message}`));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False once it failed in a way that its process does not survive. */
  get usable(): boolean {
    return this.#state !== 'over';
  }

  /** Runs a request; never rejects, whatever becomes of the process. */
  run(started: Started): Promise<Outcome> {
    return new Promise((settle) => {
      const milliseconds = INIT_MILLISECONDS + this.#timeoutSeconds * 1_000;
      this.#pending = { ...started, settle, timer: setTimeout(() => this.#onTimeout(), milliseconds) };
      if (this.#state === 'over') this.#fail({ errorType: 'Runtime.ExitError', errorMessage: 'Error: Runtime exited' });
      if (this.#state === 'ready') this.#start(this.#pending);
    });
  }

  /** Ends the process, by force if it does not end by itself. */
  async stop(): Promise<void> {
    // Not by closing the channel: node then never says that the child is closed.
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#kill(), KILL_AFTER_MILLISECONDS);
    await this.ended;
    clearTimeout(timer);
  }

  #kill(): void {
    this.#child.kill('SIGKILL');
    // A process that it left behind could hold them open.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #start(pending: Pending): void {
    clearTimeout(pending.timer);
    const milliseconds = this.#timeoutSeconds * 1_000;
    pending.timer = setTimeout(() => this.#onTimeout(), milliseconds);
    const { requestId, payload } = pending;
    const request: Request = { requestId, payload, deadline: Date.now() + milliseconds };
    // A request that cannot be sent ends with the process, which reports it.
    this.#child.send(request, () => undefined);
    pending.onStart?.();
  }

  #onReport(report: Report): void {
    if (report.kind === 'ready') {
      if (this.#state === 'loading') this.#state = 'ready';
      if (this.#pending !== undefined) this.#start(this.#pending);
      return;
    }
    if (report.final) this.#state = 'over';
    const { payload, failed, peakMemoryBytes } = report;
    this.#settle({ payload, functionError: failed ? 'Unhandled' : undefined, peakMemoryBytes });
  }

  #onTimeout(): void {
    this.#kill();
    const seconds = this.#timeoutSeconds.toFixed(2);
    this.#fail({ errorType: 'Sandbox.Timedout', errorMessage: `Error: Task timed out after ${seconds} seconds` });
  }

  #fail({ errorType, errorMessage }: Failure): void {
    this.#state = 'over';
    const message = `RequestId: ${this.#pending?.requestId} ${errorMessage}`;
    const payload = JSON.stringify({ errorType, errorMessage: message });
    this.#settle({ payload, functionError: 'Unhandled', peakMemoryBytes: undefined });
  }

  #settle(outcome: Outcome): void {
    clearTimeout(this.#pending?.timer);
    this.#pending?.settle(outcome);
    this.#pending = undefined;
  }
}
