/** An IPv4 peer of a socket that serves both families, without its IPv6 prefix (RFC 4291 §2.5.5.2). */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/**
 * Listens on all interfaces: on the IPv6 address that serves both families, or on IPv4 alone where the machine
 * has no IPv6.
 *
 * @param listenAt Listens on one address, or throws.
 * @param hostname Where, if not on all interfaces.
 * @throws What `listenAt` threw last.
 */
export function onAllInterfaces<T>(listenAt: (hostname: string) => T, hostname: string | undefined): T {
  if (hostname !== undefined) return listenAt(hostname);
  try {
    return listenAt("::");
  } catch (error) {
    // A port that is taken is taken in both families.
    if ((error as { code?: unknown }).code === "EADDRINUSE") throw error;
    return listenAt("0.0.0.0");
  }
}
