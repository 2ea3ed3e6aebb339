const BAR_CHARACTERS = 24;
/** Of a terminal that does not tell. */
const COLUMNS = 80;
/** Between two lines where none can be written over. */
const LINE_MILLISECONDS = 15_000;

/** Where progress is shown, as far as it matters. */
type Output = { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };

/** Shows how far something is: in a line that is written over on a terminal, in a line now and then elsewhere. */
export class ProgressLine {
  readonly #output: Output;
  readonly #now: () => number;
  #shownAt: number;

  constructor(output: Output, now: () => number = Date.now) {
    this.#output = output;
    this.#now = now;
    this.#shownAt = now();
  }

  show(what: string, done: number, total: number, more = ''): void {
    const text = `${done} of ${total} archives${more}`;
    if (this.#output.isTTY) {
      // What a terminal breaks into two rows can not be written over.
      const line = `${what}: ${bar(done, total)} ${text}`.slice(0, (this.#output.columns || COLUMNS) - 1);
      this.#output.write(`\r\x1b[K${line}`);
    } else if (this.#now() >= this.#shownAt + LINE_MILLISECONDS) {
      this.#shownAt = this.#now();
      this.#output.write(`${what}: ${text}\n`);
    }
  }

  /** Takes the line away, for what comes in its place. */
  clear(): void {
    if (this.#output.isTTY) this.#output.write('\r\x1b[K');
  }
}

/** Full only when all is done. */
function bar(done: number, total: number): string {
  const full = total === 0 ? BAR_CHARACTERS : Math.floor((done / total) * BAR_CHARACTERS);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_CHARACTERS - full)}]`;
}
