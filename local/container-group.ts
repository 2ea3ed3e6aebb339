import type { Container } from './container-process.ts';
import type { DeployedFunction } from './deployed-function.ts';

/** The containers of one function, and who waits for one. */
export class ContainerGroup {
  readonly deployed: DeployedFunction;
  readonly containers = new Set<Container>();
  readonly #idle: Container[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(deployed: DeployedFunction) {
    this.deployed = deployed;
  }

  get requests(): number {
    return this.#busy + this.#waiting.length;
  }

  async take(bound: number, create: () => Container): Promise<Container> {
    if (this.#busy >= bound) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy += 1;
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.usable) return idle;
    }
    return this.#add(create);
  }

  giveBack(container: Container): void {
    if (container.usable) this.#idle.push(container);
    this.#next();
  }

  #add(create: () => Container): Container {
    try {
      const container = create();
      this.containers.add(container);
      void container.ended.then(() => this.containers.delete(container));
      return container;
    } catch (error) {
      this.#next();
      throw error;
    }
  }

  // Who waits gets the place of who is done, so that nobody overtakes.
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy -= 1;
    else next();
  }
}
