/** A command that did not do what was asked; the message is the one sentence that a person reads. */
export class CommandFailed extends Error {
  constructor(
    message: string,
    /** 1: it failed; 2: it was called wrongly. */
    readonly exitCode: 1 | 2 = 1,
    /** Lines that say more, as one problem a line. */
    readonly details: readonly string[] = [],
    /** Of the answer that refused it, where there was one. */
    readonly status?: number,
  ) {
    super(message);
    this.name = 'CommandFailed';
  }
}
