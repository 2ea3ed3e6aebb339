/** A lock for each name: whoever takes it waits for all who took it before. */
export class KeyLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** @returns what gives the lock back. */
  async take(name: string): Promise<() => void> {
    const before = this.#last.get(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(name, promise);
    await before;
    return () => {
      if (this.#last.get(name) === promise) this.#last.delete(name);
      resolve();
    };
  }
}
