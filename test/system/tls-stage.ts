import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { dialTls } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { type Certificates, makeCertificates } from "../transport/http1/certificates.ts";
import { Program } from "./program.ts";
import { listeningUrl } from "./stage.ts";

/** Certificates in files, and an echo behind a balancer that shows one of them. */
export class TlsStage implements AsyncDisposable {
  readonly folder: string;
  readonly certificates: Certificates;
  /** Answers with the request's body, and with what came as `X-Forwarded-Proto` and `X-Forwarded-For`. */
  readonly #echo = Bun.serve({
    port: 0,
    fetch: async (request) => {
      const seen = ["x-forwarded-proto", "x-forwarded-for"].map((name) => request.headers.get(name));
      return new Response(await request.arrayBuffer(), { headers: { "x-seen": seen.join(" ") } });
    },
  });

  private constructor(folder: string, certificates: Certificates) {
    this.folder = folder;
    this.certificates = certificates;
  }

  /** Makes certificates and writes them. */
  static async make(): Promise<TlsStage> {
    const stage = new TlsStage(await mkdtemp(join(tmpdir(), "lb-tls-")), await makeCertificates());
    await stage.write(stage.certificates);
    return stage;
  }

  /** Writes these certificates where the balancer looks for its own, the authority's after the server's. */
  async write({ ca, server }: Certificates): Promise<void> {
    await writeFile(join(this.folder, "ca.pem"), ca);
    await writeFile(join(this.folder, "cert.pem"), server.cert + ca);
    await writeFile(join(this.folder, "key.pem"), server.key);
  }

  /** The flags that a balancer needs, but for those of TLS. */
  get flags(): readonly string[] {
    return ["--port", "0", "--backends", `http://localhost:${this.#echo.port}`];
  }

  /** The flags of TLS. */
  get tlsFlags(): readonly string[] {
    return ["--tls-cert", join(this.folder, "cert.pem"), "--tls-key", join(this.folder, "key.pem")];
  }

  /** Starts a balancer, and waits until it listens. */
  async balancer(...flags: readonly string[]): Promise<[Program, string]> {
    const program = new Program([...this.flags, ...this.tlsFlags, ...flags]);
    const url = await listeningUrl(program);
    await program.wrote(/ is up: /);
    return [program, url];
  }

  /** Connects with TLS, believing the authority. */
  dial(url: string, ca = this.certificates.ca): Promise<Wire & { readonly socket: TLSSocket }> {
    return dialTls(url, ca);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#echo.stop(true);
    await rm(this.folder, { recursive: true });
  }
}
