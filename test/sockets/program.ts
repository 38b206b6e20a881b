/** The listening side of the contract as a program of its own, in whatever runtime it is started. */
import { runtimeSockets } from "../../src/sockets/index.ts";
import type { ServerTls } from "../../src/sockets/socket.ts";
import { Stage } from "./scripts.ts";

// As any server does. Deno opens what it needs for signals only then, and panics if it has no descriptors left.
process.once("SIGTERM", () => process.exit());
const tls = JSON.parse(process.argv[2] ?? "{}") as ServerTls;
console.log(JSON.stringify(await new Stage(runtimeSockets()).listen(tls)));
