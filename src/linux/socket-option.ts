import { dlopen, ptr } from "bun:ffi";

/**
 * The few calls of the C library for which neither Bun nor Node has one of its own. They need no privilege.
 * A sandbox may forbid them: then they fail, and whoever asks does without.
 */

const CALLS = {
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
} as const;

/** The level of the options that every kind of socket has. */
export const SOL_SOCKET = 1;

type CLibrary = ReturnType<typeof dlopen<typeof CALLS>>["symbols"];

/** glibc's name, then musl's. */
const LIBRARIES = [
  "libc.so.6",
  "libc.so",
  `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
];

let library: CLibrary | undefined;

/**
 * Sets an option of a socket.
 *
 * @returns Whether the system took it.
 */
export function setSocketOption(
  fd: number,
  level: number,
  option: number,
  value: NodeJS.TypedArray,
): boolean {
  library ??= openLibrary();
  return library?.setsockopt(fd, level, option, ptr(value), value.byteLength) === 0;
}

/**
 * Asks for an option of a socket.
 *
 * @param value What is filled, as far as the system has something.
 * @returns How many bytes were filled; -1 if the system does not say.
 */
export function readSocketOption(
  fd: number,
  level: number,
  option: number,
  value: NodeJS.TypedArray,
): number {
  library ??= openLibrary();
  const length = new Uint32Array([value.byteLength]);
  const isKnown = library?.getsockopt(fd, level, option, ptr(value), ptr(length)) === 0;
  return isKnown ? (length[0] as number) : -1;
}

/**
 * The port that a socket is bound to.
 *
 * @returns -1 if it is not one with a port.
 */
export function boundPort(fd: number): number {
  library ??= openLibrary();
  const address = new Uint8Array(128);
  const length = new Uint32Array([address.byteLength]);
  if (library?.getsockname(fd, ptr(address), ptr(length)) !== 0) return -1;
  const view = new DataView(address.buffer);
  const family = new Uint16Array(address.buffer, 0, 1)[0];
  // IPv4 and IPv6 addresses both have the port after the family, in network order.
  return family === AF_INET || family === AF_INET6 ? view.getUint16(2) : -1;
}

const AF_INET = 2;
const AF_INET6 = 10;

function openLibrary(): CLibrary | undefined {
  if (process.platform !== "linux") return undefined;
  for (const name of LIBRARIES) {
    try {
      return dlopen(name, CALLS).symbols;
    } catch {
      // Only the last name's failure says anything, and that is told by what comes back.
    }
  }
  return undefined;
}
