/** Certificates that are read again while it runs. */
import { expect, test } from "bun:test";
import { TestFolder } from "../config-file/folder.ts";
import { dialTls, request } from "../raw/client.ts";
import { makeCertificates } from "../transport/http1/certificates.ts";
import { Program } from "./program.ts";

const folder = new TestFolder();

test("SIGHUP: a renewed certificate is shown to those who come, and those who are there notice nothing", async () => {
  using a = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("a") });
  const [before, after] = [await makeCertificates(), await makeCertificates()];
  const write = ({ server }: typeof before) => {
    const [cert, key] = [
      folder.write("renewed.pem", server.cert),
      folder.write("renewed-key.pem", server.key),
    ];
    return ["--tls-cert", cert, "--tls-key", key];
  };
  const flags = ["--host", "127.0.0.1", "--port", "0", "--backends", a.url.origin, ...write(before)];
  await using balancer = new Program(flags);
  const [, url = ""] = await balancer.wrote(/listening on (https:\/\/\S+)/);
  const kept = await dialTls(url, before.ca);
  const answered = async (wire: typeof kept) => {
    wire.send(request("GET", "/"));
    await wire.head();
    return (await wire.bytes(1)).toString();
  };
  expect(await answered(kept)).toBe("a");
  write(after);
  balancer.signal("SIGHUP");
  await balancer.wrote(/SIGHUP: the config was read again/);
  expect(await answered(kept)).toBe("a");
  const fresh = await dialTls(url, after.ca);
  expect(await answered(fresh)).toBe("a");
  for (const wire of [kept, fresh]) wire.destroy();
});
