/** WebSocket clients. Run by Node, told by the test. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import { obey } from "./commands.ts";

/** What one of them got to see. */
interface Seen {
  readonly protocol: string;
  readonly extensions: string;
  /** Messages, as text or as base64 with that word before it. */
  readonly messages: readonly string[];
  readonly pings: readonly string[];
  readonly pongs: readonly string[];
  readonly closed: readonly [code: number, reason: string];
}

/** What one of them does once it is open. */
interface Plan {
  readonly url: string;
  readonly protocols?: string[];
  /** Whether to offer compression. Default false. */
  readonly deflate?: boolean;
  /** Sent in this order: a text, a binary as base64, the pieces of one message, or a ping. */
  readonly send?: readonly { text?: string; base64?: string; pieces?: string[]; ping?: string }[];
  /** How many messages and pongs to wait for before closing. Default: the server closes. */
  readonly until?: number;
  readonly close?: readonly [code?: number, reason?: string];
}

function open(url: string, protocols: string[] = [], options: ClientOptions = {}): WebSocket {
  return new WebSocket(url, protocols, {
    maxPayload: 33_554_432,
    perMessageDeflate: false,
    // The tests' certificates are their own.
    rejectUnauthorized: false,
    ...options,
  });
}

async function converse(plan: Plan): Promise<Seen> {
  const { url, protocols, deflate = false, send = [], until, close = [] } = plan;
  const socket = open(url, protocols, { perMessageDeflate: deflate ? { threshold: 0 } : false });
  const messages: string[] = [];
  const pings: string[] = [];
  const pongs: string[] = [];
  const look = () => {
    if (messages.length + pongs.length === until) socket.close(...close);
  };
  socket.on("ping", (data) => pings.push(data.toString()));
  socket.on("pong", (data) => {
    pongs.push(data.toString());
    look();
  });
  socket.on("message", (data: Buffer, isBinary) => {
    messages.push(isBinary ? `base64 ${data.toString("base64")}` : data.toString());
    look();
  });
  socket.on("open", () => {
    for (const { text, base64, pieces, ping } of send) {
      if (text !== undefined) socket.send(text);
      if (base64 !== undefined) socket.send(Buffer.from(base64, "base64"));
      if (ping !== undefined) socket.ping(ping);
      for (const [index, piece] of pieces?.entries() ?? []) {
        socket.send(piece, { fin: index + 1 === pieces?.length });
      }
    }
    look();
  });
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  const { protocol, extensions } = socket;
  return { protocol, extensions, messages, pings, pongs, closed: [code, reason.toString()] };
}

/** What a handshake that is refused looks like. */
async function refused({ url }: { url: string }): Promise<object> {
  const socket = open(url);
  const [, response] = await once(socket, "unexpected-response");
  let body = "";
  for await (const part of response) body += part;
  const {
    upgrade,
    connection,
    "www-authenticate": challenge,
    "sec-websocket-version": version,
  } = response.headers;
  return { status: response.statusCode, upgrade, connection, challenge, version, body };
}

/** Sends one message of so many bytes that do not compress, and says whether the same came back. */
async function large({
  url,
  bytes,
  deflate,
}: {
  url: string;
  bytes: number;
  deflate: boolean;
}): Promise<boolean> {
  const socket = open(url, [], { perMessageDeflate: deflate });
  await once(socket, "open");
  const message = randomBytes(bytes);
  socket.send(message);
  const [echo] = (await once(socket, "message")) as [Buffer];
  socket.close();
  await once(socket, "close");
  return message.equals(echo);
}

let release = (): void => {};
const released = new Promise<void>((resolve) => {
  release = resolve;
});

/** Opens so many at once; each sends a token of its own and keeps what it gets. None is closed before `release`. */
async function many({ url, count }: { url: string; count: number }): Promise<object> {
  const sockets = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const socket = open(url);
      await once(socket, "open");
      socket.send(`token ${index}`);
      const [echo] = (await once(socket, "message")) as [Buffer];
      return { socket, isOwn: echo.toString() === `token ${index}` };
    }),
  );
  await released;
  const codes = await Promise.all(
    sockets.map(async ({ socket }) => {
      socket.close(3000);
      return (await once(socket, "close"))[0] as number;
    }),
  );
  return {
    own: sockets.filter(({ isOwn }) => isOwn).length,
    closed: codes.filter((code) => code === 3000).length,
  };
}

/** The one that is kept open over several commands, and how it ends. */
let kept: { socket: WebSocket; ended: Promise<readonly [code: number, reason: string]> } | undefined;
let sent = 0;

async function keep(url: string): Promise<WebSocket> {
  const socket = open(url);
  // `close` follows it.
  socket.on("error", () => {});
  const ended = once(socket, "close").then(([code, reason]) => [code, String(reason)] as const);
  kept = { socket, ended };
  await once(socket, "open");
  return socket;
}

function current(): NonNullable<typeof kept> {
  if (kept === undefined) throw new Error("none is kept");
  return kept;
}

async function flood(socket: WebSocket, messages: number, bytes: number): Promise<void> {
  sent = 0;
  for (let index = 0; index < messages; index++) {
    await new Promise<void>((left) => socket.send(Buffer.alloc(bytes, `${index} `), () => left()));
    sent += bytes;
  }
  socket.close(1000);
}

obey({
  converse,
  refused,
  large,
  many,
  release: () => release(),
  /** Opens one and keeps it. */
  async keep({ url }: { url: string }): Promise<void> {
    await keep(url);
  },
  /** Opens one, keeps it and reads nothing. */
  async stand({ url }: { url: string }): Promise<void> {
    (await keep(url)).pause();
  },
  /** Opens one, keeps it, and begins to send so many messages, none before the one before it has left. */
  async flood({ url, messages, bytes }: { url: string; messages: number; bytes: number }): Promise<void> {
    void flood(await keep(url), messages, bytes);
  },
  /** How many bytes of the flood have left. */
  sent: () => sent,
  /** Sends a text on the one that is kept, and gives what comes back. */
  async ask({ text }: { text: string }): Promise<string> {
    const { socket } = current();
    socket.send(text);
    const [echo] = (await once(socket, "message")) as [Buffer];
    return echo.toString();
  },
  /** Reads all that comes on it to its end, and says what that was. */
  async readOn(): Promise<object> {
    const { socket, ended } = current();
    const hash = createHash("sha256");
    let received = 0;
    socket.on("message", (data: Buffer) => {
      received += data.length;
      hash.update(data);
    });
    socket.resume();
    const closed = await ended;
    return { received, hash: hash.digest("hex"), closed };
  },
  /** Waits for its end. */
  ended: () => current().ended,
  /** Cuts it without a word. */
  terminate: () => current().socket.terminate(),
});
