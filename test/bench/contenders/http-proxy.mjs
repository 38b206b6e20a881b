// http-proxy as its README has it, behind Node's own server. Run with a port and the backend's port.
import { Agent, createServer } from "node:http";
import httpProxy from "http-proxy";

const [port, backendPort] = process.argv.slice(2);

const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${backendPort}`,
  xfwd: true,
  // Without an agent each request opens a connection; with Node's default of 256 idle ones kept, more
  // clients than that would still have it open and close them all the time.
  agent: new Agent({ keepAlive: true, maxFreeSockets: 16_384 }),
});
proxy.on("error", (error, _request, response) => {
  console.error(error);
  if (!response.headersSent) response.writeHead(502);
  response.end();
});

const server = createServer((request, response) => proxy.web(request, response));
server.keepAliveTimeout = 75_000;
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
