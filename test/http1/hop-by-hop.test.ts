import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { namedByConnection, stripHopByHop } from "../../src/http1/hop-by-hop.ts";

const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

function stripped(fields: Record<string, string>): Record<string, string> {
  const headers = new Headers(fields);
  stripHopByHop(headers);
  return Object.fromEntries(headers);
}

describe("hop-by-hop fields", () => {
  test.each(HOP_BY_HOP)("%s never passes, alone or with Connection", (name) => {
    expect(stripped({ [name]: "x", accept: "*/*" })).toEqual({ accept: "*/*" });
    expect(stripped({ connection: "close", [name]: "x", accept: "*/*" })).toEqual({ accept: "*/*" });
  });

  test("what Connection names goes with it, in any case and spacing", () => {
    const fields = { connection: "close, X-Hop ,\tX-OTHER", "x-hop": "1", "x-other": "2", "x-end": "3" };
    expect(stripped(fields)).toEqual({ "x-end": "3" });
  });

  test.each(["keep-alive", "Keep-Alive", "close", "CLOSE", "upgrade", "keep-alive, Upgrade"])(
    "Connection: %s names nothing else",
    (connection) => {
      expect(stripped({ connection, accept: "*/*" })).toEqual({ accept: "*/*" });
    },
  );

  test("Connection cannot take away what a message needs to mean the same", () => {
    const needed = {
      host: "example.com",
      "content-length": "3",
      "content-encoding": "gzip",
      "content-range": "bytes 0-2/9",
      authorization: "Bearer x",
    };
    expect(stripped({ ...needed, connection: Object.keys(needed).join(", ") })).toEqual(needed);
  });

  test("Connection names none of the fixed few: each of them is decided by itself", () => {
    expect(namedByConnection(["x-hop", ...HOP_BY_HOP, "close"].join(", "))).toEqual(["x-hop", "close"]);
  });

  test("a Connection of nonsense does no harm", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 40 }), (connection) => {
        const headers = new Headers({ "x-end": "1" });
        headers.set("connection", connection);
        fc.pre(
          !connection
            .toLowerCase()
            .split(",")
            .some((name) => name.trim() === "x-end"),
        );
        stripHopByHop(headers);
        expect(Object.fromEntries(headers)).toEqual({ "x-end": "1" });
      }),
    );
  });

  test("any field passes exactly if it is neither hop-by-hop nor named", () => {
    const name = fc.stringMatching(/^x-[a-z]{1,4}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 8 }),
        fc.array(name, { maxLength: 4 }),
        (names, named) => {
          const fields = Object.fromEntries(names.map((name) => [name, "1"]));
          const left = stripped({ ...fields, connection: ["close", ...named].join(",") });
          expect(Object.keys(left).sort()).toEqual(names.filter((name) => !named.includes(name)).sort());
        },
      ),
    );
  });

  test("repeated fields stay apart where the runtime keeps them apart", () => {
    const headers = new Headers();
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
    stripHopByHop(headers);
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]);
  });
});
