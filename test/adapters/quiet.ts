import { afterAll, beforeAll, expect, test } from "bun:test";
import { RawBackend } from "../raw/backend.ts";
import { type Answer, ask, dial, readAnswer, request } from "../raw/client.ts";
import { Program, type Runtime } from "./runtime.ts";

/** Longer than any time-out of ten seconds, which is Bun's and many others' default. */
const QUIET_MS = 12_500;

/** How long the test waits for them. */
const PATIENCE_MS = QUIET_MS + 10_000;

/**
 * Exchanges in which nothing is sent for long: before the head, in the middle of the answer, and in the middle
 * of the request. They run while the other tests do.
 *
 * @returns Declares the test that waits for their end; to be called after all others were declared.
 */
export function quiet(runtime: Runtime): () => void {
  let exchanges: Promise<Answer[]> | undefined;
  let backend: RawBackend | undefined;
  let program: Program | undefined;

  beforeAll(async () => {
    backend = await RawBackend.listen(async ({ head, wire }) => {
      if (head.target === "/head") await Bun.sleep(QUIET_MS);
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
      if (head.target === "/body") await Bun.sleep(QUIET_MS);
      if (head.target === "/upload") await wire.body(head, PATIENCE_MS);
      wire.send("def");
    });
    program = await Program.start(runtime, "fixture.ts", { backends: [backend.url], healthCheck: false });
    exchanges = Promise.all([
      ask(program.url, request("GET", "/head"), PATIENCE_MS),
      ask(program.url, request("GET", "/body"), PATIENCE_MS),
      slowUpload(program.url),
    ]);
    // The test below tells of a failure, unless it is not among those that are run.
    exchanges.catch(() => {});
  }, 30_000);

  afterAll(async () => {
    await program?.kill();
    await backend?.close();
  });

  return () => {
    test(
      "an exchange may be quiet for longer than twelve seconds",
      async () => {
        const bodies = (await (exchanges as Promise<Answer[]>)).map(({ body }) => body.toString());
        expect(bodies).toEqual(["abcdef", "abcdef", "abcdef"]);
      },
      PATIENCE_MS + 5_000,
    );
  };
}

async function slowUpload(url: string): Promise<Answer> {
  const wire = await dial(url);
  wire.send(request("POST", "/upload", ["Transfer-Encoding: chunked"], "1\r\na\r\n"));
  await Bun.sleep(QUIET_MS);
  wire.send("0\r\n\r\n");
  const answer = await readAnswer(wire, "POST");
  wire.destroy();
  return answer;
}
