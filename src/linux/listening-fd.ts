import { boundPort, readSocketOption, SOL_SOCKET } from "./socket-option.ts";

const SO_ACCEPTCONN = 30;

/** The highest file descriptor looked at. A program opens its listening socket as one of its first files. */
const HIGHEST_FD = 1023;

/** A listening socket of this process: it is known by its descriptor, or else found by its port. */
export interface ListeningPlace {
  readonly port: number;
  /** Undefined where the runtime does not tell. */
  readonly fd?: number | undefined;
}

/**
 * The file descriptor of a listening socket of this process.
 *
 * @returns -1 if there is none on that port, or the system cannot be asked.
 */
export function listeningFd({ port, fd }: ListeningPlace): number {
  if (fd !== undefined) return isListening(fd, port) ? fd : -1;
  for (let candidate = 0; candidate <= HIGHEST_FD; candidate++) {
    if (isListening(candidate, port)) return candidate;
  }
  return -1;
}

function isListening(fd: number, port: number): boolean {
  const flag = new Int32Array(1);
  return readSocketOption(fd, SOL_SOCKET, SO_ACCEPTCONN, flag) > 0 && flag[0] === 1 && boundPort(fd) === port;
}
