/**
 * The program that `routing.ts` starts for each measurement: one process for each kind of routes, since in a real one
 * the engine has seen only that kind, too. Prints its samples as JSON.
 *
 * Arguments: the kind of routes, `text` or `bytes` for what requests are.
 */
import { RelayView } from "../../src/front/relay-view.ts";
import { RequestReader } from "../../src/front/request-reader.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import type { RequestView } from "../../src/routing/request-view.ts";
import type { RouteTable } from "../../src/routing/route-table.ts";
import { FEW_ROUTES, headOf, MANY_ROUTES, ROUTE_KINDS, type RouteKindName, tableOf } from "./route-kinds.ts";

const SAMPLES = 21;
const BATCH = 400_000;
const WARM_UP_BATCHES = 5;
/** As many different requests, a power of two. */
const REQUESTS = 64;

const [name, form] = process.argv.slice(2);
const kind = ROUTE_KINDS.find((one) => one === name);
if (kind === undefined) throw new Error(`no kind of routes is called ${name}`);
const CLIENT = { address: "192.0.2.1", port: 1, tls: false, protocol: "1.1" };
const isOfBytes = form === "bytes";

interface Subject {
  readonly table: RouteTable<number>;
  /** What they ask for is spread over all routes. */
  readonly views: readonly RequestView[];
  readonly readers: readonly RequestReader[];
  /** Looks at the requests of one connection. */
  readonly view: RelayView;
}

const few = subjectOf(kind, FEW_ROUTES);
const many = subjectOf(kind, MANY_ROUTES);
for (let batch = 0; batch < WARM_UP_BATCHES; batch++) {
  nanosAMatch(few);
  nanosAMatch(many);
}
const samples: { few: number; many: number }[] = [];
for (let sample = 0; sample < SAMPLES; sample++) {
  samples.push({ few: nanosAMatch(few), many: nanosAMatch(many) });
}
console.log(JSON.stringify(samples));

function subjectOf(kind: RouteKindName, size: number): Subject {
  const table = tableOf(kind, size);
  const view = new RelayView();
  const readers = Array.from({ length: REQUESTS }, (_, index) => {
    const reader = new RequestReader(DEFAULT_LIMITS);
    // Not in their order: what was remembered of the last request would be of use more often among few.
    const wanted = Math.floor(((((index * 37) % REQUESTS) + 0.5) * size) / REQUESTS);
    reader.readHead(headOf(kind, wanted), 0);
    if (table.match(view.of(reader, CLIENT, []))?.payload !== wanted)
      throw new Error(`another route than ${wanted}`);
    return reader;
  });
  // What was worked out once is there from then on: what is left is the matching.
  const views = readers.map((reader) => new RelayView().of(reader, CLIENT, []));
  return { table, views, readers, view };
}

function nanosAMatch({ table, views, readers, view }: Subject): number {
  const startNs = Bun.nanoseconds();
  for (let operation = 0; operation < BATCH; operation++) {
    const index = operation & (REQUESTS - 1);
    const request = isOfBytes
      ? view.of(readers[index] as RequestReader, CLIENT, [])
      : (views[index] as RequestView);
    if (table.match(request) === undefined) throw new Error("no route matched");
  }
  return (Bun.nanoseconds() - startNs) / BATCH;
}
