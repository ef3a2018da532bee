interface Waiting {
  readonly weight: number;
  readonly enter: () => void;
}

/**
 * Room for what weighs no more than `capacity` together. Who does not fit waits, first come first served; what is
 * heavier than all of it goes alone.
 */
export class Room {
  private readonly waiting: Waiting[] = [];
  private held = 0;

  constructor(private readonly capacity: number) {}

  /** Resolves when there is room. The function that it gives is to be called once, when the room is free again. */
  enter(weight: number): Promise<() => void> {
    return new Promise((resolve) => {
      const enter = (): void => {
        this.held += weight;
        resolve(() => {
          this.held -= weight;
          this.letIn();
        });
      };
      this.waiting.push({ weight, enter });
      this.letIn();
    });
  }

  private letIn(): void {
    for (let next = this.waiting[0]; next && this.fits(next.weight); next = this.waiting[0]) {
      this.waiting.shift();
      next.enter();
    }
  }

  private fits(weight: number): boolean {
    return this.held === 0 || this.held + weight <= this.capacity;
  }
}
