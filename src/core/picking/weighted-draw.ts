import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";

/**
 * Draws backends at random, each as likely as its weight says; also without some of them, and then still
 * exactly so.
 *
 * It is the inversion method: the weights lie one after another on a line, and the backend is drawn that has a random
 * point of it. A guide table says for each of n equal pieces of the line where to begin looking (H.-C. Chen and
 * Y. Asau, "On Generating Random Variates from an Empirical Distribution", 1974), so that a draw is O(1) expected, and
 * what is left is bisected, so that none is more than O(log n). The alias method would be as fast, but cannot leave
 * out some without drawing in vain, which may be nearly always if nearly all the weight is theirs.
 */
export class WeightedDraw {
  readonly #random: Random;
  /** Where each backend's part of the line ends; whole numbers, so that nothing is rounded. */
  #ends = new Float64Array(0);
  /** The place at the beginning of each piece of the line, and at its end. */
  #guide: Int32Array = new Int32Array(0);
  #total = 0;
  #places: Map<Backend, number> = new Map();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Makes these the backends to draw from. */
  rebuild(backends: readonly Backend[]): void {
    this.#ends = new Float64Array(backends.length);
    this.#places = new Map();
    this.#total = 0;
    for (const [place, backend] of backends.entries()) {
      this.#total += backend.weight;
      this.#ends[place] = this.#total;
      this.#places.set(backend, place);
    }
    this.#guide = guideOf(this.#ends, this.#total);
  }

  /** The places of these backends, as far as they are among those drawn from, in ascending order. */
  placesOf(backends: readonly Backend[]): number[] {
    const places = new Set<number>();
    for (const backend of backends) {
      const place = this.#places.get(backend);
      if (place !== undefined) places.add(place);
    }
    return [...places].sort((a, b) => a - b);
  }

  /** Draws one, and returns its place among them. Only while there is one. */
  draw(): number {
    return this.#placeAt(this.#random.below(this.#total));
  }

  /** Draws one of the others. Only while there are at least two. */
  drawBut(place: number): number {
    const start = this.#startOf(place);
    const width = (this.#ends[place] as number) - start;
    const point = this.#random.below(this.#total - width);
    return this.#placeAt(point < start ? point : point + width);
  }

  /**
   * Draws one that is at none of these places.
   *
   * @param places In ascending order.
   * @returns -1 if there is none.
   */
  drawOutside(places: readonly number[]): number {
    if (places.length >= this.#ends.length) return -1;
    let left = this.#total;
    for (const place of places) left -= (this.#ends[place] as number) - this.#startOf(place);
    let point = this.#random.below(left);
    for (const place of places) {
      const start = this.#startOf(place);
      if (point < start) break;
      point += (this.#ends[place] as number) - start;
    }
    return this.#placeAt(point);
  }

  #startOf(place: number): number {
    return place === 0 ? 0 : (this.#ends[place - 1] as number);
  }

  /** The place whose part of the line the point is in. */
  #placeAt(point: number): number {
    const ends = this.#ends;
    const piece = Math.floor((point * ends.length) / this.#total);
    let low = this.#guide[piece] as number;
    let high = this.#guide[piece + 1] as number;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function guideOf(ends: Float64Array, total: number): Int32Array {
  const count = ends.length;
  const guide = new Int32Array(count + 1);
  let place = 0;
  for (let piece = 0; piece < count; piece++) {
    while ((ends[place] as number) * count <= piece * total) place += 1;
    guide[piece] = place;
  }
  guide[count] = count - 1;
  return guide;
}
