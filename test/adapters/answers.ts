import { describe, expect, test } from "bun:test";
import { answerBytes } from "../raw/backend.ts";
import { type Answer, ask, dial, request } from "../raw/client.ts";
import type { Runtime } from "./runtime.ts";
import { stage } from "./stage.ts";

/** What a client is answered. */
export function answers(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("an answer to the client", () => {
    const on = stage(runtime);

    /** What the client gets when the backend answers with these bytes. */
    const answered = (bytes: string | Uint8Array, to = request("GET", "/")): Promise<Answer> => {
      on.backend.script = answerBytes(bytes);
      return ask(on.url, to);
    };

    test.each([200, 201, 206, 400, 404, 410, 418, 429, 500, 503, 599])(
      "has the status %d",
      async (status) => {
        const { head, body } = await answered(`HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\nok`);
        expect(head.status).toBe(status);
        expect(body.toString()).toBe("ok");
      },
    );

    test("with a status that HTTP does not know", async () => {
      const { head } = await answered("HTTP/1.1 666 X\r\nContent-Length: 2\r\n\r\nok");
      expect(head.status).toBe(can.status666);
    });

    test("has the backend's reason", async () => {
      const { head } = await answered("HTTP/1.1 200 Quite Fine\r\nContent-Length: 0\r\n\r\n");
      expect(head.startLine).toBe(can.keepsReason ? "HTTP/1.1 200 Quite Fine" : "HTTP/1.1 200 OK");
    });

    test("has every end-to-end field, Set-Cookie lines apart", async () => {
      const fields = {
        "cache-control": "no-store",
        "content-type": "text/x-odd; charset=latin1",
        etag: 'W/"x"',
        link: "</a>; rel=next",
        server: "raw",
        vary: "Origin",
        "x-latin": "caf\xe9",
        date: "Sun, 06 Nov 1994 08:49:37 GMT",
      };
      const lines = Object.entries(fields).map((pair) => `${pair.join(": ")}\r\n`);
      const cookies = "Set-Cookie: a=1; Path=/, x\r\nSet-Cookie: b=2\r\n";
      const { head } = await answered(
        `HTTP/1.1 200 OK\r\n${lines.join("")}${cookies}X-A: 1\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n`,
      );
      for (const [name, value] of Object.entries(fields))
        expect([name, head.all(name)]).toEqual([name, [value]]);
      expect(head.all("set-cookie")).toEqual(["a=1; Path=/, x", "b=2"]);
      expect(head.all("x-a").join(", ")).toBe("1, 2");
    });

    test("keeps latin-1 values although its body streams", async () => {
      const { head } = await answered(
        "HTTP/1.1 200 OK\r\nX-Latin: caf\xe9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      );
      expect(head.field("x-latin")).toBe("caf\xe9");
    });

    test("has no hop-by-hop field, nor one that Connection names", async () => {
      const { head } = await answered(
        "HTTP/1.1 200 OK\r\nConnection: x-gone\r\nX-Gone: 1\r\nKeep-Alive: timeout=3\r\nUpgrade: x\r\nProxy-Connection: a\r\nContent-Length: 0\r\n\r\n",
      );
      expect(head.all("x-gone")).toEqual([]);
      expect(head.all("upgrade")).toEqual([]);
      expect(head.all("proxy-connection")).toEqual([]);
      expect(head.field("connection") ?? "keep-alive").toBe("keep-alive");
      expect(head.field("keep-alive")).not.toBe("timeout=3");
    });

    test("has no field that nobody sent, but Date", async () => {
      const { head } = await answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      const added = Object.keys(can.addedResponseFields);
      const names = head.names.filter((name) => name !== "connection" && name !== "keep-alive");
      expect(names).toEqual(["content-length", "date", ...added].sort());
      for (const name of added) expect(head.field(name)).toBe(can.addedResponseFields[name] as string);
    });

    test("keeps its content coding, byte for byte", async () => {
      const coded = Bun.gzipSync(Buffer.from("balance ".repeat(500)));
      const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n`;
      for (const field of ["Accept-Encoding: gzip", "Accept-Encoding: br", "X-None: 1"]) {
        const answer = await answered(
          Buffer.concat([Buffer.from(head), coded]),
          request("GET", "/", [field]),
        );
        expect(answer.head.field("content-encoding")).toBe("gzip");
        expect(answer.body.equals(coded)).toBe(true);
      }
    });

    test("is not coded on the way", async () => {
      const text = "compressible ".repeat(1000);
      const { head, body } = await answered(
        `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
        request("GET", "/", ["Accept-Encoding: gzip, br"]),
      );
      expect(head.field("content-encoding")).toBeUndefined();
      expect(head.field("vary")).toBeUndefined();
      expect(body.toString()).toBe(text);
    });

    test.each([0, 2, 1_000, 60_000])("keeps the Content-Length of %d complete bytes", async (length) => {
      on.backend.script = answerBytes(
        `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${"a".repeat(length)}`,
      );
      const { head, body } = await ask(on.url, request("GET", "/"));
      if (length <= 1_000) expect(head.field("content-length")).toBe(String(length));
      expect(body.length).toBe(length);
    });

    test.each([1_000, 300_000])("keeps the Content-Length of %d bytes that stream", async (length) => {
      const rest = Promise.withResolvers<void>();
      on.backend.script = async ({ wire }) => {
        wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\na`);
        await rest.promise;
        wire.send("a".repeat(length - 1));
      };
      const wire = await dial(on.url);
      wire.send(request("GET", "/"));
      const head = await wire.head();
      rest.resolve();
      expect((await wire.body(head)).length).toBe(length);
      wire.destroy();
      if (can.streamedLength === "content-length") expect(head.field("content-length")).toBe(String(length));
      else
        expect([head.field("content-length"), head.field("transfer-encoding")]).toEqual([
          undefined,
          "chunked",
        ]);
    });

    test("to HEAD has the length and no body", async () => {
      const { head } = await answered(
        "HTTP/1.1 200 OK\r\nContent-Length: 123456\r\n\r\n",
        request("HEAD", "/"),
      );
      expect(head.field("content-length")).toBe("123456");
    });

    test.each([204, 304])("with %d has no body", async (status) => {
      const { head } = await answered(`HTTP/1.1 ${status} X\r\nETag: "x"\r\n\r\n`);
      expect(head.status).toBe(status);
      expect(head.field("etag")).toBe('"x"');
      expect(head.field("transfer-encoding")).toBeUndefined();
    });

    test("with 304 keeps the length that it is about", async () => {
      const { head } = await answered("HTTP/1.1 304 Not Modified\r\nContent-Length: 88\r\n\r\n");
      expect(head.field("content-length")).toBe(can.keepsLengthOf304 ? "88" : undefined);
    });

    test.each([301, 302, 303, 307, 308])("with %d is the client's to follow", async (status) => {
      const before = on.backend.seen.length;
      const { head } = await answered(`HTTP/1.1 ${status} X\r\nLocation: /b?\r\nContent-Length: 0\r\n\r\n`);
      expect([head.status, head.field("location")]).toEqual([status, "/b?"]);
      expect(on.backend.seen.length).toBe(before + 1);
    });

    test("ends where the backend closes, if nothing else says where", async () => {
      on.backend.script = ({ wire }) => {
        wire.send("HTTP/1.0 200 OK\r\n\r\nto the end");
        wire.end();
      };
      expect((await ask(on.url, request("GET", "/"))).body.toString()).toBe("to the end");
    });

    test("is 502 if the backend's is not HTTP", async () => {
      on.backend.script = ({ wire }) => {
        wire.send("SSH-2.0-OpenSSH_9.6 this is not what you are looking for\r\n\r\n");
        wire.end();
      };
      const { head } = await ask(on.url, request("POST", "/", ["Content-Length: 1"], "a"));
      expect(head.status).toBe(502);
      expect(head.field("proxy-status")).toBe("lb; error=http_protocol_error");
    });
  });
}
