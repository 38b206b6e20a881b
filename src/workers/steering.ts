import { dlopen, ptr } from "bun:ffi";
import type { Place } from "./port-group.ts";

/**
 * Takes new connections away from one of the sockets that share a port, before it is closed.
 *
 * Closing a listening socket resets the connections that wait in its queue, and there is no moment at which
 * a busy one's queue is sure to stay empty. So Linux is first told to give it no more: a program of five
 * instructions (classic BPF, needing no privilege) chooses at random among the others. What was in the queue
 * is then accepted as ever, and closing costs nobody anything.
 *
 * Neither Bun nor Node has a call for this, so it goes to the C library. Where that fails, the roll still
 * works; a connection that arrives in the very moment of closing may then be reset.
 */

const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const SO_DETACH_REUSEPORT_BPF = 68;

/** The highest file descriptor looked at. A worker opens its listening socket as one of its first files. */
const HIGHEST_FD = 1023;

const CALLS = {
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
} as const;

type CLibrary = ReturnType<typeof dlopen<typeof CALLS>>["symbols"];

/** glibc's name, then musl's. */
const LIBRARIES = [
  "libc.so.6",
  "libc.so",
  `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
];

/**
 * Lets new connections to the port go to the other sockets of the group only.
 *
 * @param port The one that this process listens on.
 * @param place This process's place in the group; its count is at least 2.
 * @returns Whether the system took it.
 */
export function steerAway(port: number, place: Place): boolean {
  const c = openLibrary();
  const fd = c === undefined ? -1 : listeningFd(c, port);
  if (c === undefined || fd < 0) return false;
  const filter = skipping(place);
  // struct sock_fprog: the number of instructions, and where they are.
  const program = new BigUint64Array([BigInt(filter.length / 8), BigInt(ptr(filter))]);
  return c.setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, ptr(program), program.byteLength) === 0;
}

/**
 * Lets new connections go to all sockets of the group again, by the system's own hash.
 *
 * @param port The one that this process listens on.
 * @returns Whether anything had to be undone, and was.
 */
export function spreadAgain(port: number): boolean {
  const c = openLibrary();
  const fd = c === undefined ? -1 : listeningFd(c, port);
  if (c === undefined || fd < 0) return false;
  const nothing = new Int32Array(1);
  return c.setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, ptr(nothing), nothing.byteLength) === 0;
}

/** The program: a random number below count - 1, plus one from the index on. */
function skipping({ index, count }: Place): Uint8Array {
  const instructions = [
    [0x20, 0, 0, 0xffff_f038], // load a random number (SKF_AD_OFF + SKF_AD_RANDOM)
    [0x94, 0, 0, count - 1], // modulo
    [0x35, 0, 1, index], // at least the index?
    [0x04, 0, 0, 1], // then one more
    [0x16, 0, 0, 0], // return it
  ] as const;
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [line, [code, yes, no, value]] of instructions.entries()) {
    view.setUint16(line * 8, code, true);
    view.setUint8(line * 8 + 2, yes);
    view.setUint8(line * 8 + 3, no);
    view.setUint32(line * 8 + 4, value, true);
  }
  return new Uint8Array(view.buffer);
}

function listeningFd(c: CLibrary, port: number): number {
  const flag = new Int32Array(1);
  const flagLength = new Uint32Array(1);
  const address = new Uint8Array(128);
  const addressLength = new Uint32Array(1);
  for (let fd = 0; fd <= HIGHEST_FD; fd++) {
    flag[0] = 0;
    flagLength[0] = flag.byteLength;
    if (c.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, ptr(flag), ptr(flagLength)) !== 0 || flag[0] !== 1)
      continue;
    addressLength[0] = address.byteLength;
    // IPv4 and IPv6 addresses both have the port after the family, in network order.
    const isNamed = c.getsockname(fd, ptr(address), ptr(addressLength)) === 0;
    if (isNamed && new DataView(address.buffer).getUint16(2) === port) return fd;
  }
  return -1;
}

function openLibrary(): CLibrary | undefined {
  for (const name of LIBRARIES) {
    try {
      return dlopen(name, CALLS).symbols;
    } catch {
      // Only the last name's failure says anything, and that is told by the return.
    }
  }
  return undefined;
}
