import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BoundedWork } from "../../src/middleware/bounded-work.ts";
import { settled } from "../simulation/virtual-clock.ts";

/** Work that is done when the test says so. */
class Desk {
  /** What has begun and is not done, in the order in which it began. */
  readonly begun: { readonly name: string; readonly done: (error?: Error) => void }[] = [];

  work(name: string): () => Promise<string> {
    return () =>
      new Promise((resolve, reject) => {
        const done = (error?: Error) => (error === undefined ? resolve(name) : reject(error));
        this.begun.push({ name, done });
      });
  }

  finish(error?: Error): void {
    this.begun.shift()?.done(error);
  }
}

describe("work that is bounded", () => {
  test("is done so much at once, in its order, and refused beyond the line", async () => {
    const bounded = new BoundedWork({ most: 2, mostWaiting: 2, mostPerClient: 9 });
    const desk = new Desk();
    const results = ["a", "b", "c", "d", "e"].map((name) => bounded.run(name, desk.work(name)));
    await settled();
    expect(desk.begun.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(await results[4]).toBe("all");
    desk.finish();
    await settled();
    expect(desk.begun.map(({ name }) => name)).toEqual(["b", "c"]);
    for (let count = 0; count < 3; count++) {
      desk.finish();
      await settled();
    }
    expect(await Promise.all(results.slice(0, 4))).toEqual(["a", "b", "c", "d"]);
    expect([bounded.waiting, bounded.clients]).toEqual([0, 0]);
  });

  test("of one client has only so many places, and leaves the others to the rest", async () => {
    const bounded = new BoundedWork({ most: 1, mostWaiting: 10, mostPerClient: 2 });
    const desk = new Desk();
    const flood = [1, 2, 3, 4].map((count) => bounded.run("flood", desk.work(`${count}`)));
    const other = bounded.run("other", desk.work("other"));
    expect(await flood[2]).toBe("client");
    expect(await flood[3]).toBe("client");
    for (let count = 0; count < 3; count++) {
      await settled();
      desk.finish();
    }
    expect(await other).toBe("other");
    expect(await flood[1]).toBe("2");
    expect(bounded.clients).toBe(0);
  });

  test("that fails fails for who asked for it, and makes room", async () => {
    const bounded = new BoundedWork({ most: 1, mostWaiting: 1, mostPerClient: 1 });
    const desk = new Desk();
    const failing = bounded.run("a", desk.work("a"));
    const next = bounded.run("b", desk.work("b"));
    desk.finish(new Error("failed"));
    await expect(failing).rejects.toThrow("failed");
    await settled();
    desk.finish();
    expect(await next).toBe("b");
    expect([bounded.waiting, bounded.clients]).toEqual([0, 0]);
  });

  test("never is more than it may be, and is all done in the end", async () => {
    const steps = fc.array(fc.oneof(fc.constant("done"), fc.constantFrom("", "a", "b", "c")), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        async (taken, most, mostWaiting) => {
          const bounded = new BoundedWork({ most, mostWaiting, mostPerClient: 2 });
          const desk = new Desk();
          const results: Promise<string>[] = [];
          for (const step of taken) {
            if (step === "done") desk.finish();
            else results.push(bounded.run(step, desk.work(step)));
            await settled();
            expect(desk.begun.length).toBeLessThanOrEqual(most);
            expect(bounded.waiting).toBeLessThanOrEqual(mostWaiting);
            expect(desk.begun.length === most || bounded.waiting === 0).toBeTrue();
          }
          while (desk.begun.length > 0) {
            desk.finish();
            await settled();
          }
          await Promise.all(results);
          expect([bounded.waiting, bounded.clients]).toEqual([0, 0]);
        },
      ),
    );
  });
});
