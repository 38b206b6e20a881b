import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { pbkdf2Text } from "../../src/config/password-hash.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { createBasicAuth } from "../../src/middleware/basic-auth.ts";
import { passwordBytes, readBasicCredentials } from "../../src/middleware/basic-credentials.ts";
import { compose } from "../../src/middleware/compose.ts";
import type { Middleware } from "../../src/middleware/middleware.ts";
import { pbkdf2Key } from "../../src/middleware/password-check.ts";
import { Remembered } from "../../src/middleware/remembered.ts";
import { ask, request } from "../raw/client.ts";
import { rulesOf } from "./behind.ts";
import { LOCAL, pass, scopeOf } from "./passing.ts";
import { onStage } from "./staged.ts";

async function hashOf(password: string): Promise<string> {
  const shape = {
    kind: "pbkdf2",
    hash: "SHA-256",
    iterations: 10_000,
    salt: new Uint8Array(16),
    key: new Uint8Array(32),
  } as const;
  return pbkdf2Text({ ...shape, key: new Uint8Array(await pbkdf2Key(passwordBytes(password), shape)) });
}

const USERS = { alice: await hashOf("wonder:land"), jürgen: await hashOf("pässwort") };

const made = (options: object = {}) => createBasicAuth(rulesOf("basicAuth", { users: USERS, ...options }));

function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

function asking(authorization?: string, fields: Record<string, string> = {}): Request {
  return new Request("http://lb.test/", {
    headers: { ...(authorization === undefined ? {} : { authorization }), ...fields },
  });
}

const ALICE = basic("alice", "wonder:land");

describe("who is let in", () => {
  test.each([
    ALICE,
    ALICE.replace("Basic ", "bAsIc   "),
    basic("jürgen", "pässwort"),
    basic("ju\u0308rgen", "pa\u0308sswort"),
  ])("%s", async (authorization) => {
    const { answer, seen } = await pass(made(), asking(authorization));
    expect(answer.status).toBe(200);
    expect(seen?.headers.has("authorization")).toBeFalse();
  });

  test.each([
    undefined,
    "",
    "Basic",
    "Basic ",
    "Bearer abc",
    basic("alice", "wrong"),
    basic("alice", ""),
    basic("alice", "wonder:land "),
    basic("Alice", "wonder:land"),
    basic("nobody", "wonder:land"),
    basic("", "wonder:land"),
    basic("__proto__", "x"),
    basic("constructor", "x"),
    `Basic ${btoa("alice")}`,
    `Basic ${btoa("alice:wonder:land\0")}`,
    `Basic ${btoa("j\xfcrgen:x")}`,
    `Basic !${btoa("alice:wonder:land")}`,
    `${ALICE}, ${ALICE}`,
    `${ALICE} `.repeat(2),
    basic("alice", "x".repeat(3_000)),
  ])("not %s", async (authorization) => {
    const { answer, seen } = await pass(made({ realm: 'the "inner" \\ one' }), asking(authorization));
    expect(seen).toBeUndefined();
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe(
      'Basic realm="the \\"inner\\" \\\\ one", charset="UTF-8"',
    );
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });

  test("whatever else is sent is not", async () => {
    const middleware = made();
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\x20-\x7e]{0,60}$/), async (field) => {
        fc.pre(field.trim() !== ALICE);
        const { answer } = await pass(middleware, asking(field));
        expect(answer.status).toBe(401);
      }),
    );
  });
});

test("credentials are read as they were written", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 12 });
  const name = text.map((written) => written.replaceAll(":", ""));
  fc.assert(
    fc.property(name, text, (name, password) => {
      const read = readBasicCredentials(basic(name, password));
      expect(read?.name).toBe(name.normalize("NFC"));
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      expect(decoder.decode(read?.password)).toBe(password.normalize("NFC"));
    }),
  );
});

describe("what the backend is told", () => {
  test("nothing by default", async () => {
    const { seen } = await pass(made(), asking(ALICE, { accept: "a" }));
    expect(Object.fromEntries(seen?.headers ?? [])).toEqual({ accept: "a" });
  });

  test("the name, where that is asked for, and nothing that a client says in its place", async () => {
    const middleware = made({ userHeader: "X-Forwarded-User" });
    const { seen } = await pass(
      middleware,
      asking(ALICE, { "x-forwarded-user": "root", x_forwarded_user: "root", "X-Forwarded_User": "root" }),
    );
    expect(Object.fromEntries(seen?.headers ?? [])).toEqual({ "x-forwarded-user": "alice" });
    const umlaut = await pass(middleware, asking(basic("jürgen", "pässwort")));
    const sent = umlaut.seen?.headers.get("x-forwarded-user") ?? "";
    expect(Buffer.from(sent, "latin1").toString("utf8")).toBe("jürgen");
  });

  test("the credentials, where that is asked for", async () => {
    const { seen } = await pass(made({ forwardCredentials: true }), asking(ALICE));
    expect(seen?.headers.get("authorization")).toBe(ALICE);
  });

  test("all of it on real sockets, past what is never believed of a client", async () => {
    const script = async ({ wire }: { wire: { send(text: string): void } }) =>
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await onStage([made({ userHeader: "x-forwarded-user" })], script, async ({ url, backend }) => {
      const refused = await ask(url, request("GET", "/", ["X-Forwarded-User: root"]));
      expect(refused.head.status).toBe(401);
      expect(backend.seen).toBeEmpty();
      const fields = [`Authorization: ${ALICE}`, "X-Forwarded-User: root", "X_Forwarded_User: root"];
      const { head } = await ask(url, request("GET", "/", fields));
      expect(head.status).toBe(200);
      const [seen] = backend.seen;
      expect(seen?.head.all("x-forwarded-user")).toEqual(["alice"]);
      expect(seen?.head.all("x_forwarded_user")).toEqual([]);
      expect(seen?.head.all("authorization")).toEqual([]);
    });
  });
});

