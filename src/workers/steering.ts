import { attachProgram, Code, RANDOM } from "../linux/classic-bpf.ts";
import { type ListeningPlace, listeningFd } from "../linux/listening-fd.ts";
import { SOL_SOCKET, setSocketOption } from "../linux/socket-option.ts";
import type { Place } from "./port-group.ts";

/**
 * Takes new connections away from one of the sockets that share a port, before it is closed.
 *
 * Closing a listening socket resets the connections that wait in its queue. Linux can be told to give it no more:
 * a program of five instructions (classic BPF, needing no privilege) chooses at random among the others, so
 * that no client waits. What was in the queue is then accepted as ever, and closing costs nobody anything.
 *
 * Where that fails, the roll still works; a client that connects in the moment of closing may then have to try
 * for a second.
 */

const SO_ATTACH_REUSEPORT_CBPF = 51;
const SO_DETACH_REUSEPORT_BPF = 68;

/**
 * Lets new connections to the port go to the other sockets of the group only.
 *
 * @param listening The socket of this process.
 * @param place Its place in the group; the count is at least 2.
 * @returns Whether the system took it.
 */
export function steerAway(listening: ListeningPlace, { index, count }: Place): boolean {
  const fd = listeningFd(listening);
  // A random number below count - 1, plus one from the index on.
  return (
    fd >= 0 &&
    attachProgram(fd, SO_ATTACH_REUSEPORT_CBPF, [
      [Code.loadWord, 0, 0, RANDOM],
      [Code.modulo, 0, 0, count - 1],
      [Code.jumpIfAtLeast, 0, 1, index],
      [Code.add, 0, 0, 1],
      [Code.returnAccumulator, 0, 0, 0],
    ])
  );
}

/**
 * Lets new connections go to all sockets of the group again, by the system's own hash.
 *
 * @param listening The socket of this process.
 * @returns Whether anything had to be undone, and was.
 */
export function spreadAgain(listening: ListeningPlace): boolean {
  const fd = listeningFd(listening);
  return fd >= 0 && setSocketOption(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, new Int32Array(1));
}
