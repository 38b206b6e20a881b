// @fastify/http-proxy as its README has it; its client, undici, keeps connections by itself. Run with a port
// and the backend's port.
import proxy from "@fastify/http-proxy";
import fastify from "fastify";

const [port, backendPort] = process.argv.slice(2);

// No log, as with the others; the default limit of a body is 1 MiB sharp, whatever streams or not.
const server = fastify({ logger: false, keepAliveTimeout: 75_000, bodyLimit: 64 * 1024 * 1024 });
server.register(proxy, {
  upstream: `http://127.0.0.1:${backendPort}`,
  disableRequestLogging: true,
  replyOptions: {
    // It sends none of these by itself, and the backend's own name for Host.
    rewriteRequestHeaders: (request, headers) => ({
      ...headers,
      host: request.headers.host,
      "x-forwarded-for": request.ip,
      "x-forwarded-host": request.host,
      "x-forwarded-proto": request.protocol,
    }),
  },
});
await server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
