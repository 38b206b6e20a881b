/** Where a socket stands in its group. */
export interface Place {
  /** From 0. */
  readonly index: number;
  /** How many sockets there are, this one among them. */
  readonly count: number;
}

/**
 * The order in which Linux holds the sockets that share a port, which it tells nobody: a new one goes to the
 * end, and when one is closed the last takes its place (`net/core/sock_reuseport.c`). Knowing it, a socket
 * that is about to be closed can be passed over; see `steering.ts`.
 *
 * To be told of every socket in the order in which they are opened and closed. If two workers die at one
 * moment, that order is a guess; what is then lost is only the passing over, until both have been replaced.
 */
export class PortGroup<Member> {
  readonly #members: Member[] = [];

  /** A member has begun to listen. */
  join(member: Member): void {
    this.#members.push(member);
  }

  /** A member's socket was closed. Does nothing if it was not among them. */
  leave(member: Member): void {
    const index = this.#members.indexOf(member);
    if (index < 0) return;
    const last = this.#members.pop() as Member;
    if (index < this.#members.length) this.#members[index] = last;
  }

  /** Where a member stands; undefined if it is not there, or alone, so that there is no other to prefer. */
  placeOf(member: Member): Place | undefined {
    const index = this.#members.indexOf(member);
    const count = this.#members.length;
    return index < 0 || count < 2 ? undefined : { index, count };
  }
}
