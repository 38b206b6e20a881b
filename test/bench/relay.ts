// What anyone would write first. Run with a port and the backend's port.
const [port, backendPort] = process.argv.slice(2);
const backend = `http://127.0.0.1:${backendPort}`;

Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  fetch({ url, method, headers, body }) {
    const target = backend + url.slice(url.indexOf("/", 8));
    return fetch(target, { method, headers, body, redirect: "manual", decompress: false });
  },
});
