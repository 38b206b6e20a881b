// httpxy as its README has it, behind Node's own server. Run with a port and the backend's port.
import { Agent, createServer } from "node:http";
import { createProxyServer } from "httpxy";

const [port, backendPort] = process.argv.slice(2);

const proxy = createProxyServer({
  target: `http://127.0.0.1:${backendPort}`,
  xfwd: true,
  // Its own agent keeps 256 idle connections, as Node's does: more clients than that would have it open and
  // close them all the time.
  agent: new Agent({ keepAlive: true, maxFreeSockets: 16_384 }),
});

const server = createServer(async (request, response) => {
  try {
    await proxy.web(request, response);
  } catch (error) {
    console.error(error);
    if (!response.headersSent) response.writeHead(502);
    response.end();
  }
});
server.keepAliveTimeout = 75_000;
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
