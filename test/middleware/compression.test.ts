import { describe, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { ConfigError } from "../../src/config/problem.ts";
import { createCompression } from "../../src/middleware/compression.ts";
import { type Compressors, runtimeCompressors } from "../../src/middleware/compressor.ts";
import { answerBytes } from "../raw/backend.ts";
import { ask, request } from "../raw/client.ts";
import { rulesOf } from "./behind.ts";
import { depsOf, pass } from "./passing.ts";
import { onStage } from "./staged.ts";

const DECODE: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
};
const TEXT = "a text that is long enough to be worth it, and says much the same again. ".repeat(40);

const made = (options: object = {}, compressors?: Compressors) =>
  createCompression(rulesOf("compression", options), depsOf(), compressors);

interface Asked {
  readonly method?: string;
  readonly accept?: string | undefined;
  readonly fields?: Record<string, string>;
}

function asking({ method = "GET", accept = "gzip", fields = {} }: Asked = {}): Request {
  return new Request("http://lb.test/", { method, headers: { "accept-encoding": accept, ...fields } });
}

/** An answer of this text with these fields, as a backend would give it. */
function answered(fields: Record<string, string> = {}, status = 200, body: string | null = TEXT) {
  const length: Record<string, string> = body === null ? {} : { "content-length": String(body.length) };
  const headers = { "content-type": "text/plain", ...length, ...fields };
  return { answer: () => new Response(body, { status, headers }) };
}

function chunked(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const part = parts[next];
      next += 1;
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
  });
}

describe("an answer", () => {
  test.each(["gzip", "br", "zstd"])("in %s is what it was, byte for byte", async (coding) => {
    const { answer } = await pass(made(), asking({ accept: coding }), answered());
    expect(answer.headers.get("content-encoding")).toBe(coding);
    expect(answer.headers.get("vary")).toBe("Accept-Encoding");
    expect(answer.headers.has("content-length")).toBeFalse();
    const bytes = await answer.bytes();
    expect(bytes.length).toBeLessThan(TEXT.length / 4);
    expect(new TextDecoder().decode(DECODE[coding]?.(bytes))).toBe(TEXT);
  });

  test("loses what is said of its bytes, and its tag becomes weak", async () => {
    const said = {
      "accept-ranges": "bytes",
      "content-digest": "sha-256=:x:",
      "content-md5": "x",
      digest: "x",
      etag: '"a"',
      "repr-digest": "sha-256=:x:",
      vary: "origin",
    };
    const { answer } = await pass(made(), asking(), answered(said));
    expect(Object.fromEntries(answer.headers)).toEqual({
      "content-encoding": "gzip",
      "content-type": "text/plain",
      etag: 'W/"a"',
      vary: "origin, Accept-Encoding",
    });
  });

  test("to HEAD says what the one to GET would", async () => {
    const { answer } = await pass(made(), asking({ method: "HEAD" }), answered({ etag: '"a"' }, 200, null));
    expect(answer.body).toBeNull();
    expect(Object.fromEntries(answer.headers)).toEqual({
      "content-encoding": "gzip",
      "content-type": "text/plain",
      etag: 'W/"a"',
      vary: "Accept-Encoding",
    });
  });

  test.each<[string, Asked, ReturnType<typeof answered>]>([
    ["to who takes none", { accept: "" }, answered()],
    ["to who takes others", { accept: "deflate" }, answered()],
    ["to who rather takes it as it is", { accept: "identity, gzip;q=0.5" }, answered()],
  ])("%s stays as it is, and says that it depends on that", async (_, asked, passing) => {
    const { answer } = await pass(made(), asking(asked), passing);
    expect(answer.headers.get("vary")).toBe("Accept-Encoding");
    expect(answer.headers.has("content-encoding")).toBeFalse();
    expect(answer.headers.get("content-length")).toBe(String(TEXT.length));
    expect(await answer.text()).toBe(TEXT);
  });

  test.each<[string, Asked, ReturnType<typeof answered>]>([
    ["that is coded", {}, answered({ "content-encoding": "br" })],
    ["that is a part", {}, answered({ "content-range": "bytes 0-1/2" }, 206)],
    ["whose status says so", {}, answered({ "content-range": "bytes */2" }, 416)],
    ["that must not be changed", {}, answered({ "cache-control": "public, No-Transform" })],
    ["whose request says so", { fields: { "cache-control": "no-transform" } }, answered()],
    ["that is short", {}, answered({}, 200, "short")],
    ["of another type", {}, answered({ "content-type": "image/png" })],
    ["without a type", {}, answered({ "content-type": "" })],
    ["without a body", {}, answered({}, 204, null)],
    ["that resets a form", {}, answered({}, 205, null)],
  ])("%s passes as it is", async (_, asked, passing) => {
    const { answer } = await pass(made(), asking(asked), passing);
    expect(Object.fromEntries(answer.headers)).toEqual(Object.fromEntries(passing.answer().headers));
    expect(await answer.text()).toBe(await passing.answer().text());
  });

  test.each([
    "text/html; charset=utf-8",
    "TEXT/CSS",
    "application/json",
    "application/problem+json",
    "application/javascript",
    "image/svg+xml",
    "application/wasm",
  ])("of type %s is compressed", async (type) => {
    const { answer } = await pass(made(), asking(), answered({ "content-type": type }));
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    await answer.body?.cancel();
  });

  test.each(["textual/html", "application/jsonish", "image/png+", "multipart/mixed; boundary=text/html"])(
    "of type %s is not",
    async (type) => {
      const { answer } = await pass(made(), asking(), answered({ "content-type": type }));
      expect(answer.headers.has("content-encoding")).toBeFalse();
    },
  );

  test("of an error is compressed too", async () => {
    const { answer } = await pass(made(), asking(), answered({}, 500));
    expect(answer.status).toBe(500);
    expect(gunzipSync(await answer.bytes()).toString()).toBe(TEXT);
  });
});

