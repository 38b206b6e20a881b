/** A transport that follows bodies ends each exchange where its body ends, and no sooner, however it ends. */
import { expect, test } from "bun:test";
import { createLoadBalancer } from "../../../src/load-balancer.ts";
import { http1Transport } from "../../../src/transport/http1.ts";
import { answerBytes, RawBackend, type Script } from "../../raw/backend.ts";
import { until } from "../../raw/within.ts";

const LONG = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n";

type Case = [
  name: string,
  script: Script,
  method: string,
  take: (response: Response) => Promise<unknown>,
  failures: number,
];

const read = (response: Response) => response.text();
const cases: Case[] = [
  ["a short body", answerBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), "GET", read, 0],
  ["no body", answerBytes("HTTP/1.1 204 No Content\r\n\r\n"), "GET", read, 0],
  ["a HEAD", answerBytes(LONG), "HEAD", read, 0],
  ["a server's error", answerBytes("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), "GET", read, 1],
  [
    "a chunked body that comes at once",
    answerBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    "GET",
    read,
    0,
  ],
  ["a long body", answerBytes(`${LONG}${"x".repeat(200_000)}`), "GET", read, 0],
  [
    "a body that is cut",
    async ({ wire }) => {
      wire.send(`${LONG}cut`);
      wire.end();
    },
    "GET",
    (response) =>
      response.text().then(
        () => Promise.reject(new Error("it looked whole")),
        () => {},
      ),
    1,
  ],
  [
    "a reader who has had enough",
    answerBytes(`${LONG}begun`),
    "GET",
    async (response) => {
      const reader = response.body?.getReader();
      await reader?.read();
      await reader?.cancel();
    },
    0,
  ],
];

for (const [name, script, method, take, failures] of cases) {
  test(name, async () => {
    const raw = await RawBackend.listen(script);
    const config = { backends: [raw.url], healthCheck: false, retries: 0 } as const;
    const lb = createLoadBalancer(config, { transport: http1Transport() });
    try {
      await take(await lb.fetch(new Request("http://lb.test/", { method })));
      await until("nothing is under way", () => lb.status().inFlight === 0);
      expect(lb.status().backends[0]).toMatchObject({ inFlight: 0, requests: 1, failures });
    } finally {
      await raw.close();
    }
  });
}

test("an exchange lasts as long as its body, although its head was passed on", async () => {
  const raw = await RawBackend.listen(({ wire }) => void wire.send(`${LONG}begun`));
  const lb = createLoadBalancer({ backends: [raw.url], healthCheck: false }, { transport: http1Transport() });
  try {
    const response = await lb.fetch(new Request("http://lb.test/"));
    const reader = response.body?.getReader();
    await reader?.read();
    expect(lb.status().inFlight).toBe(1);
    for (const wire of raw.wires) wire.send("x".repeat(200_000 - "begun".length));
    while (!(await reader?.read())?.done);
    expect(lb.status().inFlight).toBe(0);
  } finally {
    await raw.close();
  }
});
