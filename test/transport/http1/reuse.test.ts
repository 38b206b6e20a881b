import { describe, expect, test } from "bun:test";
import { Outcome } from "../../../src/core/outcome.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { answerBytes, answerOk, type Script } from "../../raw/backend.ts";
import { until } from "../../raw/within.ts";
import { outbound, rejection, Way } from "./sent.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("a connection", () => {
  test("takes one request after another", async () => {
    await Way.with(undefined, {}, async (way) => {
      for (let turn = 0; turn < 5; turn++) await (await way.get()).text();
      expect(way.raw.seen.map(({ turn }) => turn)).toEqual([0, 1, 2, 3, 4]);
    });
  });

  test("is one of many while requests are under way at once, and the newest is used first", async () => {
    await Way.with(undefined, {}, async (way) => {
      await Promise.all(Array.from({ length: 10 }, () => way.get()));
      expect(way.state).toEqual({ open: 10, idle: 10, waiting: 0 });
      for (let turn = 0; turn < 5; turn++) await way.get();
      const used = new Set(way.raw.seen.slice(10).map(({ wire }) => wire));
      expect(used.size).toBe(1);
    });
  });

  test("closes when it was idle for its time, and not before", async () => {
    await Way.with(undefined, { idleMs: 700 }, async (way) => {
      await way.get();
      await Bun.sleep(400);
      await way.get();
      expect(way.raw.wires.size).toBe(1);
      await Bun.sleep(750);
      expect((await way.get()).status).toBe(200);
      expect(way.raw.seen.map(({ turn }) => turn)).toEqual([0, 1, 0]);
      await until("all are closed", () => way.raw.wires.size === 0 && way.state.open === 0);
    });
  });

  test("is kept as long as the backend says, less a second", async () => {
    const kept = (value: string) =>
      answerBytes(`HTTP/1.1 200 OK\r\nKeep-Alive: ${value}\r\nContent-Length: 2\r\n\r\nok`);
    await Way.with(kept("timeout=1"), {}, async (way) => {
      await way.get();
      expect(way.state.idle).toBe(0);
      way.raw.script = kept("timeout=2, max=100");
      await way.get();
      expect(way.state.idle).toBe(1);
      await until("it is closed", () => way.state.open === 0, 2_500);
    });
  });

  test("that the backend ends while it is idle is closed in order, not reset", async () => {
    await Way.with(undefined, {}, async (way) => {
      await way.get();
      const [{ wire } = {}] = way.raw.seen;
      wire?.end();
      await wire?.closed;
      expect(wire?.socket.errored).toBeNull();
    });
  });

  test("that the backend closes, or speaks on unasked, is not used again", async () => {
    await Way.with(undefined, {}, async (way) => {
      const endings: ((seen: (typeof way.raw.seen)[number]) => void)[] = [
        ({ wire }) => wire.end(),
        ({ wire }) => wire.reset(),
        ({ wire }) => wire.send("HTTP/1.1 408 Request Timeout\r\n\r\n"),
      ];
      for (const ending of endings) {
        await way.get();
        const last = way.raw.seen.at(-1);
        if (last !== undefined) ending(last);
        await until("it is gone", () => way.state.open === 0);
      }
      expect(way.raw.seen.map(({ turn }) => turn)).toEqual([0, 0, 0]);
    });
  });
});

describe("a connection whose last answer has no body", () => {
  test.each([
    ["HTTP/1.1 204 No\r\n\r\n", 1],
    ["HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n", 1],
    ["HTTP/1.1 304 Not\r\nETag: x\r\n\r\n", 1],
    ["HTTP/1.1 204 No\r\nContent-Length: 6\r\n\r\n", 0],
    ["HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", 0],
    ["HTTP/1.1 304 Not\r\nContent-Length: 6\r\n\r\n", 1],
  ])("%j: %d are kept, since a body that it speaks of may follow", async (answer, kept) => {
    await Way.with(
      ({ wire }) => wire.send(answer),
      {},
      async (way) => {
        await (await way.get()).text();
        expect(way.state.idle).toBe(kept);
      },
    );
  });
});

/** Closes a connection that served before, as soon as the next request is on its way: the race for a stale one. */
const closesOnReuse: Script = async (seen) => {
  if (seen.turn > 0) seen.wire.reset();
  else await answerOk(seen);
};

