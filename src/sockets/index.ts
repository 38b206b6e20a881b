import { bunSockets } from "./bun.ts";
import { denoSockets } from "./deno.ts";
import { nodeSockets } from "./node.ts";
import type { SocketFactory } from "./socket.ts";

/** The sockets of the runtime that this runs in. */
export function runtimeSockets(): SocketFactory {
  if ("Bun" in globalThis) return bunSockets;
  return "Deno" in globalThis ? denoSockets : nodeSockets;
}
