/**
 * Backends that do not know HTTP, or mean harm. Whatever they send, and however it is cut, a client gets the
 * answer to its own request, or is told that there is none, or sees its connection end; and the next request
 * on either connection is none the worse for it.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Script } from "../raw/backend.ts";
import { dial, readAnswer, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { within } from "../raw/within.ts";
import { BAD_ANSWERS, type BadAnswer } from "./bad-answers.ts";
import { HostileStage, waysToCut } from "./hostile-stage.ts";

let stage: HostileStage;
beforeAll(async () => {
  stage = await HostileStage.start(() => {}, true);
});
afterAll(() => stage[Symbol.asyncDispose]());

test.each(BAD_ANSWERS.map((bad) => [bad.what, bad] as const))("%s", async (_, bad) => {
  const used = new Map<string, Wire>();
  stage.backend.script = answering(bad, used);
  const { method = "GET", isKept = false } = bad;
  // One after another: what a backend sends too much and too late would be the next one's answer.
  for (const cuts of waysToCut(bad.bytes.length + 1, 40)) {
    const token = stage.newToken();
    stage.sockets.cutAnswer(token, cuts);
    const wire = await dial(stage.url);
    wire.send(request(method, `/bad-${token}`));
    const got = await readAnswer(wire, method).then(
      ({ head, body }) => [head.status, head.status === 502 ? "" : body.toString("latin1")],
      (error: Error) => (error.name === "Cut" ? "cut" : Promise.reject(error)),
    );
    expect(clientsOf(bad, cuts)).toContainEqual(got);
    const backendWire = used.get(token) as Wire;
    if (!isKept) await within(5_000, "the backend's connection to be let go of", backendWire.closed);
    // An answer that is cut has ended its connection.
    if (got !== "cut") {
      wire.send(request("GET", `/after-${token}`));
      expect((await readAnswer(wire, "GET")).body.toString()).toBe(`/after-${token}`);
      if (isKept) expect(stage.backend.seen.at(-1)?.wire).toBe(backendWire);
    }
    wire.destroy();
  }
});

/** What the client may get of an answer that comes in these pieces. */
function clientsOf({ bytes, client }: BadAnswer, cuts: readonly number[]): unknown[] {
  if (client !== "502 or cut") return [client];
  if (cuts.length === 0) return [[502, ""]];
  return cuts.includes(bytes.indexOf("\r\n\r\n") + 4) ? ["cut"] : [[502, ""], "cut"];
}

/** Answers badly to whoever asks for `/bad-…`, and tells all others what they asked for. */
function answering({ bytes, ends }: BadAnswer, used: Map<string, Wire>): Script {
  return ({ head, wire }) => {
    const { target } = head;
    if (!target.startsWith("/bad-")) {
      wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`);
      return;
    }
    used.set(target.slice("/bad-".length), wire);
    wire.send(bytes);
    if (ends === "end") wire.end();
    if (ends === "reset") wire.reset();
  };
}