describe("not modified", () => {
  const unchanged = answered({ etag: '"a"' }, 304, null);

  test("is said of the tag that the client holds", async () => {
    const { answer } = await pass(made(), asking({ fields: { "if-none-match": '"b", W/"a"' } }), unchanged);
    expect(answer.headers.get("etag")).toBe('W/"a"');
    expect(answer.headers.get("vary")).toBe("Accept-Encoding");
  });

  test("is left alone where the client holds what the backend sent", async () => {
    const { answer } = await pass(made(), asking({ fields: { "if-none-match": '"a"' } }), unchanged);
    expect(answer.headers.get("etag")).toBe('"a"');
    expect(answer.headers.has("vary")).toBeFalse();
  });
});

describe("what a runtime cannot do", () => {
  test("is said once, and gone without", async () => {
    const warnings: string[] = [];
    const deps = { ...depsOf(), warn: (reason: string) => warnings.push(reason) };
    const old: Compressors = { ...runtimeCompressors(), codings: ["br", "gzip"] };
    const compression = createCompression(rulesOf("compression", {}), deps, old);
    expect(warnings).toEqual(["compression: this runtime has no zstd"]);
    const { answer } = await pass(compression, asking({ accept: "zstd, gzip;q=0.5" }), answered());
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    await answer.body?.cancel();
  });
});

describe("how many are compressed at once", () => {
  test("is limited: more pass as they are, until one is over, however that came about", async () => {
    const compression = made({ maxStreams: 1 });
    const codingOf = async () => (await pass(compression, asking(), answered())).answer;
    const ended = await codingOf();
    const beyond = await codingOf();
    expect(beyond.headers.has("content-encoding")).toBeFalse();
    expect(beyond.headers.get("vary")).toBe("Accept-Encoding");
    expect(await beyond.text()).toBe(TEXT);
    await ended.bytes();
    const given = await codingOf();
    expect(given.headers.get("content-encoding")).toBe("gzip");
    await given.body?.cancel();
    const breaking = new ReadableStream({ pull: (controller) => controller.error(new Error("broken")) });
    const broken = await pass(compression, asking(), {
      answer: () => new Response(breaking, { headers: { "content-type": "text/plain" } }),
    });
    await expect(broken.answer.bytes()).rejects.toThrow("broken");
    expect((await codingOf()).headers.get("content-encoding")).toBe("gzip");
  });
});

describe("bodies of any size in any pieces", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 12 });
  const large = fc.integer({ min: 65_530, max: 200_000 }).map((size) => [new Uint8Array(size).fill(97)]);

  test.each(["gzip", "br", "zstd"])("are what they were in %s", async (coding) => {
    const compression = made();
    await fc.assert(
      fc.asyncProperty(fc.oneof(pieces, large), fc.boolean(), async (parts, isEvents) => {
        const type = isEvents ? "text/event-stream" : "text/plain";
        const passing = {
          answer: () => new Response(chunked(parts), { headers: { "content-type": type } }),
        };
        const { answer } = await pass(compression, asking({ accept: coding }), passing);
        expect(answer.headers.get("content-encoding")).toBe(coding);
        const decoded = DECODE[coding]?.(await answer.bytes());
        expect(Buffer.compare(Buffer.from(decoded ?? []), Buffer.concat(parts))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

test("on real sockets, with what backends send", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
  const script = answerBytes(`${head}Content-Length: ${TEXT.length}\r\nETag: "a"\r\n\r\n${TEXT}`);
  await onStage([made()], script, async ({ url }) => {
    const { head, body } = await ask(url, request("GET", "/", ["Accept-Encoding: gzip, br;q=0.9"]));
    expect(head.field("content-encoding")).toBe("gzip");
    expect(head.field("content-length")).toBeUndefined();
    expect(gunzipSync(body).toString()).toBe(TEXT);
    const plain = await ask(url, request("GET", "/"));
    expect(plain.head.field("content-length")).toBe(String(TEXT.length));
    expect(plain.body.toString()).toBe(TEXT);
  });
});

describe("options", () => {
  test.each<[object, string]>([
    [{ codings: [] }, "compression.codings: found an empty list, expected zstd, br or gzip"],
    [{ codings: ["brotli"] }, 'compression.codings: found "brotli", expected zstd, br or gzip'],
    [
      { types: ["text"] },
      'compression.types: found "text", expected a media type such as text/html, text/* or +json',
    ],
    [{ gzipLevel: 10 }, "compression.gzipLevel: found 10, expected a whole number from 1 to 9"],
    [{ gzipLevels: 1 }, 'compression: found the unknown key "gzipLevels"; did you mean gzipLevel?'],
  ])("%j", (options, message) => {
    expect(() => made(options)).toThrow(new ConfigError(message));
  });
});
