import { describe, expect, test } from "bun:test";
import { createTestApp } from "../../src/test-server/app.ts";

const ORIGIN = "http://localhost:8081";

/** Asks an app of its own. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return createTestApp({ name: "Blue" }).fetch(new Request(ORIGIN + path, init));
}

describe("any path", () => {
  test("says in words who answers and what was received", async () => {
    const response = await ask("/api/users?page=2", { method: "PUT", headers: { "X-Test": "yes" } });
    expect([response.status, response.headers.get("x-server")]).toEqual([200, "Blue"]);
    expect(await response.text()).toBe("Hello from Blue\nPUT /api/users?page=2\n\nx-test: yes\n");
  });

  test("says it in JSON to those who accept that", async () => {
    const response = await ask("/a?b=c", { headers: { accept: "application/json" } });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({
      server: "Blue",
      method: "GET",
      path: "/a",
      query: "?b=c",
      headers: [["accept", "application/json"]],
    });
  });

  test("also one that is called like a part of every object", async () => {
    expect((await ask("/constructor")).status).toBe(200);
  });
});

describe("failing", () => {
  /** The statuses of these paths, one after the other. */
  async function statusesOf(failAfter: number, paths: readonly string[]): Promise<number[]> {
    const app = createTestApp({ name: "Blue", failAfter });
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await app.fetch(new Request(ORIGIN + path))).status);
    return statuses;
  }

  test("on request, until it recovers", async () => {
    const paths = ["/health", "/fail", "/health", "/", "/slow?ms=0", "/recover", "/health", "/"];
    expect(await statusesOf(0, paths)).toEqual([200, 200, 503, 503, 503, 200, 200, 200]);
  });

  test("after so many answers, not counting those about its health; counted anew once recovered", async () => {
    const paths = ["/health", "/", "/health", "/x", "/", "/health", "/recover", "/", "/", "/"];
    expect(await statusesOf(2, paths)).toEqual([200, 200, 200, 200, 503, 503, 200, 200, 200, 503]);
  });
});

test("/slow answers later", async () => {
  expect(await (await ask("/slow?ms=1")).text()).toBe("waited 1 ms\n");
});

test("/stream sends chunks, or events to those who accept them", async () => {
  expect(await (await ask("/stream?chunks=2&ms=1")).text()).toBe("chunk 1\nchunk 2\n");
  const events = await ask("/stream?chunks=2&ms=1", { headers: { accept: "text/event-stream" } });
  expect(events.headers.get("content-type")).toBe("text/event-stream");
  expect(await events.text()).toBe("id: 1\ndata: chunk 1\n\nid: 2\ndata: chunk 2\n\n");
});

test("/bytes makes no more than is taken", async () => {
  expect((await (await ask("/bytes?n=65537")).arrayBuffer()).byteLength).toBe(65_537);
  const endless = await ask(`/bytes?n=${Number.MAX_SAFE_INTEGER}`);
  const reader = (endless.body as ReadableStream<Uint8Array>).getReader();
  expect((await reader.read()).value?.byteLength).toBe(65_536);
  await reader.cancel();
});

test("/status answers with that status", async () => {
  expect((await ask("/status?code=418")).status).toBe(418);
  expect((await ask("/status?code=204")).status).toBe(204);
  expect((await ask("/status")).status).toBe(200);
});

test("/echo sends the body back", async () => {
  const response = await ask("/echo", { method: "POST", body: "hello", headers: { "content-type": "a/b" } });
  expect([await response.text(), response.headers.get("content-type")]).toEqual(["hello", "a/b"]);
});

describe("a parameter that makes no sense gets 400 and one sentence:", () => {
  for (const [path, sentence] of [
    ["/slow?ms=soon", 'ms: found "soon", expected a whole number from 0 to 600000'],
    ["/stream?chunks=-1", 'chunks: found "-1", expected a whole number from 0 to 1000000'],
    ["/bytes?n=1.5", 'n: found "1.5", expected a whole number from 0 to 9007199254740991'],
    ["/status?code=99", 'code: found "99", expected a whole number from 200 to 599'],
  ] as const) {
    test(path, async () => {
      const response = await ask(path);
      expect([response.status, await response.text()]).toEqual([400, `Blue: ${sentence}\n`]);
    });
  }
});
