/** What a listener does when the process has no descriptors left: it must come to itself again. */
import { beforeAll, expect, test } from "bun:test";
import { type Certificates, makeCertificates } from "../transport/http1/certificates.ts";
import { Peer } from "./peer.ts";
import { RUNTIMES } from "./runtimes.ts";

/** Enough for each runtime to start, and fewer than there are peers. */
const DESCRIPTORS = 256;
const PEERS = 300;

let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

for (const [name, start] of Object.entries(RUNTIMES)) {
  test(`${name} accepts again once there are descriptors`, async () => {
    const limited = ["sh", "-c", `ulimit -n ${DESCRIPTORS}; exec "$@"`, "sh"];
    const running = await start(certificates.server, limited);
    try {
      const peers: Peer[] = [];
      for (let count = 0; count < PEERS; count++) peers.push(await Peer.dial(running.places.plain));
      const [first] = peers;
      // It has gone on while it could accept no more.
      first?.socket.write("echo\nhello");
      await first?.has(5);
      for (const peer of peers) peer.socket.destroy();
      const late = await Peer.dial(running.places.plain);
      late.socket.write("peer\n");
      expect((await late.whole()).toString()).toBe(`127.0.0.1 ${late.socket.localPort}`);
      late.socket.destroy();
    } finally {
      await running.stop();
    }
  }, 20_000);
}
