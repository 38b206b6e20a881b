import { expect, test } from "bun:test";
import { listen } from "../../src/cli/listening.ts";
import { FRONT_NAMES } from "../../src/config/process.ts";
import { listeningFd } from "../../src/linux/listening-fd.ts";
import { readSocketOption, SOL_SOCKET } from "../../src/linux/socket-option.ts";
import { until } from "../raw/within.ts";

/** Which program a socket has: the option's other name is SO_ATTACH_FILTER. */
const SO_GET_FILTER = 26;

/** How many instructions the program has that the system asks about each packet of a socket. */
function filterLength(fd: number): number {
  return readSocketOption(fd, SOL_SOCKET, SO_GET_FILTER, new BigUint64Array(16));
}

for (const front of FRONT_NAMES) {
  test.skipIf(process.platform !== "linux")(
    `before --front ${front} closes its socket, the system is told to let nobody in any more`,
    async () => {
      const places = { port: "--port", host: "--host" };
      const service = { fetch: async () => new Response("ok") };
      const listener = await listen(front, service, { port: 0, hostname: "127.0.0.1" }, places);
      const fd = listeningFd(listener);
      expect([fd > 2, filterLength(fd)]).toEqual([true, 0]);
      const closed = listener.close(5_000);
      await until("it was told", () => filterLength(fd) === 5);
      await closed;
      expect(listeningFd(listener)).toBe(-1);
    },
  );
}
