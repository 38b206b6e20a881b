/** Requests over connections that do whatever may happen to them, in any order. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Retries } from "../../src/core/retries.ts";
import { RETRY_CONDITIONS } from "../../src/core/retry.ts";
import type { RequestReader } from "../../src/front/request-reader.ts";
import { request } from "../raw/client.ts";
import type { ScriptedSocket } from "../simulation/scripted-sockets.ts";
import { ScriptedFront } from "./scripted-front.ts";

const BACKENDS = ["http://192.0.2.7", "http://192.0.2.8", "http://192.0.2.9"];
const CLIENTS = 3;

const config = fc.record({
  retries: fc.nat({ max: 3 }),
  maxRetries: fc.nat({ max: 2 }),
  retryOn: fc.subarray([...RETRY_CONDITIONS]),
  hedge: fc.constantFrom(false as const, { afterMs: 20 }),
  timeoutMs: fc.constantFrom(0, 700),
  tryTimeoutMs: fc.constantFrom(0, 200),
  requestTimeoutMs: fc.constantFrom(0, 900),
  bodyTimeoutMs: fc.constantFrom(0, 300),
  replayLimitBytes: fc.constantFrom(0, 30, 65_536),
});

/** What happens next, to the one at this place of those that it can happen to. */
const deed = fc.record({
  at: fc.nat({ max: 20 }),
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("ask", "ask with a body", "more of a body") },
    { weight: 6, arbitrary: fc.constantFrom("open", "answer", "begin an answer", "end an answer") },
    { weight: 2, arbitrary: fc.constantFrom("unavailable", "half unavailable", "garbage", "lose a backend") },
    { weight: 1, arbitrary: fc.constantFrom("client leaves", "client stalls", "client drains") },
    { weight: 3, arbitrary: fc.constantFrom("tick", "wait") },
  ),
  method: fc.constantFrom("GET", "PUT", "POST"),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** A client, and what it has asked. */
interface Asking {
  readonly socket: ScriptedSocket;
  readonly asked: string[];
  /** What of the last request's body is still to be sent. */
  rest: string;
  written: string;
}

/** A connection to a backend, and what it knows of what came on it. */
interface Serving {
  readonly socket: ScriptedSocket;
  isOpened: boolean;
  seen: string;
  /** How many requests on it were answered. */
  answered: number;
  hasHalf: boolean;
}

const ANSWERED = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 20\r\n\r\n";
const UNAVAILABLE = "HTTP/1.1 503 No\r\nDate: x\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n";

class Ride {
  readonly front: ScriptedFront;
  readonly clients: Asking[] = [];
  readonly backends: Serving[] = [];
  #requests = 0;

  constructor(front: ScriptedFront) {
    this.front = front;
    for (let count = 0; count < CLIENTS; count++) this.#connect();
  }

  get requests(): number {
    return this.#requests;
  }

