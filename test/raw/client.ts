import { connect } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type Head, Wire } from "./wire.ts";
import { within } from "./within.ts";

/** An answer, whole. */
export interface Answer {
  readonly head: Head;
  readonly body: Buffer;
}

/**
 * Connects to a URL's host and port.
 *
 * @param allowHalfOpen Whether this side can still write when the other has ended. Default false: it ends too.
 */
export async function dial(url: string, allowHalfOpen = false): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const socket = connect({
    port: Number(port),
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    allowHalfOpen,
  });
  await within(
    5_000,
    `a connection to ${url}`,
    new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    }),
  );
  return new Wire(socket);
}

/** Connects to 127.0.0.1 with TLS, as to `lb.test`, at a URL's port. `ca` is who vouches for that, as PEM. */
export async function dialTls(url: string, ca: string): Promise<Wire & { readonly socket: TLSSocket }> {
  const socket = connectTls({
    host: "127.0.0.1",
    port: Number(new URL(url).port),
    ca,
    servername: "lb.test",
    ALPNProtocols: ["h2", "http/1.1"],
  });
  await within(
    5_000,
    `a TLS connection to ${url}`,
    new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    }),
  );
  return new Wire(socket) as Wire & { readonly socket: TLSSocket };
}

/** Reads the head of the final answer; those before it (1xx) are passed over. */
export async function finalHead(wire: Wire, ms?: number): Promise<Head> {
  for (;;) {
    const head = await wire.head(ms);
    if (head.status >= 200) return head;
  }
}

/** Reads the answer to a request of this method. */
export async function readAnswer(wire: Wire, method: string, ms?: number): Promise<Answer> {
  const head = await finalHead(wire, ms);
  const { status } = head;
  const isBodyless = method === "HEAD" || status === 204 || status === 304;
  return { head, body: isBodyless ? Buffer.alloc(0) : await wire.body(head, ms) };
}

/**
 * Sends the bytes of one request on a connection of their own and reads the answer.
 *
 * @param ms The longest wait for the next bytes. Default 10 s.
 */
export async function ask(url: string, request: string | Uint8Array, ms?: number): Promise<Answer> {
  const wire = await dial(url);
  try {
    wire.send(request);
    const method = Buffer.from(request).subarray(0, 4).toString("latin1") === "HEAD" ? "HEAD" : "GET";
    return await readAnswer(wire, method, ms);
  } finally {
    wire.destroy();
  }
}

/** A request's bytes with `Host: lb.test` first; `fields` are whole lines. */
export function request(method: string, target: string, fields: readonly string[] = [], body = ""): string {
  return `${[`${method} ${target} HTTP/1.1`, "Host: lb.test", ...fields].join("\r\n")}\r\n\r\n${body}`;
}
