import { expect } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { request } from "../raw/client.ts";
import { ScriptedFront } from "./scripted-front.ts";

/** Where requests can go. */
export const BACKENDS = ["http://192.0.2.7", "http://192.0.2.8", "http://192.0.2.9"];
/** When a second try is due. */
export const HEDGE_MS = 50;
/** Two ticks late at most. */
export const DUE_MS = HEDGE_MS + 4;

/** An answer of a backend's. */
export function answer(status: number, body = "", fields: readonly string[] = []): string {
  const lines = ["Date: x", ...fields, `Content-Length: ${body.length}`]
    .map((line) => `${line}\r\n`)
    .join("");
  return `HTTP/1.1 ${status} X\r\n${lines}\r\n${body}`;
}

/** A request that has gone unanswered for long enough, and so is under way at two backends. */
export async function hedged(bytes = request("GET", "/"), config: Partial<LoadBalancerConfig> = {}) {
  const hedge = { afterMs: HEDGE_MS };
  const front = await ScriptedFront.listen({}, { backends: BACKENDS, hedge, ...config });
  const client = front.client();
  client.receive(bytes);
  const first = front.backend();
  front.clock.advance(DUE_MS);
  const second = front.backend();
  const status = () => front.balancer.status();
  expect(status().inFlight).toBe(2);
  return { front, client, first, second, status };
}

/** What the status says when nothing is under way. */
export const none = { inFlight: 0 };
