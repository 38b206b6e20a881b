import { describe, expect, test } from "bun:test";
import { answerOk } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import type { Runtime } from "./runtime.ts";
import { stage } from "./stage.ts";

/** What is not passed on. */
export function refusals(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("refused, and unseen by the backend:", () => {
    const on = stage(runtime);

    const refused = async (bytes: string) => {
      const before = on.backend.seen.length;
      const answer = await ask(on.url, bytes);
      expect(on.backend.seen.length).toBe(before);
      return answer;
    };

    const CHUNKED = "Transfer-Encoding: chunked";
    test.each([
      ["two Hosts", request("GET", "/", ["Host: other.test"])],
      ["a Host that is none", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
      ["two equal Content-Lengths", request("POST", "/", ["Content-Length: 1", "Content-Length: 1"], "a")],
      [
        "two different Content-Lengths",
        request("POST", "/", ["Content-Length: 1", "Content-Length: 2"], "ab"),
      ],
      ["a list of Content-Lengths", request("POST", "/", ["Content-Length: 1, 1"], "a")],
      ["a signed Content-Length", request("POST", "/", ["Content-Length: +1"], "a")],
      ["Content-Length with chunks", request("POST", "/", ["Content-Length: 5", CHUNKED], "0\r\n\r\n")],
      ["a space before the colon", request("GET", "/", ["X-A : 1"])],
      ["a NUL in a value", request("GET", "/", ["X-A: \0"])],
      ["a folded line", request("GET", "/", ["X-A: 1", " 2"])],
    ])("%s", async (_, bytes) => {
      const { head, body } = await refused(bytes);
      expect(head.status).toBe(400);
      if (!can.explainsRefusals) return;
      expect(head.field("content-type")).toBe("application/problem+json");
      expect(JSON.parse(body.toString())).toMatchObject({ title: "Bad Request", status: 400 });
    });

    test.each(can.bodyOfGet === 501 ? ["GET", "HEAD"] : [])("%s with a body", async (method) => {
      const { head, body } = await refused(request(method, "/", ["Content-Length: 1"], "a"));
      expect(head.status).toBe(501);
      expect(head.field("content-type")).toBe("application/problem+json");
      if (method === "GET") expect(JSON.parse(body.toString()).title).toBe("Not Implemented");
    });

    test("a request in the body of a GET", async () => {
      on.backend.script = answerOk;
      const inner = request("GET", "/smuggled");
      const wire = await dial(on.url);
      wire.send(request("GET", "/", [`Content-Length: ${inner.length}`], inner));
      const status = can.bodyOfGet === "passed" ? 200 : can.bodyOfGet;
      expect((await readAnswer(wire, "GET")).head.status).toBe(status);
      wire.send(request("GET", "/after"));
      // Whether the connection can still be used is the server's choice.
      await readAnswer(wire, "GET").catch((error: Error) => expect(error.name).toBe("Cut"));
      expect((await ask(on.url, request("GET", "/last"))).head.status).toBe(200);
      expect(on.backend.where({ target: "/smuggled" })).toEqual([]);
      wire.destroy();
    });

    test("TRACE", async () => {
      const { head } = await refused(request("TRACE", "/"));
      expect(head.status).toBe(405);
      expect(head.field("allow")).toContain("GET");
    });
  });

  describe("what a server makes of", () => {
    const on = stage(runtime);

    test("a request without Host", async () => {
      const before = on.backend.seen.length;
      const { head } = await ask(on.url, "GET / HTTP/1.1\r\n\r\n");
      if (can.missingHost === 400) {
        expect(head.status).toBe(400);
        expect(on.backend.seen.length).toBe(before);
      } else {
        expect(head.status).toBe(200);
        const port = new URL(on.url).port;
        expect(on.backend.seen[before]?.head.field("host")).toBe(`localhost:${port}`);
      }
    });

    test("OPTIONS *", async () => {
      on.backend.script = answerOk;
      const before = on.backend.seen.length;
      const { head } = await ask(on.url, request("OPTIONS", "*"));
      const target = on.backend.seen[before]?.head.target;
      expect(target ?? head.status).toBe(can.optionsAsterisk);
    });

    test("a method that nobody knows", async () => {
      on.backend.script = answerOk;
      const outcome = await ask(on.url, request("FETCH-ME", "/")).then(
        ({ head }) => head.status,
        (error: Error) => error.name,
      );
      expect(outcome).toBe(can.unknownMethod);
      expect(on.backend.where({ method: "FETCH-ME" }).length).toBe(outcome === 200 ? 1 : 0);
    });

    test("chunks that are none", async () => {
      const body = "zz\r\nabc\r\n0\r\n\r\n";
      const sent = ask(on.url, request("POST", "/", ["Transfer-Encoding: chunked"], body));
      const outcome = await sent.then(
        ({ head }) => head.status,
        (error: Error) => error.name,
      );
      expect(outcome).toBe(can.badChunks);
    });
  });

  describe("on one connection,", () => {
    // A server may still forward what it has no connection left to answer on: not on another test's stage.
    const on = stage(runtime);

    test("requests that do not wait for the answer before", async () => {
      on.backend.script = ({ head, wire }) => {
        wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${head.target.length}\r\n\r\n${head.target}`);
      };
      const wire = await dial(on.url);
      wire.send(request("GET", "/1") + request("GET", "/2") + request("GET", "/3"));
      const answers: string[] = [];
      try {
        for (let count = 0; count < 3; count++) answers.push((await readAnswer(wire, "GET")).body.toString());
      } catch (error) {
        answers.push((error as Error).name);
      }
      expect(answers).toEqual([...can.pipelined]);
      wire.destroy();
    });
  });
}