  do({ what, at, method }: Deed): void {
    this.look();
    const pick = <T>(all: readonly T[]): T | undefined => all[at % Math.max(1, all.length)];
    const idle = pick(this.clients.filter(({ socket, rest }) => socket.isOpen && rest === ""));
    const uploading = pick(this.clients.filter(({ socket, rest }) => socket.isOpen && rest !== ""));
    const client = pick(this.clients.filter(({ socket }) => socket.isOpen));
    const dialled = pick(this.backends.filter(({ socket, isOpened }) => socket.isOpen && !isOpened));
    const asked = pick(this.backends.filter((backend) => isAsked(backend)));
    const fresh = asked?.hasHalf === true ? undefined : asked;
    switch (what) {
      case "ask":
        this.#ask(idle, method === "PUT" ? "GET" : method, "", "");
        break;
      case "ask with a body":
        this.#ask(idle, method === "GET" ? "PUT" : method, "b".repeat(at), "c".repeat(at * 2));
        break;
      case "more of a body":
        if (uploading !== undefined) {
          uploading.socket.receive(uploading.rest);
          uploading.rest = "";
        }
        break;
      case "open":
        dialled?.socket.events.opened();
        if (dialled !== undefined) dialled.isOpened = true;
        break;
      case "answer":
        this.#answer(fresh, ANSWERED + bodyFor(fresh));
        break;
      case "begin an answer":
        if (fresh !== undefined) {
          fresh.hasHalf = true;
          fresh.socket.receive(ANSWERED + bodyFor(fresh).slice(0, 15));
        }
        break;
      case "end an answer":
        if (asked?.hasHalf === true) this.#answer(asked, bodyFor(asked).slice(15));
        break;
      case "unavailable":
        this.#answer(fresh, `${UNAVAILABLE}no`);
        break;
      case "half unavailable":
        fresh?.socket.receive(`${UNAVAILABLE}n`);
        if (fresh !== undefined) fresh.socket.lose();
        break;
      case "garbage":
        fresh?.socket.receive("nonsense\r\n\r\n");
        break;
      case "lose a backend":
        pick(this.backends.filter(({ socket }) => socket.isOpen))?.socket.lose();
        break;
      case "client leaves":
        client?.socket.lose();
        this.#connect();
        break;
      case "client stalls":
        if (client !== undefined) client.socket.fills = true;
        break;
      case "client drains":
        client?.socket.drain();
        break;
      case "tick":
        this.front.clock.advance(25);
        break;
      default:
        this.front.clock.advance(150 + at * 20);
    }
    this.look();
  }

  /** Lets everything come to its end: every client reads, every backend answers, and time goes by. */
  end(): void {
    for (let round = 0; round < 60; round++) {
      for (const client of this.clients) {
        if (client.rest !== "" && client.socket.isOpen) client.socket.receive(client.rest);
        client.rest = "";
        if (client.socket.isOpen) client.socket.drain();
      }
      this.look();
      for (const backend of this.backends) {
        if (!backend.isOpened && backend.socket.isOpen) backend.socket.events.opened();
        backend.isOpened = true;
      }
      this.look();
      for (const backend of this.backends) {
        if (!isAsked(backend)) continue;
        const body = bodyFor(backend);
        this.#answer(backend, backend.hasHalf ? body.slice(15) : ANSWERED + body);
      }
      this.look();
      this.front.clock.advance(200);
    }
  }

  /** Takes in what was written, and the connections that were made. */
  look(): void {
    for (;;) {
      const socket = this.front.dialled();
      if (socket === undefined) break;
      this.backends.push({ socket, isOpened: false, seen: "", answered: 0, hasHalf: false });
    }
    for (const backend of this.backends) backend.seen += backend.socket.taken();
    for (const client of this.clients) client.written += client.socket.taken();
  }

  #connect(): void {
    this.clients.push({ socket: this.front.client(), asked: [], rest: "", written: "" });
  }

  #ask(client: Asking | undefined, method: string, first: string, rest: string): void {
    if (client === undefined || client.socket.isPaused) return;
    this.#requests += 1;
    const path = `/r${String(this.#requests).padStart(5, "0")}`;
    const length = first.length + rest.length;
    client.asked.push(path);
    client.rest = rest;
    const fields = method === "GET" ? [] : [`Content-Length: ${length}`];
    client.socket.receive(request(method, path, fields) + first);
  }

  #answer(backend: Serving | undefined, bytes: string): void {
    if (backend === undefined) return;
    backend.answered += 1;
    backend.hasHalf = false;
    backend.socket.receive(bytes);
  }
}

