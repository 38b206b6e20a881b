import { describe, expect, test } from "bun:test";
import { answerOk, RawBackend } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import type { Head } from "../raw/wire.ts";
import type { Runtime } from "./runtime.ts";
import { stage, withBalancer } from "./stage.ts";

/** What the balancer itself puts into a request. */
const OWN_FIELDS = ["via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];

/** About the connection between the two, so nobody else's business. */
const CONNECTION_FIELDS = ["connection", "keep-alive"];

/** What a backend is sent. */
export function requests(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("a request to the backend", () => {
    const on = stage(runtime, {}, { HTTP_PROXY: "http://127.0.0.1:1", http_proxy: "http://127.0.0.1:1" });

    /** The head that the backend got for this request, which was answered with 200. */
    const forwarded = async (bytes: string): Promise<Head> => {
      on.backend.script = answerOk;
      const before = on.backend.seen.length;
      const { head } = await ask(on.url, bytes);
      expect(head.status).toBe(200);
      expect(on.backend.seen.length).toBe(before + 1);
      return (await on.backend.nextAfter(before)).head;
    };

    const TARGETS = [
      "/",
      "/?",
      "/a?x=1&&y=?",
      "/a%2fb%2Fc%20d",
      "//double",
      "/a/../b",
      "/a/./b",
      "/%2e%2e/b",
    ];
    test.each([...TARGETS, "/;p=1/~x/@:!$&'()*+,="])("has the target %s", async (target) => {
      const head = await forwarded(request("GET", target));
      expect(head.target).toBe(can.rewrittenTargets[target] ?? target);
    });

    test.each(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])(
      "has the method %s",
      async (method) => {
        expect((await forwarded(request(method, "/"))).method).toBe(method);
      },
    );

    const bodyless = can.bodyOfGet === "passed" ? ["GET", "HEAD"] : [];
    test.each(["POST", "PUT", "PATCH", "DELETE", ...bodyless])(
      "of %s has its body and length",
      async (method) => {
        const bodies: string[] = [];
        const seenBefore = on.backend.seen.length;
        on.backend.script = async ({ head, wire }) => {
          bodies.push((await wire.body(head)).toString("latin1"));
          wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        };
        const bytes = request(method, "/", ["Content-Length: 6"], "a\0\xffbcd");
        expect((await ask(on.url, bytes)).head.status).toBe(200);
        expect(bodies).toEqual(["a\0\xffbcd"]);
        const { head } = await on.backend.nextAfter(seenBefore);
        expect(head.field("content-length")).toBe("6");
        expect(head.field("transfer-encoding")).toBeUndefined();
      },
    );

    test("that was chunked stays chunked", async () => {
      const head = await forwarded(
        request("POST", "/", ["Transfer-Encoding: chunked"], "3\r\nabc\r\n0\r\n\r\n"),
      );
      expect(head.field("transfer-encoding")).toBe("chunked");
      expect(head.field("content-length")).toBeUndefined();
    });

    test("without a body stays without", async () => {
      const framing = (head: Head) => {
        expect(head.field("transfer-encoding")).toBeUndefined();
        const length = head.field("content-length");
        return length === undefined ? "none" : `content-length: ${length}`;
      };
      expect(framing(await forwarded(request("GET", "/")))).toBe("none");
      expect(framing(await forwarded(request("POST", "/")))).toBe(can.emptyPost);
      expect(framing(await forwarded(request("POST", "/", ["Content-Length: 0"])))).toBe("content-length: 0");
      expect(framing(await forwarded(request("DELETE", "/")))).toBe(can.emptyDelete);
      expect(framing(await forwarded(request("OPTIONS", "/")))).toBe(can.emptyDelete);
    });

    test("has every end-to-end field", async () => {
      const fields = {
        accept: "text/html;q=0.5",
        "accept-language": "mi",
        authorization: "Basic YTpi",
        "content-type": "text/plain",
        cookie: "a=1",
        "if-none-match": 'W/"x"',
        origin: "http://elsewhere.test",
        range: "bytes=0-1",
        referer: "http://elsewhere.test/",
        "sec-fetch-mode": "cors",
        "user-agent": "raw/1",
        "x-odd!#$%&'*+-.^_`|~": "1",
        "x-latin": "caf\xe9",
      };
      const head = await forwarded(
        request(
          "GET",
          "/",
          Object.entries(fields).map((pair) => pair.join(": ")),
        ),
      );
      for (const [name, value] of Object.entries(fields))
        expect([name, head.field(name)]).toEqual([name, value]);
    });

    test("has repeated fields as one list, in order", async () => {
      const head = await forwarded(
        request("GET", "/", ["X-A: 1", "X-B: 0", "X-A: 2", "Cookie: a=1", "Cookie: b=2"]),
      );
      expect(head.all("x-a").join(", ")).toBe("1, 2");
      expect(head.all("cookie").join("; ")).toBe("a=1; b=2");
    });

    test("has no field that nobody sent", async () => {
      const head = await forwarded(request("GET", "/"));
      const added = Object.keys(can.addedRequestFields);
      const names = head.names.filter((name) => !CONNECTION_FIELDS.includes(name));
      expect(names).toEqual(["host", ...OWN_FIELDS, ...added].sort());
      for (const name of added) expect(head.field(name)).toBe(can.addedRequestFields[name] as string);
    });

    test("asks for the content codings that the client accepts", async () => {
      const head = await forwarded(request("GET", "/", ["Accept-Encoding: gzip"]));
      expect(head.all("accept-encoding")).toEqual([...can.acceptEncoding]);
    });

    test("keeps the client's Host and says where it came from", async () => {
      const head = await forwarded(
        request("GET", "/", ["X-Forwarded-For: 6.6.6.6", "X-Real-IP: 6.6.6.6", "Forwarded: for=6.6.6.6"]),
      );
      expect(head.field("host")).toBe("lb.test");
      expect(head.field("x-forwarded-for")).toBe("127.0.0.1");
      expect(head.field("x-forwarded-host")).toBe("lb.test");
      expect(head.field("x-forwarded-proto")).toBe("http");
      expect(head.field("via")).toBe("1.1 lb");
      expect(head.field("forwarded")).toBeUndefined();
      expect(head.field("x-real-ip")).toBeUndefined();
    });

    test("has no hop-by-hop field, nor one that Connection names", async () => {
      const gone = ["TE: gzip", "Keep-Alive: 5", "Proxy-Connection: close", "X-Gone: 1"];
      const head = await forwarded(
        request("GET", "/", ["Connection: x-gone, keep-alive", ...gone, "Upgrade: x", "X-Kept: 1"]),
      );
      for (const line of [...gone, "Upgrade"]) expect(head.all(line.split(":")[0] as string)).toEqual([]);
      expect(head.field("x-kept")).toBe("1");
      expect(head.field("connection") ?? "keep-alive").toBe("keep-alive");
    });

    test("says that trailers are taken only where they are", async () => {
      const head = await forwarded(request("GET", "/", ["TE: gzip, trailers", "Connection: te"]));
      const passes = can.requestTrailers !== 400 && can.requestTrailers.length > 0;
      expect(head.all("te")).toEqual(passes ? ["trailers"] : []);
      if (passes) expect(head.field("connection")).toBe("TE");
    });

    test("keeps Host although Connection names it", async () => {
      expect((await forwarded(request("GET", "/", ["Connection: host"]))).field("host")).toBe("lb.test");
    });

    test("has the path of an absolute target", async () => {
      const head = await forwarded("GET http://lb.test/a? HTTP/1.1\r\nHost: lb.test\r\n\r\n");
      expect([head.target, head.field("host")]).toEqual(["/a?", "lb.test"]);
    });

    test("has the Host of an absolute target", async () => {
      const before = on.backend.seen.length;
      const bytes = "GET http://target.test/a? HTTP/1.1\r\nHost: lb.test\r\n\r\n";
      if (can.absoluteTargetHost === 400) {
        expect((await ask(on.url, bytes)).head.status).toBe(400);
        expect(on.backend.seen.length).toBe(before);
      } else {
        const head = await forwarded(bytes);
        expect(head.target).toBe("/a?");
        expect(head.field("host")).toBe(can.absoluteTargetHost === "target" ? "target.test" : "lb.test");
      }
    });

    test("follows another on the same connection", async () => {
      const wire = await dial(on.url);
      for (const target of ["/1", "/2", "/3"]) {
        wire.send(request("POST", target, ["Content-Length: 1"], "x"));
        expect((await readAnswer(wire, "POST")).head.status).toBe(200);
        expect(on.backend.seen.at(-1)?.head.target).toBe(target);
      }
      wire.destroy();
    });
  });

  test("what a trusted proxy says of the client is believed and added to", async () => {
    const backend = await RawBackend.listen();
    const settings = { trustedProxies: ["127.0.0.0/8"], forwarded: true };
    await withBalancer(runtime, [backend], settings, async ({ url }) => {
      const fields = [
        "X-Forwarded-For: 6.6.6.6",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: front.test",
        "Forwarded: for=6.6.6.6",
      ];
      await ask(url, request("GET", "/", fields));
      const { head } = await backend.nextAfter(0);
      expect(head.field("x-forwarded-for")).toBe("6.6.6.6, 127.0.0.1");
      expect(head.field("x-forwarded-proto")).toBe("https");
      expect(head.field("x-forwarded-host")).toBe("front.test");
      expect(head.all("forwarded").join(", ")).toBe("for=6.6.6.6, for=127.0.0.1;host=lb.test;proto=http");
    });
  });
}