describe("a connection that closes before a byte of the answer", () => {
  test("sends an idempotent request on to a new one", async () => {
    await Way.with(closesOnReuse, {}, async (way) => {
      for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
        await way.get();
        const body = method === "PUT" ? "abc" : null;
        expect((await way.send(outbound(method, "/again", body))).status).toBe(200);
      }
      expect(way.raw.where({ target: "/again" }).map(({ turn }) => turn)).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
    });
  });

  test("never does so with another one: it may have been processed", async () => {
    await Way.with(closesOnReuse, {}, async (way) => {
      await way.get();
      expect(await way.failure(outbound("POST", "/once", "abc"))).toEqual({
        outcome: Outcome.reset,
        message: "the connection closed before an answer",
      });
      expect(way.raw.where({ target: "/once" }).length).toBe(1);
    });
  });

  test("never does so with a stream, which is partly read", async () => {
    await Way.with(closesOnReuse, {}, async (way) => {
      await way.get();
      const { outcome } = await way.failure(outbound("PUT", "/once", new Blob(["abc"]).stream()));
      expect(outcome).toBe(Outcome.reset);
      expect(way.raw.where({ target: "/once" }).length).toBe(1);
    });
  });

  test("and was new is not tried again: the backend did it on purpose", async () => {
    await Way.with(
      ({ wire }) => wire.reset(),
      {},
      async (way) => {
        expect((await way.failure(outbound("GET"))).outcome).toBe(Outcome.reset);
        expect(way.raw.seen.length).toBe(1);
      },
    );
  });

  test("is avoided for a POST once it was idle for a second", async () => {
    await Way.with(undefined, {}, async (way) => {
      await way.get();
      await way.send(outbound("POST", "/", "a"));
      await Bun.sleep(1_100);
      await way.send(outbound("POST", "/", "b"));
      expect(way.raw.seen.map(({ turn }) => turn)).toEqual([0, 1, 0]);
    });
  });

  test("at random, thousands of times, loses no GET and doubles no POST", async () => {
    const seed = (Math.random() * 2 ** 31) | 0;
    const random = seededRandom(seed);
    const posts = new Map<string, number>();
    const script: Script = async ({ head, wire }) => {
      if (head.method === "POST") posts.set(head.target, (posts.get(head.target) ?? 0) + 1);
      await wire.body(head);
      wire.send(OK);
      const chance = random.below(10);
      // At once, without a word of it, or when the next request may be on its way.
      if (chance === 0) wire.end();
      if (chance === 1) setTimeout(() => wire.reset(), random.below(3));
    };
    await Way.with(script, {}, async (way) => {
      let gets = 0;
      let lostPosts = 0;
      const one = async (number: number) => {
        if (number % 4 === 0) {
          const response = await way.send(outbound("POST", `/${number}`, "abc")).catch((error: unknown) => {
            expect(way.transport.failure(error).outcome).toBe(Outcome.reset);
            lostPosts += 1;
          });
          await response?.text();
        } else {
          expect(await (await way.get(`/${number}`)).text()).toBe("ok");
          gets += 1;
        }
      };
      const total = 4_000;
      let next = 0;
      const worker = async () => {
        while (next < total) await one(next++);
      };
      await Promise.all(Array.from({ length: 20 }, worker));
      expect(gets, `seed ${seed}`).toBe((total * 3) / 4);
      expect(
        [...posts.values()].every((count) => count === 1),
        `seed ${seed}`,
      ).toBe(true);
      expect(lostPosts, `seed ${seed}`).toBeLessThan(total / 4);
    });
  }, 30_000);
});

describe("limits", () => {
  test("only so many stay idle", async () => {
    await Way.with(undefined, { maxIdle: 3 }, async (way) => {
      await Promise.all(Array.from({ length: 8 }, () => way.get()));
      await until("the rest is closed", () => way.raw.wires.size === 3);
      expect(way.state).toEqual({ open: 3, idle: 3, waiting: 0 });
    });
  });

  test("only so many are open, and the other requests wait their turn", async () => {
    await Way.with(undefined, { maxOpen: 2 }, async (way) => {
      const responses = Array.from({ length: 9 }, (_, number) => way.get(`/${number}`));
      expect(way.state).toEqual({ open: 2, idle: 0, waiting: 9 });
      for (const response of responses) expect((await response).status).toBe(200);
      expect(way.raw.wires.size).toBe(2);
      expect(way.raw.seen.map(({ head }) => head.target)).toEqual(
        Array.from({ length: 9 }, (_, number) => `/${number}`),
      );
    });
  });

  test("one that waits and is given up is never sent", async () => {
    let answer: (() => void) | undefined;
    const script: Script = ({ wire }) => {
      answer = () => wire.send(OK);
    };
    await Way.with(script, { maxOpen: 1 }, async (way) => {
      const controller = new AbortController();
      const first = way.get("/first");
      const second = rejection(way.send(outbound("GET", "/second"), controller.signal));
      controller.abort(new Error("gone"));
      expect(await second).toMatchObject({ message: "gone" });
      await way.raw.nextAfter(0);
      answer?.();
      expect((await first).status).toBe(200);
      expect(way.raw.seen.length).toBe(1);
    });
  });

  test("a connection that fails makes room for the next that waits", async () => {
    await Way.with(
      ({ wire }) => wire.reset(),
      { maxOpen: 1 },
      async (way) => {
        const sent = Array.from({ length: 5 }, () => way.failure(outbound("GET")));
        for (const failure of sent) expect((await failure).outcome).toBe(Outcome.reset);
        expect(way.raw.seen.length).toBe(5);
      },
    );
  });
});
