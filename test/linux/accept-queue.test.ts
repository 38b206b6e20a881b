import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { acceptQueueLength, emptyAcceptQueue, refuseFirstPackets } from "../../src/linux/accept-queue.ts";
import { listeningFd } from "../../src/linux/listening-fd.ts";
import { setSocketOption } from "../../src/linux/socket-option.ts";
import { systemClock } from "../../src/system.ts";
import { dial } from "../raw/client.ts";
import { until } from "../raw/within.ts";

const IPPROTO_TCP = 6;
const TCP_DEFER_ACCEPT = 9;

/** Connects so many times, says of each how that went, and ends. In a process of its own. */
const CONNECTING = `
const [port, count] = process.argv.slice(1).map(Number);
const { connect } = require("node:net");
const outcomes = Array.from({ length: count }, () => new Promise((resolve) => {
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => resolve("connected"));
  socket.once("error", (error) => resolve(error.code));
}));
Promise.all(outcomes).then((all) => { console.log(all.join()); process.exit(); });
`;

/** Connects while this process does nothing else, so that nothing is accepted meanwhile. */
function connectUnaccepted(port: number, count: number): string {
  const words = [process.execPath, "-e", CONNECTING, String(port), String(count)];
  return Bun.spawnSync(words, { timeout: 10_000 }).stdout.toString().trim();
}

describe.skipIf(process.platform !== "linux")("the queue of a listening socket", () => {
  let accepted: Bun.Socket<undefined>[] = [];
  let received = "";
  let listener: Bun.TCPSocketListener<undefined>;
  let fd: number;

  beforeEach(() => {
    accepted = [];
    received = "";
    listener = Bun.listen<undefined>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => void accepted.push(socket),
        data(socket, bytes) {
          received += bytes.toString();
          socket.write("taken\n");
        },
      },
    });
    fd = listeningFd(listener);
  });

  afterEach(() => {
    for (const socket of accepted) socket.terminate();
    listener.stop(true);
  });

  test("is found by the port, and has as many as connected and were not accepted", async () => {
    expect(fd).toBeGreaterThan(2);
    expect(acceptQueueLength(fd)).toBe(0);
    expect(connectUnaccepted(listener.port, 3)).toBe("connected,connected,connected");
    expect(acceptQueueLength(fd)).toBe(3);
    await until("they were accepted", () => accepted.length === 3);
    expect(acceptQueueLength(fd)).toBe(0);
  });

  test("is emptied before it is closed: who is in it is served, who comes later is refused in time", async () => {
    expect(connectUnaccepted(listener.port, 2)).toBe("connected,connected");
    const emptied = emptyAcceptQueue(listener, 5_000, systemClock);
    const late = dial(`http://127.0.0.1:${listener.port}`).then(
      () => "connected",
      (error: NodeJS.ErrnoException) => error.code,
    );
    await emptied;
    expect([accepted.length, acceptQueueLength(fd)]).toEqual([2, 0]);
    listener.stop();
    expect(await late).toBe("ECONNREFUSED");
    expect(accepted).toHaveLength(2);
  });

  test("gets whom it is shaking hands with, also when nobody else comes in any more", async () => {
    // The system then waits for the first bytes with the last packet of the handshake.
    expect(setSocketOption(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, new Int32Array([5]))).toBe(true);
    const wire = await dial(`http://127.0.0.1:${listener.port}`);
    expect([accepted.length, acceptQueueLength(fd)]).toEqual([0, 0]);
    expect(refuseFirstPackets(fd)).toBe(true);
    wire.send("first");
    await until("it was accepted and answered", () => received === "first");
    wire.send(" second");
    await until("it goes on", () => received === "first second");
    wire.destroy();
  });

  test("is left alone if nobody here listens on the port, or no time is given", async () => {
    await emptyAcceptQueue({ port: 1 }, 5_000, systemClock);
    await emptyAcceptQueue({ port: 1, fd }, 5_000, systemClock);
    await emptyAcceptQueue(listener, 0, systemClock);
    (await dial(`http://127.0.0.1:${listener.port}`)).destroy();
    expect(acceptQueueLength(2)).toBe(-1);
  });
});
