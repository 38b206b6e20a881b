/**
 * The program that `idle.ts` starts: opens many connections to a port, has one request answered on each, and
 * keeps them open. Says READY when all are there, and LOST if one closes before the program is ended.
 *
 * Arguments: the port, how many, the path to ask for and the length of its answer.
 */
import { connect } from "node:net";

/** How many are opened at once: few enough for any backlog. */
const AT_ONCE = 50;

const [port, count, path, replyBytes] = process.argv.slice(2);
const total = Number(count);
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
/** How the answer ends, whether it comes in one piece or in chunks. */
const body = "x".repeat(Number(replyBytes));

let opened = 0;
await Promise.all(Array.from({ length: AT_ONCE }, openSome));
console.log(`READY ${opened}`);

async function openSome(): Promise<void> {
  while (opened < total) {
    opened += 1;
    await openOne();
  }
}

function openOne(): Promise<void> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ port: Number(port), host: "127.0.0.1" }, () => socket.write(request));
    socket.on("data", (bytes: Buffer) => {
      answer += bytes.toString("latin1");
      if (!answer.includes(body)) return;
      if (!answer.startsWith("HTTP/1.1 200 ")) lose(`answered ${answer.slice(0, 60)}`);
      resolve();
    });
    socket.on("error", (error) => lose(error.message));
    socket.on("close", () => lose("closed"));
  });
}

/** One connection less than wanted is already another measurement. */
function lose(reason: string): never {
  console.log(`LOST a connection of ${opened}: ${reason}`);
  process.exit(1);
}
