import { describe, expect, test } from "bun:test";
import { compose } from "../../src/middleware/compose.ts";
import type { Middleware, Next } from "../../src/middleware/middleware.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { scopeOf } from "./passing.ts";

const REQUEST = new Request("http://lb.test/");

/** Runs a chain, and tells its faults. */
async function run(
  middlewares: readonly Middleware[],
  last = async (_request: Request) => new Response("last"),
) {
  const faults: string[] = [];
  const chain = compose(middlewares, last, (error, name) => faults.push(`${name}: ${String(error)}`));
  const answer = await chain(REQUEST, scopeOf(REQUEST));
  return {
    status: answer.status,
    type: answer.headers.get("content-type"),
    body: await answer.text(),
    faults,
  };
}

describe("a chain of middlewares", () => {
  test("is passed in order on the way in, and backwards on the way out", async () => {
    const order: string[] = [];
    const noting =
      (name: string): Middleware =>
      async (request, next) => {
        order.push(`${name} in`);
        const answer = await next(request);
        order.push(`${name} out`);
        return answer;
      };
    const { body } = await run([noting("a"), noting("b"), noting("c")], async () => {
      order.push("last");
      return new Response("x");
    });
    expect(order).toEqual(["a in", "b in", "c in", "last", "c out", "b out", "a out"]);
    expect(body).toBe("x");
  });

  test("of none is what answers at its end", async () => {
    const last = async () => new Response("x");
    expect(compose([], last, () => {})).toBe(last);
  });

  test("hands on what next was called with, and the context", async () => {
    const other = new Request("http://lb.test/other");
    const seen: unknown[] = [];
    const leaving: Middleware = (_request, next, context) => {
      context.state.set("who", "first");
      return next(other);
    };
    const reading: Middleware = (request, next, context) => {
      seen.push(request.url, context.state.get("who"), context.route);
      return next(request);
    };
    await run([leaving, reading]);
    expect(seen).toEqual(["http://lb.test/other", "first", "test"]);
  });

  test("ends where a middleware answers, with a promise or without", async () => {
    const unreached: Middleware = () => {
      throw new Error("not reached");
    };
    expect((await run([() => new Response("own"), unreached])).body).toBe("own");
    expect((await run([async () => new Response("own"), unreached])).body).toBe("own");
  });

  test("runs any number of requests at a time", async () => {
    const answers: (() => void)[] = [];
    const last = (request: Request) =>
      new Promise<Response>((resolve) => answers.push(() => resolve(new Response(request.url))));
    const chain = compose([(request, next) => next(request)], last, () => {});
    const requests = ["a", "b", "c"].map((name) => new Request(`http://lb.test/${name}`));
    const waiting = requests.map((request) => chain(request, scopeOf(request)));
    for (const answer of answers.reverse()) answer();
    const bodies = await Promise.all(waiting.map(async (answer) => (await answer).text()));
    expect(bodies).toEqual(requests.map(({ url }) => url));
  });
});

describe("a middleware's fault", () => {
  const NOT_A_RESPONSE = "it gave something that is no Response, or one whose body was read";
  const read = async (_request: Request, next: Next) => {
    const answer = await next(REQUEST);
    await answer.text();
    return answer;
  };
  const cases: readonly (readonly [string, Middleware, string])[] = [
    [
      "throwing",
      () => {
        throw new Error("oh");
      },
      "Error: oh",
    ],
    ["rejecting", () => Promise.reject(new Error("oh")), "Error: oh"],
    ["throwing nothing", () => Promise.reject(undefined), "undefined"],
    ["giving nothing", (() => undefined) as unknown as Middleware, `TypeError: ${NOT_A_RESPONSE}`],
    [
      "giving a promise of nothing",
      (async () => {}) as unknown as Middleware,
      `TypeError: ${NOT_A_RESPONSE}`,
    ],
    ["giving a text", (() => "ok") as unknown as Middleware, `TypeError: ${NOT_A_RESPONSE}`],
    ["giving an error for an answer", () => Response.error(), `TypeError: ${NOT_A_RESPONSE}`],
    ["giving a body that it has read", read, `TypeError: ${NOT_A_RESPONSE}`],
  ];
  test.each(cases)("by %s is told, and the client's 500", async (_how, middleware, message) => {
    const { status, type, body, faults } = await run([
      Object.defineProperty(middleware, "name", { value: "own" }),
    ]);
    expect([status, type, faults]).toEqual([500, "application/problem+json", [`own: ${message}`]]);
    expect(JSON.parse(body).detail).toBe("The request could not be answered.");
  });

  test("is an answer like any other to those before it", async () => {
    let seen = 0;
    const before: Middleware = async (request, next) => {
      const answer = await next(request);
      seen = answer.status;
      answer.headers.set("x-before", "1");
      return answer;
    };
    const faulty: Middleware = () => {
      throw new Error("oh");
    };
    expect((await run([before, faulty])).status).toBe(500);
    expect(seen).toBe(500);
  });

  test("without a name is told by its number", async () => {
    const { faults } = await run([
      (request, next) => next(request),
      (() => () => {
        throw new Error("oh");
      })(),
    ]);
    expect(faults).toEqual(["2: Error: oh"]);
  });

  test("lets go of the answer that it does not pass on", async () => {
    let isCancelled = false;
    const body = new ReadableStream({
      cancel() {
        isCancelled = true;
      },
    });
    const faulty: Middleware = async (request, next) => {
      await next(request);
      throw new Error("oh");
    };
    await run([faulty], async () => new Response(body));
    await settled();
    expect(isCancelled).toBe(true);
  });

  test("in what is told of faults hurts nobody", async () => {
    const chain = compose(
      [
        () => {
          throw new Error("oh");
        },
      ],
      async () => new Response("x"),
      () => {
        throw new Error("no log");
      },
    );
    expect((await chain(REQUEST, scopeOf(REQUEST))).status).toBe(500);
  });
});

describe("next called twice", () => {
  test("asks once, is told, and is answered with 500", async () => {
    let asked = 0;
    const twice: Middleware = async function twice(request, next) {
      await next(request);
      return next(request);
    };
    const { status, faults } = await run([twice], async () => {
      asked += 1;
      return new Response("x");
    });
    expect([status, asked]).toEqual([500, 1]);
    expect(faults).toEqual(["twice: Error: next was called twice for one request"]);
  });

  test("by those who wait for neither ends nothing but their own answer", async () => {
    const careless: Middleware = (request, next) => {
      void next(request);
      void next(request);
      return new Response("own");
    };
    const { body, faults } = await run([careless]);
    await settled();
    expect([body, faults.length]).toEqual(["own", 1]);
  });
});
