/** A WebSocket server that does with each connection what its path says. Run by Node, told by the test. */
import { createHash, type Hash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { obey } from "./commands.ts";

/** What a connection has come to. */
interface Account {
  path: string;
  protocol: string;
  extensions: string;
  /** The data of pings and pongs that came. */
  pings: string[];
  pongs: string[];
  /** Bytes of messages that came, and what they hash to. */
  received: number;
  hash: string;
  /** Bytes of messages that were sent and left this process. */
  sent: number;
  closed: readonly [code: number, reason: string] | null;
}

const MESSAGE_BYTES = 262_144;

const accounts: Account[] = [];
const sockets: WebSocket[] = [];
/** Those who read what comes only once they are told to. */
let isReading = false;

const server = new WebSocketServer({
  noServer: true,
  maxPayload: 33_554_432,
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => (offered.has("chat.v2") ? "chat.v2" : false),
});

const http = createServer((_request, response) => response.end("not a websocket\n"));

http.on("upgrade", (request, socket, head) => {
  const refusal = REFUSALS[new URL(request.url ?? "/", "http://x").pathname];
  // Whoever was refused may reset the connection.
  if (refusal !== undefined) socket.on("error", () => {}).end(refusal);
  else server.handleUpgrade(request, socket, head, (accepted) => accept(accepted, request));
});

const REFUSALS: Readonly<Record<string, string>> = {
  "/401":
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nConnection: close\r\nContent-Length: 12\r\n\r\nwho are you?",
  "/426":
    "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99\r\nContent-Length: 7\r\n\r\ntoo old",
};

function accept(socket: WebSocket, request: IncomingMessage): void {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
  const { protocol, extensions } = socket;
  const account: Account = {
    path: pathname,
    protocol,
    extensions,
    pings: [],
    pongs: [],
    received: 0,
    hash: "",
    sent: 0,
    closed: null,
  };
  accounts.push(account);
  sockets.push(socket);
  const hash = createHash("sha256");
  socket.on("ping", (data) => account.pings.push(data.toString()));
  socket.on("pong", (data) => account.pongs.push(data.toString()));
  socket.on("close", (code, reason) => {
    account.closed = [code, reason.toString()];
  });
  // What it is told of by `close` as well.
  socket.on("error", () => {});
  socket.on("message", (data: Buffer) => {
    account.received += data.length;
    hash.update(data);
    account.hash = digest(hash);
  });
  PATHS[pathname]?.(socket, searchParams, account, request.socket);
}

function digest(hash: Hash): string {
  return hash.copy().digest("hex");
}

type Behaviour = (socket: WebSocket, query: URLSearchParams, account: Account, plain: Duplex) => void;

const PATHS: Readonly<Record<string, Behaviour>> = {
  "/echo": (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
  "/fragments": (socket) => {
    socket.send("one, ", { fin: false, compress: false });
    socket.ping("between");
    socket.send("two, ", { fin: false, compress: false });
    socket.send("three", { fin: true, compress: false });
  },
  "/close": (socket, query) => {
    const code = query.get("code");
    if (code === null) socket.close();
    else socket.close(Number(code), query.get("reason") ?? "");
  },
  "/terminate": (socket) => socket.terminate(),
  "/ping": (socket) => socket.ping("are you there"),
  "/still": (socket) => {
    if (!isReading) socket.pause();
  },
  "/flood": (socket, query, account) => void flood(socket, Number(query.get("messages")), account),
};

/** Sends so many messages, none before the one before it has left. */
async function flood(socket: WebSocket, messages: number, account: Account): Promise<void> {
  for (let index = 0; index < messages; index++) {
    const message = Buffer.alloc(MESSAGE_BYTES, `${index} `);
    await new Promise<void>((sent) => socket.send(message, { compress: false }, () => sent()));
    account.sent += message.length;
  }
  socket.close(1000, "that was all");
}

obey({
  listen: () =>
    new Promise<object>((listening) =>
      http.listen(0, "127.0.0.1", () =>
        listening({ port: (http.address() as AddressInfo).port, isBun: "bun" in process.versions }),
      ),
    ),
  /** The accounts of the connections to a path. */
  accounts: ({ path }: { path: string }) => accounts.filter((account) => account.path === path),
  /** Lets those on `/still` read on, and all that come. */
  read: () => {
    isReading = true;
    for (const socket of sockets) socket.resume();
  },
  /** Lets all go without a word. */
  forget: () => {
    accounts.length = 0;
    sockets.length = 0;
  },
});
