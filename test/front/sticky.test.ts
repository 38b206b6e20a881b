/** Sessions of requests that are relayed from bytes to bytes. */
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { request } from "../raw/client.ts";
import type { MemorySocket } from "../simulation/memory-sockets.ts";
import { answer, statuses, VirtualFront } from "./virtual-front.ts";

const SECRET = "a secret that is long enough";
const byCookie = { by: "cookie", secret: SECRET } as const;
const GET = request("GET", "/");
const SET = "; Path=/; HttpOnly; SameSite=Lax";

/** The cookie that names the backend of this number, from 1. */
function cookieOf(backend: number): string {
  return `lb=${createHmac("sha256", SECRET).update(`http://10.0.0.${backend}`).digest("base64url")}`;
}

/** The `Set-Cookie` lines of all that a client got. */
function setCookies({ written }: MemorySocket): string[] {
  return [...written.matchAll(/^Set-Cookie: (.*)\r$/gim)].map((match) => match[1] as string);
}

describe("by cookie", () => {
  test("is told with the first answer, and with no other", async () => {
    const front = await VirtualFront.start({ backends: 3, sticky: byCookie });
    const client = front.client();
    client.receive(GET);
    const backend = front.backend();
    backend.receive(answer("ok", "Set-Cookie: a=1", "set-cookie: b=2, c"));
    expect(setCookies(client)).toEqual(["a=1", "b=2, c", `${cookieOf(1)}${SET}`]);
    client.written = "";
    for (let count = 0; count < 3; count++) {
      client.receive(request("GET", "/", [`Cookie: ${cookieOf(1)}`]));
      backend.receive(answer("ok"));
    }
    expect([setCookies(client), statuses(client), front.dialled]).toEqual([[], [200, 200, 200], 1]);
  });

  test("passes to the backend among the other cookies, as it came", async () => {
    const front = await VirtualFront.start({ backends: 2, sticky: byCookie });
    front.client().receive(request("GET", "/", [`Cookie: a=1; ${cookieOf(2)}; b=2`]));
    expect(front.backend().written).toContain(`\r\nCookie: a=1; ${cookieOf(2)}; b=2\r\n`);
  });

  test("counts on whatever line it is, forged ones before it or not", async () => {
    const front = await VirtualFront.start({ backends: 3, sticky: byCookie });
    const client = front.client();
    client.receive(
      request("GET", "/", ["Cookie: lb=x", `Cookie: lb=y; ${cookieOf(3)}`, `Cookie: ${cookieOf(2)}`]),
    );
    front.backend().receive(answer("ok"));
    expect([setCookies(client), statuses(client)]).toEqual([[], [200]]);
    expect(front.balancer.status().backends.map(({ requests }) => requests)).toEqual([0, 0, 1]);
  });

  test("that is forged is replaced", async () => {
    const front = await VirtualFront.start({ backends: 3, sticky: byCookie });
    const client = front.client();
    client.receive(request("GET", "/", [`Cookie: ${cookieOf(2)}x`]));
    front.backend().receive(answer("ok"));
    expect(setCookies(client)).toEqual([`${cookieOf(1)}${SET}`]);
  });

  test("leaves a backend that failed at once, and tells the client", async () => {
    const front = await VirtualFront.start({ backends: 2, sticky: byCookie });
    const client = front.client();
    client.receive(request("GET", "/", [`Cookie: ${cookieOf(2)}`]));
    front.backend().lose();
    front.backend().receive(answer("ok"));
    expect([setCookies(client), statuses(client)]).toEqual([[`${cookieOf(1)}${SET}`], [200]]);
    expect(front.balancer.status().backends.map(({ requests }) => requests)).toEqual([1, 1]);
  });

  test("is in the final answer, and in none that is interim", async () => {
    const front = await VirtualFront.start({ sticky: byCookie });
    const client = front.client();
    client.receive(GET);
    front.backend().receive(`HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${answer("ok")}`);
    expect(statuses(client)).toEqual([103, 200]);
    const [interim = ""] = client.written.split("\r\n\r\n");
    expect([interim.includes("Set-Cookie"), setCookies(client).length]).toEqual([false, 1]);
  });

  test("is not in the answer that gives the connection to another protocol", async () => {
    const front = await VirtualFront.start({ sticky: byCookie });
    const client = front.client();
    client.receive(request("GET", "/", ["Connection: Upgrade", "Upgrade: x"]));
    front.backend().receive("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    expect([statuses(client), setCookies(client)]).toEqual([[101], []]);
  });

  test("is not in the balancer's own answers", async () => {
    const front = await VirtualFront.start({ sticky: byCookie, retries: 0 });
    const client = front.client();
    client.receive(GET);
    front.backend().lose();
    expect([statuses(client), setCookies(client)]).toEqual([[502], []]);
  });

  test("is for TLS alone where a proxy says so that is believed", async () => {
    for (const [trustedProxies, end] of [
      [["0.0.0.0/0", "::/0"], "; Secure"],
      [[], "Lax"],
    ] as const) {
      const front = await VirtualFront.start({ sticky: byCookie, trustedProxies });
      const client = front.client();
      client.receive(request("GET", "/", ["X-Forwarded-Proto: https"]));
      front.backend().receive(answer("ok"));
      expect(setCookies(client)[0]).toEndWith(end);
    }
  });

  test("stands in an answer whose body is long, or framed anew, or has none", async () => {
    for (const bytes of [
      answer("x".repeat(5_000)),
      "HTTP/1.1 200 OK\r\n\r\nuntil the end",
      "HTTP/1.1 304 Not Modified\r\n\r\n",
    ]) {
      const front = await VirtualFront.start({ sticky: byCookie });
      const client = front.client();
      client.receive(GET);
      front.backend().receive(bytes);
      expect(setCookies(client)).toEqual([`${cookieOf(1)}${SET}`]);
    }
  });
});

test("off, nothing is added", async () => {
  const front = await VirtualFront.start({ backends: 2 });
  const client = front.client();
  client.receive(request("GET", "/", [`Cookie: ${cookieOf(2)}`]));
  front.backend().receive(answer("ok"));
  expect(setCookies(client)).toEqual([]);
  expect(front.balancer.status().backends.map(({ requests }) => requests)).toEqual([1, 0]);
});

test("by header, a session stays where it was first, across connections", async () => {
  const front = await VirtualFront.start({ backends: 3, sticky: { by: "header:X-User" } });
  for (const user of ["ada", "bob", "ada", "ada", "bob"]) {
    const client = front.client();
    client.receive(request("GET", "/", [`x-user: ${user}`]));
    expect(front.balancer.status().inFlight).toBe(1);
    client.lose();
  }
  expect(front.balancer.status().backends.map(({ requests }) => requests)).toEqual([3, 2, 0]);
});
