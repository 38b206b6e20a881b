import { answerBytes, answerEcho, answerSlow, answerStatusCode, answerStream } from "./endpoints.ts";
import { BadParameter } from "./parameters.ts";

/** How a test server is set up. */
export interface TestAppOptions {
  /** What it calls itself in its answers, such as `Server-1`. */
  readonly name: string;
  /** After how many answered requests it fails, not counting `/health`, `/fail` and `/recover`; 0 is never. Default 0. */
  readonly failAfter?: number;
}

/** A server to put behind a balancer: it says who it is and what it received, and can be told to misbehave. */
export interface TestApp {
  /** Answers a request. Needs no `this`. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** True while it answers 503 to everything. */
  readonly failed: boolean;
}

type Endpoint = (request: Request, url: URL) => Response | Promise<Response>;

/** The paths that do something particular; every other path says what was received. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "/slow": answerSlow,
  "/stream": answerStream,
  "/bytes": answerBytes,
  "/status": answerStatusCode,
  "/echo": answerEcho,
};

/**
 * Makes a test server's application, with its own state. It opens no socket.
 *
 * `/health` answers 200, and 503 once it has failed. `/fail` makes it fail: from then on it answers 503 to
 * everything until `/recover`. `/slow?ms=`, `/stream?chunks=&ms=`, `/bytes?n=`, `/status?code=` and `/echo`
 * do as they say. A parameter that makes no sense is answered with 400 and one sentence.
 */
export function createTestApp(options: TestAppOptions): TestApp {
  return new CountingTestApp(options.name, options.failAfter ?? 0);
}

class CountingTestApp implements TestApp {
  readonly #name: string;
  readonly #failAfter: number;
  #answered = 0;
  #isFailed = false;

  constructor(name: string, failAfter: number) {
    this.#name = name;
    this.#failAfter = failAfter;
  }

  get failed(): boolean {
    return this.#isFailed;
  }

  readonly fetch = (request: Request): Response | Promise<Response> => {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/health":
        return this.#isFailed ? this.#refuse() : this.#say(200, "healthy");
      case "/fail":
        this.#isFailed = true;
        return this.#say(200, "fails from now on");
      case "/recover":
        this.#isFailed = false;
        this.#answered = 0;
        return this.#say(200, "has recovered");
    }
    if (this.#isFailed) return this.#refuse();
    this.#answered += 1;
    if (this.#answered === this.#failAfter) this.#isFailed = true;
    return this.#answer(request, url);
  };

  #answer(request: Request, url: URL): Response | Promise<Response> {
    const endpoint = Object.hasOwn(ENDPOINTS, url.pathname) ? ENDPOINTS[url.pathname] : undefined;
    if (endpoint === undefined) return describe(this.#name, request, url);
    try {
      return endpoint(request, url);
    } catch (error) {
      if (error instanceof BadParameter) return this.#say(400, error.message);
      throw error;
    }
  }

  #refuse(): Response {
    return this.#say(503, "has failed");
  }

  #say(status: number, words: string): Response {
    return new Response(`${this.#name}: ${words}\n`, { status, headers: { "x-server": this.#name } });
  }
}

/** Who answers, and what was received: JSON for those who ask for it, else text. */
function describe(name: string, request: Request, url: URL): Response {
  const { method } = request;
  const headers = { "x-server": name };
  if (request.headers.get("accept")?.includes("application/json")) {
    const received = {
      server: name,
      method,
      path: url.pathname,
      query: url.search,
      headers: [...request.headers],
    };
    return new Response(`${JSON.stringify(received, null, 2)}\n`, {
      headers: { ...headers, "content-type": "application/json" },
    });
  }
  const lines = [`Hello from ${name}`, `${method} ${url.pathname}${url.search}`, ""];
  for (const [field, value] of request.headers) lines.push(`${field}: ${value}`);
  return new Response(`${lines.join("\n")}\n`, {
    headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
  });
}
