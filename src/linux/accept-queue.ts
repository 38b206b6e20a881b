import type { Clock } from "../core/clock.ts";
import { attachProgram, Code, type Instruction } from "./classic-bpf.ts";
import { type ListeningPlace, listeningFd } from "./listening-fd.ts";
import { readSocketOption } from "./socket-option.ts";

/**
 * Lets the queue of a listening socket run empty before it is closed.
 *
 * The system makes connections and puts them into a queue, from which the program accepts them. Closing the
 * socket resets those that still wait, although to their clients they are connected; and on a busy one there is
 * no moment at which none waits. So the system is first told to begin no more: a program of five instructions
 * drops each packet that asks for a connection. Handshakes that have begun go on, and what was in the queue is
 * accepted as ever. A client whose packet is dropped sends it again after a second (RFC 6298 §2), and is then
 * refused, or reaches whoever listens on the port by then.
 *
 * Where the system cannot do this, closing costs what it would have cost.
 */

const SO_ATTACH_FILTER = 26;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;

/** What of `struct tcp_info` is asked for, and where in it the queue's length is: `tcpi_unacked`, for one that listens. */
const TCP_INFO_BYTES = 32;
const QUEUE_LENGTH_AT = 24;

/** Where the flags are in a TCP header (RFC 9293 §3.1), and the two of them that tell the first packet from all others. */
const FLAGS_AT = 13;
const SYN = 0x02;
const SYN_AND_ACK = 0x12;

/** It begins at the TCP header. What it returns is how much of a packet is kept. */
const DROP_FIRST_PACKETS: readonly Instruction[] = [
  [Code.loadByte, 0, 0, FLAGS_AT],
  [Code.and, 0, 0, SYN_AND_ACK],
  [Code.jumpIfEqual, 0, 1, SYN],
  [Code.returnValue, 0, 0, 0],
  [Code.returnValue, 0, 0, 0xffff_ffff],
];

/** How long handshakes that have begun get for their last packet, in milliseconds: a way to the client and back. */
const HANDSHAKE_MS = 200;
/** How often the queue is then looked at, in milliseconds. */
const POLL_MS = 10;
/** The longest wait for it, in milliseconds: a program without descriptors may accept nothing any more. */
const QUEUE_MS = 1_000;

/**
 * Has a listening socket take no more connections, and waits until those that it took are accepted.
 *
 * @param atMostMs The longest wait, in milliseconds. 0 does nothing.
 */
export async function emptyAcceptQueue(place: ListeningPlace, atMostMs: number, clock: Clock): Promise<void> {
  if (atMostMs <= 0) return;
  const fd = listeningFd(place);
  if (fd < 0 || !refuseFirstPackets(fd)) return;
  await wait(Math.min(HANDSHAKE_MS, atMostMs), clock);
  const untilMs = clock.nowMs() + Math.min(QUEUE_MS, atMostMs - HANDSHAKE_MS);
  while (acceptQueueLength(fd) > 0 && clock.nowMs() < untilMs) await wait(POLL_MS, clock);
}

/**
 * Has a listening socket take no more connections. Nothing takes that back.
 *
 * @returns Whether the system took it.
 */
export function refuseFirstPackets(fd: number): boolean {
  return attachProgram(fd, SO_ATTACH_FILTER, DROP_FIRST_PACKETS);
}

/** How many connections wait to be accepted; -1 if the system does not say. */
export function acceptQueueLength(fd: number): number {
  const info = new Uint8Array(TCP_INFO_BYTES);
  if (readSocketOption(fd, IPPROTO_TCP, TCP_INFO, info) < TCP_INFO_BYTES) return -1;
  return new DataView(info.buffer).getUint32(QUEUE_LENGTH_AT, true);
}

function wait(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