/** Asks so often at once, and gives the statuses sorted. */
async function statuses(middleware: Middleware, requests: readonly Request[], addresses: readonly string[]) {
  const answer = compose(
    [middleware],
    async () => new Response("ok"),
    () => {},
  );
  const all = requests.map((asked, index) => {
    const client = { ...LOCAL, address: addresses[index % addresses.length] as string };
    return answer(asked, scopeOf(asked, { client }));
  });
  return (await Promise.all(all)).map(({ status }) => status).sort();
}

describe("a flood", () => {
  const wrong = (count: number) =>
    Array.from({ length: count }, (_, index) => asking(basic("alice", `${index}`)));

  test("from one address is told that it is too much", async () => {
    const middleware = made({ maxChecks: 1, maxWaiting: 50, maxWaitingPerClient: 3 });
    const answers = await statuses(middleware, wrong(10), ["10.0.0.1"]);
    expect(answers).toEqual([401, 401, 401, 429, 429, 429, 429, 429, 429, 429]);
    expect(await statuses(middleware, wrong(1), ["10.0.0.1"])).toEqual([401]);
  });

  test("from many addresses is turned away when the line is full", async () => {
    const middleware = made({ maxChecks: 1, maxWaiting: 2, maxWaitingPerClient: 2 });
    const answers = await statuses(middleware, wrong(5), ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
    expect(answers).toEqual([401, 401, 401, 503, 503]);
  });

  test("does not keep out who was let in before", async () => {
    const middleware = made({ maxChecks: 1, maxWaiting: 0, maxWaitingPerClient: 1 });
    expect(await statuses(middleware, [asking(ALICE)], ["10.0.0.9"])).toEqual([200]);
    const answers = await statuses(middleware, [...wrong(3), asking(ALICE), asking(ALICE)], ["10.0.0.1"]);
    expect(answers).toEqual([200, 200, 401, 429, 429]);
  });

  test("of one and the same is one check", async () => {
    const middleware = made({ maxChecks: 1, maxWaiting: 0, maxWaitingPerClient: 1 });
    const same = Array.from({ length: 20 }, () => asking(ALICE));
    expect(await statuses(middleware, same, ["10.0.0.1", "10.0.0.2"])).toEqual(same.map(() => 200));
  });

  test("tells to come back", async () => {
    const middleware = made({ maxChecks: 1, maxWaiting: 0, maxWaitingPerClient: 1 });
    const [, answer] = await Promise.all(wrong(2).map((asked) => pass(middleware, asked)));
    expect(answer?.answer.headers.get("retry-after")).toBe("1");
  });
});

describe("what is remembered", () => {
  test("is limited in number, the oldest forgotten first", () => {
    const remembered = new Remembered<number>(3, 1_000);
    for (let count = 0; count < 100; count++) {
      remembered.set(`${count}`, count, count);
      expect(remembered.size).toBeLessThanOrEqual(3);
    }
    expect(["96", "97", "98", "99"].map((key) => remembered.get(key, 100))).toEqual([undefined, 97, 98, 99]);
  });

  test("is forgotten when its time is over, however often it was asked for", () => {
    const remembered = new Remembered<number>(3, 1_000);
    remembered.set("a", 1, 5);
    expect(remembered.get("a", 1_004)).toBe(1);
    expect(remembered.get("a", 1_005)).toBeUndefined();
    expect(remembered.size).toBe(0);
  });

  test("is nothing where it may be for no time", () => {
    const remembered = new Remembered<number>(3, 0);
    remembered.set("a", 1, 5);
    expect(remembered.size).toBe(0);
  });
});

describe("options", () => {
  const users = USERS;
  test.each<[object, string]>([
    [{}, "basicAuth.users: found nothing, expected an object"],
    [{ users: {} }, "basicAuth.users: found nobody, expected at least one user"],
    [
      { users: { alice: "hunter2" } },
      "basicAuth.users.alice: found a password as plain text, or no hash that is known, expected a hash of bcrypt ($2y$…), argon2id ($argon2id$…) or PBKDF2 ($pbkdf2-sha256$…), as lb hash-password prints one",
    ],
    [
      { users: { alice: 12345 } },
      "basicAuth.users.alice: expected the hash of a password, as lb hash-password prints one",
    ],
    [
      { users: { "a:b": users.alice } },
      'basicAuth.users: found the name "a:b", expected a user\'s name: up to 128 characters without a colon',
    ],
    [
      { users, realm: "a\nb" },
      'basicAuth.realm: found "a\\nb", expected a text of visible ASCII characters and spaces',
    ],
    [
      { users, userHeader: "x user" },
      'basicAuth.userHeader: found "x user", expected the name of a header, such as x-user',
    ],
  ])("%j", (options, message) => {
    expect(() => createBasicAuth(rulesOf("basicAuth", options))).toThrow(new ConfigError(message));
  });
});
