/** The same users in each runtime: every kind of hash is checked in all of them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { BehindMiddlewares } from "../adapters/behind-middlewares.ts";
import { Program, type Runtime, removeBundles } from "../adapters/runtime.ts";
import { BUN_FRONT, DENO_FRONT, DENO_RUNTIME, NODE_FRONT, NODE_RUNTIME } from "../adapters/runtimes.ts";
import { RawBackend } from "../raw/backend.ts";
import { ask, request } from "../raw/client.ts";

/** Deno finds packages by a config only, and it is to have none. */
const bundled = (runtime: Runtime): Runtime => ({ ...runtime, needsBundle: true });
const RUNTIMES = [BUN_FRONT, bundled(DENO_FRONT), bundled(DENO_RUNTIME), NODE_FRONT, NODE_RUNTIME];

const USERS = {
  bcrypt: "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a",
  argon2: "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
  pbkdf2: "$pbkdf2-sha256$i=10000$c2FsdCtzYWx0L3NhbHQ/Pw$+O76qGMOQVBrFoW/V4h37zZd1OhzyDcy7b2KiRlqPjM",
};
const PASSWORDS = { bcrypt: "secret", argon2: "password", pbkdf2: "secret" };

afterAll(removeBundles);

describe.each(RUNTIMES.map((runtime) => [`${runtime.name}, front ${runtime.front}`, runtime] as const))(
  "%s",
  (_, runtime) => {
    let backend: RawBackend;
    let program: Program;
    beforeAll(async () => {
      backend = await RawBackend.listen();
      const options = { users: USERS, userHeader: "x-user" };
      const told: BehindMiddlewares = { backends: [backend.url], middlewares: [["basicAuth", options]] };
      program = await Program.start(runtime, "behind-middlewares.ts", told);
    }, 30_000);
    afterAll(async () => {
      await program.kill();
      await backend.close();
    });

    const asking = (name: string, password: string, body = "") => {
      const credentials = Buffer.from(`${name}:${password}`).toString("base64");
      const length = body === "" ? [] : [`Content-Length: ${body.length}`];
      const fields = [`Authorization: Basic ${credentials}`, "X-User: root", ...length];
      return ask(program.url, request(body === "" ? "GET" : "POST", "/a?b", fields, body));
    };

    test.each(Object.entries(PASSWORDS))("%s", async (name, password) => {
      const before = backend.seen.length;
      const wrong = await asking(name, `${password}!`);
      expect(wrong.head.status).toBe(401);
      expect(wrong.head.field("www-authenticate")).toBe('Basic realm="Restricted", charset="UTF-8"');
      expect(backend.seen.length).toBe(before);
      // The second time it is remembered.
      for (const body of ["", "a body"]) {
        expect((await asking(name, password, body)).head.status).toBe(200);
        const { head } = backend.seen.at(-1) ?? {};
        expect(head?.all("x-user")).toEqual([name]);
        expect(head?.all("authorization")).toEqual([]);
        expect(head?.target).toBe("/a?b");
      }
    });
  },
);
