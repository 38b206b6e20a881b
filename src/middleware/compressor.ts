/** What compresses: the runtime's own zlib, Brotli and Zstandard, behind one small interface. */

/** A content coding that answers are compressed in (RFC 9110 §8.4.1, RFC 7932, RFC 8878), as `Accept-Encoding` calls it. */
export type Coding = "zstd" | "br" | "gzip";

/** How much work each coding is given. */
export interface CompressionLevels {
  /** 1 is the quickest, 9 the smallest. */
  readonly gzipLevel: number;
  /** 0 is the quickest, 11 the smallest. */
  readonly brotliQuality: number;
  /** 1 is the quickest, 19 the smallest. */
  readonly zstdLevel: number;
}

/** Compresses one body, piece by piece. One call at a time. */
export interface Compressor {
  /**
   * Takes bytes in.
   *
   * @returns What came out meanwhile, which may be nothing.
   */
  write(bytes: Uint8Array): Promise<readonly Uint8Array[]>;
  /** Brings out all that was taken in, so that the other side can read it. */
  flush(): Promise<readonly Uint8Array[]>;
  /** Brings out the rest. */
  end(): Promise<readonly Uint8Array[]>;
  /** Gives up its memory. May be called at any time, more than once. */
  close(): void;
}

/** What a runtime can compress with. */
export interface Compressors {
  readonly codings: readonly Coding[];
  /** @param flushesEach Whether each piece written comes out at once. */
  open(coding: Coding, levels: CompressionLevels, flushesEach: boolean): Compressor;
}

/** The part of Node's `zlib` that is used here; Bun and Deno have it too. Zstandard came late: Node 22.15. */
interface NodeZlib {
  readonly constants: Readonly<Record<string, number>>;
  createGzip(options: object): NodeCompressor;
  createBrotliCompress(options: object): NodeCompressor;
  createZstdCompress?(options: object): NodeCompressor;
}

/** A stream of Node's, as far as it is used here. */
interface NodeCompressor {
  on(event: "data", heard: (bytes: Uint8Array) => void): void;
  on(event: "error", heard: (error: Error) => void): void;
  on(event: "end" | "close", heard: () => void): void;
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void;
  flush(done: () => void): void;
  end(): void;
  destroy(): void;
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

/**
 * What this runtime compresses with. `CompressionStream` will not do: it cannot be told to bring out what it holds, so
 * events would wait in it for others to come.
 */
export function runtimeCompressors(): Compressors {
  const { process } = globalThis as { process?: NodeProcess };
  const zlib = process?.getBuiltinModule?.("node:zlib") as NodeZlib | undefined;
  const codings: Coding[] = zlib === undefined ? [] : ["br", "gzip"];
  if (zlib?.createZstdCompress !== undefined) codings.unshift("zstd");
  return {
    codings,
    open(coding, levels, flushesEach) {
      if (zlib === undefined) throw new Error("this runtime has no node:zlib");
      return new ZlibCompressor(nodeCompressor(zlib, coding, levels, flushesEach));
    },
  };
}

/**
 * How far back Brotli and Zstandard look, as a power of two: 256 KiB. Further costs each stream megabytes, and gains
 * little in what is worth compressing on the fly.
 */
const WINDOW_BITS = 18;

function nodeCompressor(
  zlib: NodeZlib,
  coding: Coding,
  levels: CompressionLevels,
  flushesEach: boolean,
): NodeCompressor {
  const { constants } = zlib;
  const flush = (name: string) => (flushesEach ? { flush: constants[name] } : {});
  switch (coding) {
    case "gzip":
      return zlib.createGzip({ level: levels.gzipLevel, ...flush("Z_SYNC_FLUSH") });
    case "br": {
      const params = {
        [constants.BROTLI_PARAM_QUALITY as number]: levels.brotliQuality,
        [constants.BROTLI_PARAM_LGWIN as number]: WINDOW_BITS,
      };
      return zlib.createBrotliCompress({ params, ...flush("BROTLI_OPERATION_FLUSH") });
    }
    case "zstd": {
      if (zlib.createZstdCompress === undefined) throw new Error("this runtime has no Zstandard");
      const params = {
        [constants.ZSTD_c_compressionLevel as number]: levels.zstdLevel,
        [constants.ZSTD_c_windowLog as number]: WINDOW_BITS,
      };
      return zlib.createZstdCompress({ params, ...flush("ZSTD_e_flush") });
    }
  }
}

/** One of Node's compressing streams, asked rather than listened to. */
class ZlibCompressor implements Compressor {
  readonly #stream: NodeCompressor;
  #out: Uint8Array[] = [];
  #failure: Error | undefined;
  /** Settles what is waited for; nothing while nothing is. */
  #settle: () => void = () => {};

  constructor(stream: NodeCompressor) {
    this.#stream = stream;
    // Someone always takes it, so that it never waits for room: what comes of one piece is no more than the piece.
    stream.on("data", (bytes) => this.#out.push(bytes));
    stream.on("error", (error) => this.#fail(error));
    stream.on("close", () => this.#fail(new Error("the compressor was closed")));
  }

  write(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#outcome((done) => this.#stream.write(bytes, done));
  }

  flush(): Promise<readonly Uint8Array[]> {
    return this.#outcome((done) => this.#stream.flush(done));
  }

  end(): Promise<readonly Uint8Array[]> {
    return this.#outcome((done) => {
      this.#stream.on("end", () => done());
      this.#stream.end();
    });
  }

  close(): void {
    this.#stream.destroy();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#settle();
  }

  #outcome(begin: (done: (error?: Error | null) => void) => void): Promise<readonly Uint8Array[]> {
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        this.#settle = () => {};
        const out = this.#out;
        this.#out = [];
        if (this.#failure === undefined) resolve(out);
        else reject(this.#failure);
      };
      if (this.#failure !== undefined) {
        this.#settle();
        return;
      }
      begin((error) => {
        this.#failure ??= error ?? undefined;
        this.#settle();
      });
    });
  }
}