/** The requests on a connection: their paths, and whether their bodies are whole. */
function requestsIn(seen: string): { path: string; method: string; isWhole: boolean }[] {
  const found = [];
  let rest = seen;
  while (rest !== "") {
    const line = /^([A-Z]+) (\/r\d{5}) HTTP\/1\.1\r\n/.exec(rest);
    const end = rest.indexOf("\r\n\r\n");
    if (line === null || end < 0) throw new Error(`no request: ${JSON.stringify(rest)}`);
    const [, method = "", path = ""] = line;
    const length = Number(/\r\nContent-Length: (\d+)\r\n/.exec(rest.slice(0, end + 2))?.[1] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    // A body is some letters b, and twice as many c: nothing of it may be left out.
    if (
      !"b"
        .repeat(length / 3)
        .concat("c".repeat((length * 2) / 3))
        .startsWith(body)
    ) {
      throw new Error(`not the body of ${path}: ${JSON.stringify(body)}`);
    }
    found.push({ path, method, isWhole: body.length === length });
    rest = rest.slice(end + 4 + length);
  }
  return found;
}

function isAsked({ socket, isOpened, seen, answered }: Serving): boolean {
  return isOpened && socket.isOpen && requestsIn(seen).length > answered;
}

/** 20 bytes that say whose answer it is. */
function bodyFor(backend: Serving | undefined): string {
  if (backend === undefined) return "";
  const path = requestsIn(backend.seen)[backend.answered]?.path ?? "";
  return `answer to ${path}`.padEnd(20, ".");
}

/** Checks that what a client got is answers to its requests, in their order, and the last perhaps cut. */
function expectInOrder({ written, asked, socket }: Asking): void {
  let rest = written;
  for (const path of asked) {
    if (rest === "") break;
    const end = rest.indexOf("\r\n\r\n");
    const head = rest.slice(0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    const body = rest.slice(end + 4, end + 4 + length);
    const status = Number(head.slice(9, 12));
    if (status === 200) expect(`answer to ${path}`.padEnd(20, ".")).toStartWith(body);
    if (body.length < length) expect(socket.isOpen).toBe(false);
    rest = rest.slice(end + 4 + length);
  }
  expect(rest).toBe("");
}

/** The retries of the pool behind a front. */
function retriesOf({ balancer }: ScriptedFront): Retries {
  // Without a path of the balancer's own, every request is relayed, and none is looked at.
  const reader = { head: { target: { start: 0, end: 0 } }, fields: {} } as RequestReader;
  const service = balancer.relay?.serviceFor(reader, { address: "", port: 0, tls: false, protocol: "1.1" });
  if (service === undefined) throw new Error("nothing is relayed");
  return service.balancer.retries;
}

test("whatever happens to clients, backends and time, in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(config, fc.array(deed, { minLength: 30, maxLength: 80 }), async (config, deeds) => {
      const front = await ScriptedFront.listen({}, { backends: BACKENDS, statusPath: false, ...config });
      const retries = retriesOf(front);
      const ride = new Ride(front);
      for (const deed of deeds) {
        ride.do(deed);
        const { inFlight, backends } = front.balancer.status();
        expect(inFlight).toBe(backends.reduce((sum, backend) => sum + backend.inFlight, 0));
        if (config.maxRetries > 0) expect(retries.underWay).toBeLessThanOrEqual(config.maxRetries);
      }
      ride.end();
      const { inFlight, backends } = front.balancer.status();
      expect([inFlight, ...backends.map((backend) => backend.inFlight)]).toEqual([0, 0, 0, 0]);
      expect(retries.underWay).toBe(0);
      const tries = backends.reduce((sum, { requests }) => sum + requests, 0);
      const mostTries = 1 + config.retries + (config.hedge === false ? 0 : 1);
      expect(tries).toBeLessThanOrEqual(ride.requests * mostTries);
      for (const { requests, failures, cancelled } of backends) {
        expect(failures + cancelled).toBeLessThanOrEqual(requests);
      }
      for (const client of ride.clients) expectInOrder(client);
      const sent = ride.backends.flatMap(({ seen }) => requestsIn(seen));
      const posts = sent.filter(({ method }) => method === "POST").map(({ path }) => path);
      expect(posts.length).toBe(new Set(posts).size);
    }),
    { numRuns: 300 },
  );
}, 60_000);
