import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of the bench in a process of its own, which ends with this one. It answers each message by one. */
export class Child<Report> {
  readonly #child: ChildProcess;
  readonly #isReport: (message: unknown) => message is Report;

  /** @param program name of its file, beside this one. @param environment all that it gets. */
  constructor(
    program: string,
    isReport: (message: unknown) => message is Report,
    { args = [], environment = {}, execArgv = [] }: ChildOptions = {},
  ) {
    this.#isReport = isReport;
    this.#child = fork(fileURLToPath(new URL(program, import.meta.url)), args, {
      env: environment,
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** Sends a message, if there is one, and waits for the next report. @throws if the process ends. */
  async ask(message?: object): Promise<Report> {
    const answer = this.#answer();
    if (message !== undefined) this.#child.send(message);
    return answer;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #answer(): Promise<Report> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
      };
      const onMessage = (message: unknown) => {
        if (!this.#isReport(message)) return;
        settle();
        resolve(message);
      };
      const onExit = (code: number | null) => {
        settle();
        reject(new Error(`a process of the bench ended with ${code}`));
      };
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
    });
  }
}

type ChildOptions = {
  args?: string[];
  environment?: Readonly<Record<string, string>>;
  execArgv?: string[];
};
