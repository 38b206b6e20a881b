// Run by Node: reads a JSON array of base64 texts, gives each to Node's own HTTP server as all that comes on one
// connection, and writes which requests the server made of it, and with what mistake it ended.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Duplex } from "node:stream";

const server = createServer();
let reading = { requests: [] };

const pairs = (flat) => flat.flatMap((_, index) => (index % 2 === 0 ? [[flat[index], flat[index + 1]]] : []));

function take(request, response) {
  const taken = {
    method: request.method,
    target: request.url,
    minorVersion: request.httpVersionMinor,
    fields: pairs(request.rawHeaders),
    isDone: false,
    body: "",
    trailers: [],
  };
  reading.requests.push(taken);
  let body = "";
  request.on("data", (chunk) => {
    body += chunk.toString("latin1");
  });
  request.on("end", () => {
    Object.assign(taken, { isDone: true, body, trailers: pairs(request.rawTrailers) });
    response.end();
  });
}

server.on("request", take);
server.on("checkExpectation", take);
server.on("dropRequest", () => {
  throw new Error("a request was dropped");
});
server.on("clientError", (error, socket) => {
  reading.error = error.code;
  // The requests before it are told of later than the mistake.
  setImmediate(() => socket.destroy());
});

function serve(bytes) {
  return new Promise((resolve) => {
    reading = { requests: [] };
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    // A server answers a request without a Host by itself, without an event.
    socket.on("close", () => resolve(reading));
    server.emit("connection", socket);
    socket.push(bytes);
    socket.push(null);
  });
}

const readings = [];
for (const text of JSON.parse(readFileSync(0, "utf8")))
  readings.push(await serve(Buffer.from(text, "base64")));
console.log(JSON.stringify(readings));
