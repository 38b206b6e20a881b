import { ptr } from "bun:ffi";
import { SOL_SOCKET, setSocketOption } from "./socket-option.ts";

/**
 * One instruction of the classic Berkeley Packet Filter (McCanne and Jacobson, "The BSD Packet Filter", USENIX
 * 1993): what to do, how many instructions to skip if a comparison holds and if not, and a number.
 */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** The codes that are used here (`linux/bpf_common.h`). */
export const Code = {
  loadWord: 0x20,
  loadByte: 0x30,
  add: 0x04,
  and: 0x54,
  modulo: 0x94,
  jumpIfEqual: 0x15,
  jumpIfAtLeast: 0x35,
  returnValue: 0x06,
  returnAccumulator: 0x16,
} as const;

/** Where a load finds a random number instead of a byte of the packet (SKF_AD_OFF + SKF_AD_RANDOM). */
export const RANDOM = 0xffff_f038;

const INSTRUCTION_BYTES = 8;

/**
 * Gives the system a program for a socket, which needs no privilege.
 *
 * @param option The option by which it is given, which says what it is asked about.
 * @returns Whether the system took it.
 */
export function attachProgram(fd: number, option: number, program: readonly Instruction[]): boolean {
  const view = new DataView(new ArrayBuffer(program.length * INSTRUCTION_BYTES));
  for (const [index, [code, ifTrue, ifFalse, value]] of program.entries()) {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, value, true);
  }
  // struct sock_fprog: the number of instructions, and where they are.
  const where = new BigUint64Array([BigInt(program.length), BigInt(ptr(view))]);
  return setSocketOption(fd, SOL_SOCKET, option, where);
}
