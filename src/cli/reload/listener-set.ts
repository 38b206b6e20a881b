import type { Listener } from "../../adapters/adapter.ts";
import type { FrontService } from "../../front/front.ts";
import { isSame } from "../../serving/same.ts";
import { spreadAgain, steerAway } from "../../workers/steering.ts";
import type { ListenerSettings } from "../listener-settings.ts";
import { listenAll } from "../listening.ts";

/** A listener that is open, and what it was opened with. */
interface Open {
  readonly address: string;
  readonly settings: ListenerSettings;
  readonly listener: Listener;
  /** Resolved when it takes no more connections. */
  readonly refusing: Promise<void>;
}

/** New listeners that are open, beside those whose place they are to take. */
export interface PreparedListeners {
  /** The addresses of listeners that have changed and cannot be exchanged while they run. */
  readonly unchangeable: readonly string[];
  /**
   * Closes those that are gone. What is under way on them goes on.
   *
   * @param graceMs The longest wait for that, in milliseconds.
   * @returns Those that are new.
   */
  commit(graceMs: number): readonly Listener[];
  /** Closes the new ones again; then nothing has changed. */
  cancel(): Promise<void>;
}

/** Only Linux lets one socket take over from another on the same port. */
const CAN_SHARE = process.platform === "linux";

/** The listeners of a process, which can be exchanged for others without a connection lost. */
export class ListenerSet {
  readonly #service: FrontService;
  readonly #mayChange: boolean;
  #open: readonly Open[] = [];
  /** The end of those that were replaced last: until then Linux counts them in. */
  #retired: Promise<unknown> = Promise.resolve();

  private constructor(service: FrontService, mayChange: boolean) {
    this.#service = service;
    this.#mayChange = mayChange;
  }

  /**
   * Listens everywhere, or nowhere.
   *
   * @param mayChange Whether they may be exchanged later, which takes sockets that share their ports.
   * @throws ConfigError if a port is taken or an address is not this machine's.
   */
  static async listen(
    service: FrontService,
    settings: readonly ListenerSettings[],
    mayChange: boolean,
  ): Promise<ListenerSet> {
    const set = new ListenerSet(service, mayChange && CAN_SHARE);
    if (set.#mayChange) await refuseTakenPorts(settings);
    set.#open = await set.#listen(
      settings,
      addressesOf(settings),
      settings.map(({ port }) => port),
    );
    return set;
  }

  /** In the order of the settings. */
  get listeners(): readonly Listener[] {
    return this.#open.map(({ listener }) => listener);
  }

  /**
   * Opens what other settings have that is new. Nothing is closed yet.
   *
   * @throws ConfigError if a port is taken or an address is not this machine's; then nothing has changed.
   */
  async prepare(settings: readonly ListenerSettings[]): Promise<PreparedListeners> {
    await this.#retired;
    const addresses = addressesOf(settings);
    const before = new Map(this.#open.map((open) => [open.address, open]));
    const wanted = settings.map((one, index) => {
      const address = addresses[index] as string;
      const old = before.get(address);
      const isKept = old !== undefined && (isAlike(old.settings, one) || !this.#mayChange);
      return { settings: one, address, old, isKept };
    });
    const opened = wanted.filter(({ isKept }) => !isKept);
    await refuseTakenPorts(opened.filter(({ old }) => old === undefined).map(({ settings }) => settings));
    const made = await this.#listen(
      opened.map(({ settings }) => settings),
      opened.map(({ address }) => address),
      opened.map(({ old, settings }) => old?.listener.port ?? settings.port),
    );
    const fresh = new Map(made.map((open) => [open.address, open]));
    return {
      unchangeable: wanted.flatMap(({ old, isKept, settings, address }) =>
        isKept && old !== undefined && !isAlike(old.settings, settings) ? [address] : [],
      ),
      commit: (graceMs) => {
        const after = wanted.map(({ address, old }) => fresh.get(address) ?? (old as Open));
        const gone = this.#open.filter((open) => !after.includes(open));
        this.#open = after;
        this.#retired = Promise.all(gone.map((open) => retire(open, fresh.get(open.address), graceMs)));
        return made.map(({ listener }) => listener);
      },
      cancel: async () => {
        await Promise.all(made.map(({ listener }) => listener.close(0)));
      },
    };
  }

  /** @param ports Where each listens: one that takes over from another is where that is, however it came there. */
  async #listen(
    settings: readonly ListenerSettings[],
    addresses: readonly string[],
    ports: readonly number[],
  ): Promise<Open[]> {
    const ends = settings.map(() => Promise.withResolvers<void>());
    const listeners = await listenAll(this.#service, settings, (index) => ({
      port: ports[index] as number,
      reusePort: this.#mayChange,
      onRefusing: () => ends[index]?.resolve(),
    }));
    return listeners.map((listener, index) => ({
      address: addresses[index] as string,
      settings: settings[index] as ListenerSettings,
      listener,
      refusing: (ends[index] as (typeof ends)[number]).promise,
    }));
  }
}

/**
 * Makes sure that nobody else has the ports: sockets that may share one would take it from each other without
 * a word, be it two balancers.
 *
 * @throws ConfigError if a port is taken or an address is not this machine's.
 */
export async function refuseTakenPorts(settings: readonly ListenerSettings[]): Promise<void> {
  const service = { fetch: async () => new Response(null, { status: 503 }) };
  const fixed = settings.filter(({ port }) => port !== 0);
  for (const listener of await listenAll(service, fixed)) await listener.close(0);
}

/** What tells listeners apart, by which one is known again; those on free ports by their order. */
function addressesOf(settings: readonly ListenerSettings[]): string[] {
  let free = 0;
  return settings.map(({ host = "*", port }) => (port === 0 ? `${host}:0#${++free}` : `${host}:${port}`));
}

/** Whether listeners say the same, wherever that is written. */
export function areAlike(some: readonly ListenerSettings[], others: readonly ListenerSettings[]): boolean {
  return (
    some.length === others.length &&
    some.every((one, index) => isAlike(one, others[index] as ListenerSettings))
  );
}

function isAlike(
  { places: _, ...one }: ListenerSettings,
  { places: _places, ...other }: ListenerSettings,
): boolean {
  return isSame(one, other);
}

/** Closes a listener, from which another one on its port may have taken over. Resolves when it takes no more. */
async function retire(
  { listener, refusing }: Open,
  successor: Open | undefined,
  graceMs: number,
): Promise<void> {
  // The older one is the first of the group.
  if (successor !== undefined) steerAway(listener, { index: 0, count: 2 });
  void listener.close(graceMs);
  await refusing;
  if (successor !== undefined) spreadAgain(successor.listener);
}
