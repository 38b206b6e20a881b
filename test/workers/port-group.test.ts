import { expect, test } from "bun:test";
import fc from "fast-check";
import { PortGroup } from "../../src/workers/port-group.ts";

/** The order of a group's sockets as `__reuseport_add_sock` and `__reuseport_detach_sock` keep it. */
class KernelGroup {
  readonly socks: number[] = [];

  open(sock: number): void {
    this.socks.push(sock);
  }

  close(sock: number): void {
    const index = this.socks.indexOf(sock);
    this.socks[index] = this.socks.at(-1) as number;
    this.socks.length -= 1;
  }
}

test("a place is the one that the system has for the socket, whatever is opened and closed", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(7), { maxLength: 60 }), (toggles) => {
      const kernel = new KernelGroup();
      const group = new PortGroup<number>();
      for (const sock of toggles) {
        if (kernel.socks.includes(sock)) {
          kernel.close(sock);
          group.leave(sock);
        } else {
          kernel.open(sock);
          group.join(sock);
        }
        const count = kernel.socks.length;
        for (const [index, member] of kernel.socks.entries()) {
          expect(group.placeOf(member)).toEqual(count < 2 ? undefined : { index, count });
        }
      }
    }),
  );
});

test("a socket that is alone or not there has no place, and one that is not there can leave", () => {
  const group = new PortGroup<string>();
  group.join("a");
  group.leave("b");
  expect([group.placeOf("a"), group.placeOf("b")]).toEqual([undefined, undefined]);
});
